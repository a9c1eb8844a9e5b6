"""What look-ups cost in calls: learned by kind of item, and followed by lane while one that takes many is under way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from tortoise.connection import get_connection

from models import CallCost
from models.database import READS
from services.crm.tally import Tally, counting

NEWEST = 0.5
"""How much of what is expected of the next look-up is due to the last one, against all before it."""


class LookUpCosts:
    """Of one run along a lane: whoever comes back to it looks anew."""

    def __init__(self, lane: str) -> None:
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
            if not learned:
                # Whoever begins meanwhile is likely to find the same, so this cannot wait for the end.
                await _learn(kind, tally.calls)
            learned = True
            await _keep(self._lane, tally.ahead)

        with counting(Tally(tell=follow)) as tally:
            yield
        if not learned and tally.calls:
            await _learn(kind, tally.calls)

    async def _forget(self) -> None:
        await CallCost.filter(name=self._lane).delete()


async def known_costs() -> dict[str, int]:
    """The calls that a look-up takes, by kind of item, or that the one under way still takes, by lane."""
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
