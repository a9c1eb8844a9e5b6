"""How many calls a look-up takes: learned by kind of item, and counted down by lane while a look-up runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from models import CallCost
from models.database import READS
from services.crm.call_count import CallCounter, counting

NEWEST = 0.5
"""The weight of the last look-up in the expected cost, against all earlier ones."""

READING_BACK = -1
"""Stored for a lane in place of the remaining look-up calls: the lane reads back what it created."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Kinds of items that need the same look-up, and the number of calls that it is proven to take."""

    kinds: Sequence[str]
    calls: int


class Costs:
    """The expected costs of look-ups in one CRM.

    Until a kind has had a look-up, it takes the cost of its `alike` kinds, or else one call.
    """

    def __init__(self, alike: Sequence[Alike] = ()) -> None:
        self._alike = {kind: one for one in alike for kind in one.kinds}

    async def usual(self, kind: str) -> int:
        """Return how many calls a look-up for an item of this kind is likely to take."""
        return self.usual_among(await known_costs(get_connection(READS)), kind)

    def usual_among(self, known: Mapping[str, int], kind: str) -> int:
        """The same, from costs that were read already."""
        alike = self._alike.get(kind, Alike(kinds=(), calls=1))
        return next((known[one] for one in (kind, *alike.kinds) if one in known), alike.calls)

    def along(self, lane: str) -> "LaneCosts":
        """Return the look-up costs of one run of this lane."""
        return LaneCosts(self, lane)


class LaneCosts:
    """Look-up costs of one lane run; reset on every run."""

    def __init__(self, costs: Costs, lane: str) -> None:
        self._costs = costs
        self._lane = lane

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._forget()

    @asynccontextmanager
    async def counted(self, kind: str) -> AsyncIterator[None]:
        """Count the CRM calls inside as a look-up for items of this kind."""
        await self._forget()
        learned = False

        async def follow(counter: CallCounter) -> None:
            nonlocal learned
            if counter.announced and not learned:
                # Other lanes that start meanwhile are likely to need the same number, so it is stored at once.
                learned = True
                await _learn(kind, counter.calls)
            await _keep(self._lane, counter.ahead)

        with counting(CallCounter(expected=await self._costs.usual(kind), on_change=follow)) as counter:
            yield
        if counter.ahead:
            await _keep(self._lane, 0)
        if not learned and counter.made:
            await _learn(kind, counter.made)

    @asynccontextmanager
    async def reading_back(self) -> AsyncIterator[None]:
        """Mark the lane as `READING_BACK` once the CRM call inside is sent. It reads the record that was created."""

        async def follow(counter: CallCounter) -> None:
            await _keep(self._lane, READING_BACK)

        with counting(CallCounter(expected=1, on_change=follow)):
            yield
        await self._forget()

    async def _forget(self) -> None:
        """Drop the count of this lane, so that the expected cost of the kind applies again."""
        await CallCost.filter(name=self._lane).delete()


async def known_costs(reads: BaseDBAsyncClient) -> dict[str, int]:
    """Return the calls that a look-up takes, by kind of item, and the remaining calls of a running look-up, by lane."""
    rows = await CallCost.all().using_db(reads).values_list("name", "calls")
    return {name: round(calls) for name, calls in rows}


async def forget_costs() -> None:
    """Drop all learned costs, because a new examination of the CRM has made them invalid."""
    await CallCost.all().delete()


async def _learn(kind: str, calls: int) -> None:
    known = await CallCost.get_or_none(name=kind)
    usual = calls if known is None else round(known.calls + NEWEST * (calls - known.calls), 1)
    if known is None or usual != known.calls:
        await _keep(kind, usual)


async def _keep(name: str, calls: float) -> None:
    if not await CallCost.filter(name=name).update(calls=calls):
        await CallCost.bulk_create([CallCost(name=name, calls=calls)], ignore_conflicts=True)
