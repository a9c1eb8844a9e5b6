"""Hubs from which one thing was taken away, or whose line is slow. The product itself knows none of this.

If the suite's plans do no harm to a hub without one of its safeguards, then they prove nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from models import ActionItem
from server.commands import main
from services.actions import CallLimiter
from services.actions.engine.claims import ACTOR, Claims
from services.activities.generation import ActivityCreation
from services.crm.crm_in_cloud import gateway, transport
from services.events import Change
from services.intake.manual_entry import SaleCreation
from services.opportunities.generation import OpportunityCreation
from services.opportunities.repairs import OpportunityRecreation

SLOWNESS = 0.2
"""Seconds that the slow line takes, each way."""


def _take_away(owner: type | ModuleType, name: str, stand_in: object) -> None:
    assert name in vars(owner), (
        f"{owner.__name__} has no {name} any more: the control would take nothing away."
    )
    setattr(owner, name, stand_in)


async def _find_nothing(*_: object) -> dict[str, list[int]]:
    return {}


def without_look_up() -> None:
    for kind in (OpportunityCreation, OpportunityRecreation, ActivityCreation, SaleCreation):
        _take_away(kind, "look_up", _find_nothing)
    main()


async def _believe(*_: object) -> bool:
    return True


def without_reading_back() -> None:
    for kind in (OpportunityCreation, OpportunityRecreation, ActivityCreation, SaleCreation):
        _take_away(kind, "carries", _believe)
    main()


@asynccontextmanager
async def _lock_without_comparing(self: Claims, item: ActionItem, *streams: str) -> AsyncIterator[Change]:
    async with self.events.change(item.action_id, *streams, actor=ACTOR, cause=item.id) as change:
        await item.refresh_from_db()
        yield change


def without_compare_and_set() -> None:
    _take_away(Claims, "locked", _lock_without_comparing)
    main()


async def _take_at_once(*_: object) -> float:
    return 0.0


def without_limiter() -> None:
    _take_away(CallLimiter, "take", _take_at_once)
    main()


def with_slow_line() -> None:
    """Creates leave late and their answers come late, so that a process may be struck before the one or the other."""
    at_once = transport.exchange

    async def slowly(session: Any, call: Any, **details: Any) -> Any:
        if not call.writes:
            return await at_once(session, call, **details)
        await asyncio.sleep(SLOWNESS)
        answer = await at_once(session, call, **details)
        await asyncio.sleep(SLOWNESS)
        return answer

    _take_away(gateway, "exchange", slowly)
    main()


HOOKS: dict[str | None, Callable[[], None]] = {
    None: main,
    "no look-up": without_look_up,
    "no reading back": without_reading_back,
    "no compare-and-set": without_compare_and_set,
    "no limiter": without_limiter,
    "slow line": with_slow_line,
}
