"""The register: one entry for each change, found by its events."""

from typing import Any

from strawberry.types import Info

import models
from models.events import Columns, columns_after
from resolvers.conflicts import fields_changed
from resolvers.context import Context
from resolvers.reads.connections import filtered, page_field, read_connection
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import ComputedSource, order_by, source_metadata
from services.errors import ColumnChange
from services.reads import AllOf, Compare, Condition, Contains, Expression, First, Not
from services.vocabulary import Role

BY_AN_OPERATOR = Contains("actor", f"{models.Operator.prefix}_")
SECRET = Compare("stream_id", "eq", "access")
"""The events that only administrators see."""

first_event = Expression(
    "SELECT MIN(told.id) FROM event AS told WHERE told.change_id = {row}.change_id", returns=str
)

first_cause = Expression(
    "SELECT told.cause FROM event AS told WHERE told.change_id = {row}.change_id ORDER BY told.id LIMIT 1",
    returns=str,
)


def changes(description: str, shape: Any, *, filter: type) -> Any:
    """A root field: a page of the changes of which an event passes the filter, newest first.

    The first of these events stands for its change, so pages and counts are those of a list of events.
    """

    async def read(_source: Any, info: Info[Any, Any], arguments: Arguments) -> Any:
        return await read_connection(info, arguments, order_by("-id"), _of_changes(info.context, arguments))

    arguments = {
        "filter": (filter | None, "Only changes of which an event matches this filter."),
        "automatic": (
            bool | None,
            "Whether to include what the hub did by itself; false by default: only what operators did.",
        ),
    }
    return page_field(description, read, shape=shape, arguments=arguments)


def _of_changes(context: Context, arguments: Arguments) -> Condition:
    told = [filtered(context, arguments)]
    if not arguments.get("automatic"):
        told.append(BY_AN_OPERATOR)
    if not context.viewer.role.includes(Role.ADMIN):
        told.append(Not(SECRET))
    each = AllOf(tuple(told))
    return AllOf((each, First(models.Event, "change_id", each)))


def event_changes(description: str) -> Any:
    """The fields of the API that an event changed."""

    async def read(row: Any, info: Info[Context, Any], _arguments: Arguments) -> Any:
        entity, changed = row.__dict__[info.python_name]
        return fields_changed(info.schema, entity, changed)

    return read_field(description, read, metadata=source_metadata(ComputedSource(_columns_changed, {})))


def _columns_changed(
    stream_id: str,
    entity: str,
    entity_id: str,
    occurred_at: Any,
    before: Columns | None,
    stored_after: Columns | None,
) -> tuple[str, list[ColumnChange]]:
    after = columns_after(stream_id, entity, entity_id, occurred_at, before, stored_after) or {}
    earlier = before or {}
    changed = [
        ColumnChange(name, earlier.get(name), after.get(name)) for name in dict.fromkeys([*earlier, *after])
    ]
    return entity, [one for one in changed if one.column != "version" and one.before != one.after]
