"""How much work there is, and where it stands."""

from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import ComputedSource, source_metadata
from services.tickets.read_fields import ticket_task_counts, ticket_task_groups
from services.vocabulary import TreeScope
from services.work_counts import WorkCounts, count_work


async def work(info: Info[Context, Any]) -> WorkCounts:
    context = info.context
    async with context.running.reads(info.path) as reads:
        return await count_work(context.viewer.operator_id, context.environment().today, reads)


def task_counts(description: str) -> Any:
    """Declare a field of a ticket: where its tasks stand, or with those of its children, as its argument says."""

    async def read(row: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        return row.__dict__[info.python_name][arguments.get("scope") or TreeScope.TREE]

    source = ComputedSource(ticket_task_counts, {"groups": ticket_task_groups})
    scope = (TreeScope | None, "Its own tasks, or those of its children as well; TREE by default.")
    return read_field(description, read, arguments={"scope": scope}, metadata=source_metadata(source))
