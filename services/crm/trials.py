"""How a filter proves itself: it is asked for a record that is known to be there. Pure.

A property that cannot be searched may be refused, ignored, or answered with nothing at all, and only the first of
these is an error. So what counts is whether the known record is shown, and whether others are that do not fit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.crm.answers import whole
from services.crm.lookup import contains, equals, not_before, one_of
from services.crm.parsing import Row, id_of, instant, is_zoned, text
from services.crm.profile import ONE_OF, PART_OF_CODE, Verdict
from services.crm.settings import ROME

MODIFIED = "lastModifiedDate"
_NOBODYS = 1


@dataclass(frozen=True)
class Trial:
    """One search, whether a row fits it, and the known record that it must show; None where none is known."""

    names: tuple[str, ...]
    condition: str
    fits: Callable[[Row], bool]
    witness: int | None


def plan_trial(names: tuple[str, ...], known: Sequence[Row], *, zones: Iterable[ZoneInfo]) -> Trial:
    """The trial of a filter over these properties, with the newest of the known rows that has them all."""
    if names == (ONE_OF,):
        return _one_of(sorted(map(id_of, known))[-2:])
    able = [row for row in known if all(_has(row, name) for name in names)]
    if names == ("id",):
        return _beyond(max(map(id_of, able), default=None))
    if MODIFIED in names:
        able.sort(key=lambda row: _earliest(row, zones) or datetime.min.replace(tzinfo=UTC))
    else:
        able.sort(key=id_of)
    witness = able[-1] if able else {}
    parts = [_part(name, witness, zones=list(zones)) for name in names]
    return Trial(
        names=names,
        condition=" and ".join(condition for condition, _ in parts),
        fits=lambda row: all(fits(row) for _, fits in parts),
        witness=id_of(witness) if witness else None,
    )


def judge(trial: Trial, shown: Mapping[int, Row], *, page_size: int) -> Verdict:
    """What the answer to a trial proves; of a shown record that we know nothing about, the row is empty."""
    strays = any(row and not trial.fits(row) for row in shown.values())
    if trial.witness is None:
        return Verdict.IGNORED if strays else Verdict.UNPROVEN
    if trial.witness not in shown and len(shown) < page_size:
        return Verdict.BLIND
    return Verdict.IGNORED if strays else Verdict.SEARCHABLE


def readings_of(
    written: object, settings_zone: ZoneInfo, *, now: datetime | None
) -> dict[ZoneInfo, datetime]:
    """What a date of the past can mean: in the zone that is set, and in the other likely one.

    Nothing for a date that names its zone itself. What would lie in the CRM's future is left out.

    >>> now = datetime(2026, 12, 21, 9, 5, tzinfo=UTC)
    >>> [zone.key for zone in readings_of("2026-12-21T10:00:00", ROME, now=now)]
    ['Europe/Rome']
    >>> [zone.key for zone in readings_of("2026-12-20T10:00:00", ROME, now=now)]
    ['Europe/Rome', 'UTC']
    >>> readings_of("2026-12-21T09:00:00Z", ROME, now=now)
    {}
    """
    if is_zoned(written):
        return {}
    read = {zone: instant(written, zone=zone) for zone in likely_zones(settings_zone)}
    latest = None if now is None else now + timedelta(minutes=1)
    return {zone: at for zone, at in read.items() if at is not None and (latest is None or at <= latest)}


def likely_zones(settings_zone: ZoneInfo) -> tuple[ZoneInfo, ZoneInfo]:
    """The zone that is set, and the one that dates are of when it is wrong."""
    return settings_zone, ROME if settings_zone.key == "UTC" else ZoneInfo("UTC")


def between(read: Mapping[ZoneInfo, datetime]) -> datetime:
    """The instant that tells two readings of a date apart: the record was changed since then only by the later one."""
    return min(read.values()) + (max(read.values()) - min(read.values())) / 2


def _one_of(numbers: Sequence[int]) -> Trial:
    asked_for = numbers or [_NOBODYS]
    return Trial(
        (ONE_OF,), one_of(asked_for), lambda row: id_of(row) in asked_for, max(numbers, default=None)
    )


def _beyond(number: int | None) -> Trial:
    least = number or _NOBODYS
    return Trial(("id",), f"id gt {least - 1}", lambda row: id_of(row) >= least, number)


def _part(name: str, witness: Row, *, zones: Sequence[ZoneInfo]) -> tuple[str, Callable[[Row], bool]]:
    if name == MODIFIED:
        # A filter names whole seconds.
        since = (_earliest(witness, zones) or datetime(2000, 1, 1, tzinfo=UTC)).replace(microsecond=0)
        return not_before(name, since), lambda row: (_latest(row, zones) or since) >= since
    if name == PART_OF_CODE:
        part = text(witness.get("code"))[1:] or "-"
        return contains("code", part), lambda row: part in text(row.get("code"))
    if name == "code":
        code = text(witness.get(name)) or "-"
        return equals(name, code), lambda row: text(row.get(name)) == code
    number = whole(witness.get(name)) or _NOBODYS
    return equals(name, number), lambda row: whole(row.get(name)) == number


def _has(row: Row, name: str) -> bool:
    if name == MODIFIED:
        return instant(row.get(name), zone=ROME) is not None
    if name in ("code", PART_OF_CODE):
        return bool(text(row.get("code"))[1:].strip())
    return bool(whole(row.get(name)))


def properties_of(names: Iterable[str]) -> list[str]:
    """The properties that a filter looks at.

    >>> properties_of(["crossId", "contains(code)"])
    ['crossId', 'code']
    """
    return [{PART_OF_CODE: "code", ONE_OF: "id"}.get(name, name) for name in names]


def _earliest(row: Row, zones: Iterable[ZoneInfo]) -> datetime | None:
    return min(_readings(row, zones), default=None)


def _latest(row: Row, zones: Iterable[ZoneInfo]) -> datetime | None:
    return max(_readings(row, zones), default=None)


def _readings(row: Row, zones: Iterable[ZoneInfo]) -> list[datetime]:
    return [at for zone in zones if (at := instant(row.get(MODIFIED), zone=zone)) is not None]
