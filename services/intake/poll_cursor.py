"""How polling separates new sales from old ones: by modification date, or by id if the CRM cannot search by date.

Both reach back by an overlap, because the search may lag.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from models import PollMark
from services.crm.protocol import Crm
from services.crm.records import ActivityRecord, UnreadRecord


@dataclass(frozen=True, slots=True)
class FetchedSales:
    """The records of one round. `unread` holds those that could not be read."""

    records: list[ActivityRecord]
    unread: list[UnreadRecord] = field(default_factory=list)


class PollCursor(Protocol):
    async def fetch(self, mark: PollMark) -> FetchedSales:
        """Read at least the records since the mark, less the overlap."""

    def advance(self, mark: PollMark, *, fetched: FetchedSales, now: datetime) -> dict[str, Any]:
        """Return the new columns of the mark, after all fetched records are handled."""


@dataclass(frozen=True)
class ByModifiedDate:
    """Reads every new and every changed sale."""

    crm: Crm
    sub_type_id: int
    overlap: float

    async def fetch(self, mark: PollMark) -> FetchedSales:
        since = mark.high_water - timedelta(seconds=self.overlap)
        unread: list[UnreadRecord] = []
        listed = await self.crm.list_activities(self.sub_type_id, modified_since=since, unread=unread)
        # A CRM that cannot filter by modification date returns everything.
        return FetchedSales([record for record in listed if (_changed_at(record) or since) >= since], unread)

    def advance(self, mark: PollMark, *, fetched: FetchedSales, now: datetime) -> dict[str, Any]:
        changed = [at for record in fetched.records if (at := _changed_at(record))]
        return {"high_water": next_mark(mark.high_water, changed=changed, now=now)}


@dataclass(frozen=True)
class ById:
    """Reads new activities one by one by id. A later change of one is not seen."""

    crm: Crm
    overlap: float

    async def fetch(self, mark: PollMark) -> FetchedSales:
        made_since = None if mark.highest_id else mark.begins_at
        unread: list[UnreadRecord] = []
        records = await self.crm.list_activities_beyond(mark.highest_id, made_since=made_since, unread=unread)
        return FetchedSales(records, unread)

    def advance(self, mark: PollMark, *, fetched: FetchedSales, now: datetime) -> dict[str, Any]:
        settled_before = now - timedelta(seconds=self.overlap)
        made: dict[int, datetime | None] = {one.id: None for one in fetched.unread if one.id is not None}
        made |= {record.id: record.created_at for record in fetched.records}
        return {"highest_id": next_id(mark.highest_id, made, settled_before=settled_before)}


def next_mark(mark: datetime, *, changed: Collection[datetime], now: datetime) -> datetime:
    """Return the newest handled modification time. The mark never moves back.

    It never moves beyond `now` either: a wrong clock or zone would otherwise hide sales for hours.

    >>> one, two, three, four = (datetime(2026, 12, day) for day in (1, 2, 3, 4))
    >>> next_mark(one, changed=[two, three], now=four).day
    3
    >>> next_mark(one, changed=[four], now=three).day
    3
    >>> next_mark(two, changed=[one], now=four).day
    2
    """
    return max(mark, min([max([mark, *changed]), now]))


def next_id(mark: int, made: dict[int, datetime | None], *, settled_before: datetime) -> int:
    """Return the last id before the first activity so young that a lower id may still be hidden.

    >>> one, two, three = (datetime(2026, 12, day) for day in (1, 2, 3))
    >>> next_id(10, {11: one, 12: None, 13: two, 14: three}, settled_before=three)
    13
    """
    for number, created_at in sorted(made.items()):
        if created_at is not None and created_at >= settled_before:
            return mark
        mark = max(mark, number)
    return mark


def _changed_at(record: ActivityRecord) -> datetime | None:
    return record.modified_at or record.created_at
