"""Where figures should be: set by administrators from a day on. Earlier days keep their target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models import KpiTarget
from services.errors import InvalidInput
from services.events import EventLog, EventType
from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import DEFINITIONS
from services.planning.kpis.periods import EARLIEST, LATEST
from services.planning.kpis.words import KpiDirection, KpiKey, KpiSubject, KpiUnit
from services.reads import EVERYTHING, Reads, read_values

LARGEST = Decimal(10) ** 9
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Target:
    value: Decimal | None
    since: date
    set_by_id: str


Targets = Mapping[tuple[str, str], Sequence[Target]]
"""The targets of each figure and subject, the latest first."""


async def save_target(
    key: KpiKey,
    subject: KpiSubject | None,
    value: Decimal | None,
    since: date | None,
    *,
    actor: str,
    calendar: WorkCalendar,
    events: EventLog,
) -> KpiTarget:
    """Set the target of a figure from a day on; without a value it has none from then on."""
    definition = DEFINITIONS[key]
    counted = subject or definition.subjects[0]
    if counted not in definition.subjects:
        expected = f"one of {', '.join(definition.subjects)}"
        raise InvalidInput(f"{key} does not count {counted}.", path=("subject",), expected=expected)
    if definition.direction is KpiDirection.NONE:
        raise InvalidInput(f"{key} has no direction in which it should go.", path=("key",))
    most = Decimal(1) if definition.unit is KpiUnit.SHARE else LARGEST
    if value is not None and not (value.is_finite() and 0 <= value <= most):
        raise InvalidInput(f"A target of {key} is a number from 0 to {most}.", path=("value",))
    async with events.change(KpiTarget.event_stream_id, actor=actor) as change:
        day = since or calendar.today(change.at)
        if not EARLIEST <= day <= LATEST:
            raise InvalidInput(f"The day lies from {EARLIEST} to {LATEST}.", path=("since",))
        columns: dict[str, Any] = {
            "value": None if value is None else value.quantize(PLACES),
            "set_by_id": actor,
            "set_at": change.at,
        }
        target = await KpiTarget.get_or_none(key=key, subject=counted, since=day)
        if target is None:
            target = KpiTarget(key=key, subject=counted, since=day, **columns)
            return await change.create(target, kind=EventType.KPI_TARGET_SAVED)
        await change.update(target, kind=EventType.KPI_TARGET_SAVED, **columns)
        return target


async def read_targets(reads: Reads) -> Targets:
    """Return all targets."""
    rows = await read_values(KpiTarget, ("key", "subject", "value", "since", "set_by_id"), EVERYTHING, reads)
    found: dict[tuple[str, str], list[Target]] = {}
    for key, subject, value, since, set_by_id in sorted(rows, key=lambda row: row[3], reverse=True):
        found.setdefault((key, subject), []).append(Target(value, since, set_by_id))
    return found


def target_on(day: date, targets: Sequence[Target]) -> Target | None:
    """Return the target that holds on a day. `targets` are those of one figure, the latest first.

    >>> may, july = (Target(Decimal(value), date(2026, value, 1), "opr") for value in (5, 7))
    >>> target_on(date(2026, 6, 30), [july, may]) == may, target_on(date(2026, 4, 30), [july, may])
    (True, None)
    """
    held = next((one for one in targets if one.since <= day), None)
    return held if held is not None and held.value is not None else None


def is_met(direction: KpiDirection, value: Decimal | None, bound: Decimal) -> bool | None:
    """Say whether a number keeps to its target; None without a number.

    >>> is_met(KpiDirection.DOWN, Decimal(3), Decimal(3)), is_met(KpiDirection.UP, Decimal("0.8"), Decimal("0.9"))
    (True, False)
    """
    if value is None:
        return None
    return value >= bound if direction is KpiDirection.UP else value <= bound
