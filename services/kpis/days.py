"""Keeps how rows stood at the ends of days: from the log, after each midnight, by one of all processes.

How they stood is decided in `planning/kpis/standing.py`. A part of the log is read under the lock of its stream, and
what differs is written in the same transaction. So a killed process leaves no half of a part, and the next one goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import structlog

from models import Event, KpiDay, KpiMark
from models.due import due
from models.kpis import OPEN_END
from services.events import EventLog
from services.planning.calendar import WorkCalendar
from services.planning.kpis.standing import COLUMNS, Stretch, Told, stretches_of
from services.tickets.facts import REBUILT

ACTOR = "system:days"
MARK = 1

LEASE = timedelta(minutes=1)
SETTLED = timedelta(minutes=1)
"""How long after midnight a day is kept. What began before midnight is committed by then."""

OVERLAP = timedelta(days=1)
"""How much of the log is read again, for what was committed even later."""

LOOKS = 15.0
"""The seconds from one look at the calendar to the next."""

_RULES = "1"
"""Raise it with every change of the rules in `planning/kpis/standing.py`: then all days are worked out again."""

_WHOLE = ("Ticket", "Milestone", "Task", "TicketLine", "Opportunity", "Action", "ActionItem")
_SINGLE = ("IntakeItem", "Operator")
"""What stands by itself in a shared stream: each row is a part of the log."""

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Our lease ended in between, and another process may have taken the days over."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was stored of a row's days, and what the log says. None: nothing."""

    entity: str
    row_id: str
    since_on: date
    columns: dict[str, tuple[Any, Any]] | None = None
    was_there: bool = True


@dataclass(frozen=True, slots=True)
class _Source:
    """A part of the log: a whole stream, or one row of a shared stream."""

    stream_id: str
    row_id: str | None = None

    @property
    def id(self) -> str:
        return self.row_id or self.stream_id

    async def told(self) -> Iterator[Told]:
        events = Event.filter(stream_id=self.stream_id, entity__in=_WHOLE + _SINGLE).order_by("seq")
        read = await (events.filter(entity_id=self.row_id) if self.row_id else events)
        return (
            Told(
                one.entity,
                one.entity_id,
                one.after,
                one.occurred_at,
                is_first=one.before is None,
                is_work=one.kind != REBUILT,
            )
            for one in read
        )


class DayKeeper:
    def __init__(self, events: EventLog, calendar: WorkCalendar) -> None:
        self._events = events
        self._calendar = calendar
        self._basis = f"{_RULES}, {calendar.zone.key}, {calendar.name}"

    async def run(self) -> None:
        """Keep days until cancelled."""
        while True:
            try:
                await self.keep()
            except Exception:
                # The database may be unreachable for a while. A keeper that gave up would go unnoticed.
                log.exception("days_not_kept")
            await asyncio.sleep(LOOKS)

    async def keep(self) -> bool:
        """Keep the days that are over and not kept yet, by the log. Return False if there are none, or another does."""
        end_on = self._end_on()
        if await KpiMark.filter(id=MARK, end_on=end_on, basis=self._basis).exists():
            return False
        mark = await self._claim()
        if mark is None:
            return False
        since = None if mark.basis != self._basis else min(mark.end_on, end_on) - OVERLAP
        try:
            async for _ in self._work_out(mark, end_on, since):
                pass
        except LeaseLost:
            log.warning("days_turn_lost")
            return False
        log.info("days_kept", until=end_on.isoformat())
        return True

    async def rebuild(self) -> AsyncIterator[Difference]:
        """Work out all days again, store them, and yield what differed. Wait for another process that keeps days."""
        await self.keep()
        if not await Event.exists():
            return
        while (mark := await self._claim()) is None:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(1.0)
        async for difference in self._work_out(mark, self._end_on(), None):
            yield difference

    def _end_on(self) -> date:
        """Return the day before which all days are over."""
        return self._calendar.today(self._events.clock() - SETTLED)

    async def _claim(self) -> KpiMark | None:
        """Claim the days by compare-and-set. None: another process has them, or there is no log yet."""
        now, holder = self._events.clock(), str(uuid4())
        if not await KpiMark.exists():
            begins_on = await self._begins_on()
            if begins_on is None:
                return None
            first = KpiMark(id=MARK, begins_on=begins_on, end_on=begins_on, basis="", leased_until=now)
            await KpiMark.bulk_create([first], ignore_conflicts=True)
        free = KpiMark.filter(due("leased_until", now, farthest=LEASE), id=MARK)
        await free.update(holder=holder, leased_until=now + LEASE)
        return await KpiMark.get_or_none(id=MARK, holder=holder)

    async def _begins_on(self) -> date | None:
        """Return the day of the first event."""
        first = await Event.all().order_by("occurred_at").first()
        return self._calendar.today(first.occurred_at) if first else None

    async def _work_out(self, mark: KpiMark, end_on: date, since: date | None) -> AsyncIterator[Difference]:
        """Store the days before `end_on` of all that was told of since a day, or ever. Yield what differed."""
        held = KpiMark.filter(id=MARK, holder=mark.holder)
        try:
            for source in await self._sources(since, end_on):
                for difference in await self._store(source, end_on, held):
                    yield difference
            begins_on = mark.begins_on if since else await self._begins_on()
            await held.update(end_on=end_on, begins_on=begins_on, basis=self._basis)
        finally:
            await held.update(holder=None, revision=str(uuid4()), leased_until=self._events.clock())

    async def _sources(self, since: date | None, end_on: date) -> list[_Source]:
        """Return the parts of the log that tell of the days from `since` up to, but without, `end_on`."""
        events = Event.filter(occurred_at__lt=self._calendar.start_of(end_on))
        if since is not None:
            events = events.filter(occurred_at__gte=self._calendar.start_of(since))
        whole = await events.filter(entity__in=_WHOLE).distinct().values_list("stream_id", flat=True)
        single = events.filter(entity__in=_SINGLE).distinct()
        sources = {_Source(str(one)) for one in whole}
        sources |= {_Source(*one) for one in await single.values_list("stream_id", "entity_id")}
        return sorted(sources, key=lambda one: one.id)

    async def _store(self, source: _Source, end_on: date, held: Any) -> list[Difference]:
        async with self._events.change(source.stream_id, actor=ACTOR):
            # This also keeps others from taking the days over before the transaction ends.
            if not await held.update(leased_until=self._events.clock() + LEASE):
                raise LeaseLost
            told = await source.told()
            wanted = {
                (one.standing.row_id, one.since_on): _row(source, one)
                for one in stretches_of(told, end_on, OPEN_END, self._calendar)
            }
            stored = {(one.row_id, one.since_on): one for one in await KpiDay.filter(source_id=source.id)}
            found = list(_differences(stored, wanted))
            wrong = [stored[place].id for place, _ in found if place in stored]
            if wrong:
                await KpiDay.filter(id__in=wrong).delete()
            await KpiDay.bulk_create([wanted[place] for place, _ in found if place in wanted])
            return [difference for _, difference in found]


def _row(source: _Source, stretch: Stretch) -> KpiDay:
    return KpiDay(
        source_id=source.id, since_on=stretch.since_on, until_on=stretch.until_on, **asdict(stretch.standing)
    )


_Place = tuple[str, date]
_COMPARED = ("until_on", *COLUMNS)


def _differences(
    stored: dict[_Place, KpiDay], wanted: dict[_Place, KpiDay]
) -> Iterator[tuple[_Place, Difference]]:
    for place in sorted({*stored, *wanted}):
        was, is_now = stored.get(place), wanted.get(place)
        one = was or is_now
        assert one is not None
        if was is None or is_now is None:
            yield place, Difference(one.entity, one.row_id, one.since_on, was_there=was is not None)
        elif columns := {
            name: (getattr(was, name), getattr(is_now, name))
            for name in _COMPARED
            if getattr(was, name) != getattr(is_now, name)
        }:
            yield place, Difference(one.entity, one.row_id, one.since_on, columns)
