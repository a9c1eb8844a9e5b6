"""The pulse of the hub: its beats, and what is read once for all watchers of a beat."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.reads.fields import Arguments, read_field, shows_entries
from resolvers.reads.planner import plan_of
from resolvers.reads.selections import Selection
from resolvers.reads.sources import order_by
from services.actions import CrmHealth
from services.live import Beat
from services.reads import Compare, PageRequest, read_page, reading
from services.vocabulary import ActionStatus
from services.work_counts import WorkCounts, count_work

MOST_RUNNING = 20


async def pulse(info: Info[Context, Any]) -> AsyncIterator[Beat]:
    async with aclosing(info.context.pulse.follow()) as beats:
        async for beat in beats:
            yield beat


async def work(beat: strawberry.Parent[Beat], info: Info[Context, Any]) -> WorkCounts:
    operator_id = info.context.viewer.operator_id

    async def count() -> WorkCounts:
        async with reading() as reads:
            return await count_work(operator_id, beat.today, reads)

    return await beat.batch.once(("work", operator_id), count)


async def crm(beat: strawberry.Parent[Beat], info: Info[Context, Any]) -> CrmHealth:
    return await beat.batch.once("crm", info.context.forecaster.health)


def running_actions(description: str) -> Any:
    """The actions that run now, newest first."""

    async def read(beat: Beat, info: Info[Context, Any], _arguments: Arguments) -> Any:
        selection, context = Selection.below(info._raw_info), info.context
        plan = plan_of(selection, "Action", context)

        async def newest() -> list[Any]:
            where = Compare("status", "eq", ActionStatus.RUNNING)
            page, order = PageRequest(MOST_RUNNING), order_by("-created_at")
            async with reading() as reads:
                found = await read_page(
                    plan, page, order, where, context.environment(), reads, selection.variables
                )
            return found.rows

        return await beat.batch.once((plan, selection.values_below(selection.sets)), newest)

    return read_field(description, read, metadata=shows_entries(lambda _: MOST_RUNNING))
