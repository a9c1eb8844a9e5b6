"""How a filter is proven: it is asked for a record that is known to exist. Pure.

If a property cannot be searched, the CRM may refuse it, ignore it, or answer with nothing. Only the first of these is
an error. So the criterion is whether the known record is shown, and whether others are that do not match.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.crm.crm_in_cloud.parsing import Row, id_of, instant, is_zoned, text
from services.crm.crm_in_cloud.profile import ONE_OF, PART_OF_CODE, Verdict
from services.crm.crm_in_cloud.responses import whole
from services.crm.crm_in_cloud.search import contains, equals, not_before, one_of
from services.crm.crm_in_cloud.settings import ROME

MODIFIED = "lastModifiedDate"
_UNUSED_ID = 1


@dataclass(frozen=True)
class Trial:
    """One search, whether a row matches it, and the known record that it must show; None if none is known."""

    names: tuple[str, ...]
    condition: str
    fits: Callable[[Row], bool]
    witness: int | None


def plan_trial(names: tuple[str, ...], known: Sequence[Row], *, zones: Iterable[ZoneInfo]) -> Trial:
    """Return the trial of a filter over these properties, with the newest known row that has them all."""
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
    """Return what the answer to a trial proves. A shown record that is not known has an empty row."""
    others = any(row and not trial.fits(row) for row in shown.values())
    if trial.witness is None:
        return Verdict.IGNORED if others else Verdict.UNPROVEN
    if trial.witness not in shown and len(shown) < page_size:
        return Verdict.BLIND
    return Verdict.IGNORED if others else Verdict.SEARCHABLE


def readings_of(
    written: object, settings_zone: ZoneInfo, *, now: datetime | None
) -> dict[ZoneInfo, datetime]:
    """Return what a past date can mean: in the configured zone, and in the other likely one.

    A date that names its own zone has no readings. A reading in the CRM's future is left out.

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
    """Return the configured zone, and the zone that dates have if that one is wrong."""
    return settings_zone, ROME if settings_zone.key == "UTC" else ZoneInfo("UTC")


def between(read: Mapping[ZoneInfo, datetime]) -> datetime:
    """Return the instant between two readings of a date: only by the later one was the record changed after it."""
    return min(read.values()) + (max(read.values()) - min(read.values())) / 2


def _one_of(numbers: Sequence[int]) -> Trial:
    asked_for = numbers or [_UNUSED_ID]
    return Trial(
        (ONE_OF,), one_of(asked_for), lambda row: id_of(row) in asked_for, max(numbers, default=None)
    )


def _beyond(number: int | None) -> Trial:
    least = number or _UNUSED_ID
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
    number = whole(witness.get(name)) or _UNUSED_ID
    return equals(name, number), lambda row: whole(row.get(name)) == number


def _has(row: Row, name: str) -> bool:
    if name == MODIFIED:
        return instant(row.get(name), zone=ROME) is not None
    if name in ("code", PART_OF_CODE):
        return bool(text(row.get("code"))[1:].strip())
    return bool(whole(row.get(name)))


def properties_of(names: Iterable[str]) -> list[str]:
    """Return the properties that a filter uses.

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
