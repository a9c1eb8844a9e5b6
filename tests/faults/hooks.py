"""Hubs from which one thing was taken away, or whose line is slow. The product itself knows none of this.

If the suite's plans do no harm to a hub without one of its safeguards, then they prove nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from models import ActionItem
from server.__main__ import main
from services.actions import CallLimiter
from services.actions.claims import ACTOR, Claims
from services.activities import ActivityCreation
from services.crm import door, transport
from services.events import Change
from services.opportunities import OpportunityCreation
from services.opportunity_repairs import OpportunityRecreation
from services.ticket_creation import SaleCreation

SLOWNESS = 0.2
"""Seconds that the slow line takes, each way."""


async def _find_nothing(*_: object) -> dict[str, list[int]]:
    return {}


def without_look_up() -> None:
    for kind in (OpportunityCreation, OpportunityRecreation, ActivityCreation, SaleCreation):
        kind.look_up = _find_nothing  # type: ignore[assignment]
    main()


@asynccontextmanager
async def _hold_without_comparing(self: Claims, item: ActionItem, *streams: str) -> AsyncIterator[Change]:
    async with self.events.change(item.action_id, *streams, actor=ACTOR, cause=item.id) as change:
        await item.refresh_from_db()
        yield change


def without_compare_and_set() -> None:
    Claims.hold = _hold_without_comparing  # type: ignore[method-assign]
    main()


async def _take_at_once(*_: object) -> float:
    return 0.0


def without_limiter() -> None:
    CallLimiter.take = _take_at_once  # type: ignore[assignment]
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

    vars(door)["exchange"] = slowly
    main()


HOOKS: dict[str | None, Callable[[], None]] = {
    None: main,
    "no look-up": without_look_up,
    "no compare-and-set": without_compare_and_set,
    "no limiter": without_limiter,
    "slow line": with_slow_line,
}
