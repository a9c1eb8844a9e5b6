"""What look-ups cost in calls: learned by kind of item, and counted down by lane while one is under way."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from tortoise.connection import get_connection

from models import CallCost
from models.database import READS
from services.crm.tally import Tally, counting

NEWEST = 0.5
"""How much of what is expected of the next look-up is due to the last one, against all before it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Kinds of items for which the same is looked up, and how many calls that takes as far as was proven."""

    kinds: Sequence[str]
    calls: int


class Costs:
    """What to expect of look-ups in one CRM.

    Until something was looked up for a kind, what is known of those `alike` counts; else it is one call.
    """

    def __init__(self, alike: Sequence[Alike] = ()) -> None:
        self._alike = {kind: one for one in alike for kind in one.kinds}

    async def usual(self, kind: str) -> int:
        """How many calls it is likely to take to look something up for an item of this kind."""
        return self.usual_among(await known_costs(), kind)

    def usual_among(self, known: Mapping[str, int], kind: str) -> int:
        """The same, from what is known already."""
        alike = self._alike.get(kind, Alike(kinds=(), calls=1))
        return next((known[one] for one in (kind, *alike.kinds) if one in known), alike.calls)

    def along(self, lane: str) -> "LaneCosts":
        """Those of one run along a lane."""
        return LaneCosts(self, lane)


class LaneCosts:
    """Of one run along a lane: whoever comes back to it looks anew."""

    def __init__(self, costs: Costs, lane: str) -> None:
        self._costs = costs
        self._lane = lane

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._forget()

    @asynccontextmanager
    async def counted(self, kind: str) -> AsyncIterator[None]:
        """The calls of the CRM inside look something up for items of this kind."""
        await self._forget()
        learned = False

        async def follow(tally: Tally) -> None:
            nonlocal learned
            if tally.announced and not learned:
                # Whoever begins meanwhile is likely to find the same, so this cannot wait for the end.
                learned = True
                await _learn(kind, tally.calls)
            await _keep(self._lane, tally.ahead)

        with counting(Tally(expected=await self._costs.usual(kind), tell=follow)) as tally:
            yield
        if tally.ahead:
            await _keep(self._lane, 0)
        if not learned and tally.made:
            await _learn(kind, tally.made)

    async def _forget(self) -> None:
        """What is known of the kind counts again."""
        await CallCost.filter(name=self._lane).delete()


async def known_costs() -> dict[str, int]:
    """The calls that a look-up takes, by kind of item, and those that the one under way still takes, by lane."""
    rows = await CallCost.all().using_db(get_connection(READS)).values_list("name", "calls")
    return {name: round(calls) for name, calls in rows}


async def forget_costs() -> None:
    """What was learned holds no longer: the CRM was examined anew."""
    await CallCost.all().delete()


async def _learn(kind: str, calls: int) -> None:
    known = await CallCost.get_or_none(name=kind)
    usual = calls if known is None else round(known.calls + NEWEST * (calls - known.calls), 1)
    if known is None or usual != known.calls:
        await _keep(kind, usual)


async def _keep(name: str, calls: float) -> None:
    if not await CallCost.filter(name=name).update(calls=calls):
        await CallCost.bulk_create([CallCost(name=name, calls=calls)], ignore_conflicts=True)
