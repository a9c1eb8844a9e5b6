"""How new sales are told from old ones: by when they changed, or, where the CRM's search cannot do that, by their ids.

Both look a while back, because the search may lag, and neither lets its mark pass what could not be taken in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from models import PollMark
from services.crm.protocol import Crm
from services.crm.records import ActivityRecord


class Hearing(Protocol):
    async def listen(self, mark: PollMark) -> list[ActivityRecord]:
        """At least what was noted since the mark, and a while before it."""

    def move(
        self, mark: PollMark, *, heard: Sequence[ActivityRecord], failed: Collection[int], now: datetime
    ) -> dict[str, Any]:
        """The mark's new columns, once all that was heard is handled but for what failed."""


@dataclass(frozen=True)
class ByChange:
    """Every sale that is new, and every one that changed."""

    crm: Crm
    sub_type_id: int
    overlap: float

    async def listen(self, mark: PollMark) -> list[ActivityRecord]:
        since = mark.high_water - timedelta(seconds=self.overlap)
        listed = await self.crm.list_activities(self.sub_type_id, modified_since=since)
        # The CRM may not be able to filter by the time of a change, and then shows everything.
        return [record for record in listed if (_changed_at(record) or since) >= since]

    def move(
        self, mark: PollMark, *, heard: Sequence[ActivityRecord], failed: Collection[int], now: datetime
    ) -> dict[str, Any]:
        reached = next_mark(
            mark.high_water,
            changed=[at for record in heard if (at := _changed_at(record))],
            failed=[_changed_at(record) or mark.high_water for record in heard if record.id in failed],
            now=now,
        )
        return {"high_water": reached}


@dataclass(frozen=True)
class ById:
    """Every activity that is new, read one by one; what changes after it was heard goes unheard."""

    crm: Crm
    overlap: float

    async def listen(self, mark: PollMark) -> list[ActivityRecord]:
        made_since = None if mark.highest_id else mark.begins_at
        return await self.crm.list_activities_beyond(mark.highest_id, made_since=made_since)

    def move(
        self, mark: PollMark, *, heard: Sequence[ActivityRecord], failed: Collection[int], now: datetime
    ) -> dict[str, Any]:
        settled_before = now - timedelta(seconds=self.overlap)
        made = {record.id: record.created_at for record in heard}
        return {"highest_id": next_id(mark.highest_id, made, failed=failed, settled_before=settled_before)}


def next_mark(
    mark: datetime, *, changed: Collection[datetime], failed: Collection[datetime], now: datetime
) -> datetime:
    """As far as every change was handled: never beyond one that failed, never back.

    Never beyond `now` either: a clock or a zone that is wrong would otherwise hide sales for hours.

    >>> one, two, three, four = (datetime(2026, 12, day) for day in (1, 2, 3, 4))
    >>> next_mark(one, changed=[two, three], failed=[], now=four).day
    3
    >>> next_mark(one, changed=[two, three], failed=[two], now=four).day
    2
    >>> next_mark(one, changed=[four], failed=[], now=three).day
    3
    """
    reached = min([max([mark, *changed]), max(now, mark), *failed])
    return max(mark, reached)


def next_id(
    mark: int, made: dict[int, datetime | None], *, failed: Collection[int], settled_before: datetime
) -> int:
    """The last id before the first one that failed, or that is so young that a lower one may still be hidden.

    >>> one, two, three = (datetime(2026, 12, day) for day in (1, 2, 3))
    >>> made = {11: one, 12: None, 13: two, 14: three}
    >>> [next_id(10, made, failed=failed, settled_before=three) for failed in ([], [13], [11])]
    [13, 12, 10]
    """
    for number, created_at in sorted(made.items()):
        if number in failed or (created_at is not None and created_at >= settled_before):
            return mark
        mark = max(mark, number)
    return mark


def _changed_at(record: ActivityRecord) -> datetime | None:
    return record.modified_at or record.created_at
