"""The register: one entry for each change, found by its events."""

from typing import Any

from strawberry.types import Info

import models
from models.events import Columns, columns_after
from resolvers.conflicts import fields_changed
from resolvers.context import Context
from resolvers.reads.connections import filtered, page_field, pages
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.operation import ReadContext
from resolvers.reads.roots import PageRoot
from resolvers.reads.sources import ComputedSource, order_by, source_metadata
from services.errors import ColumnChange
from services.reads import EVERYTHING, AllOf, Compare, Condition, Contains, Expression, First, Not
from services.vocabulary import Role

BY_AN_OPERATOR = Contains("actor", f"{models.Operator.prefix}_")
SECRET = Compare("stream_id", "eq", "access")
"""The events that only administrators see."""

_AUTOMATIC = {
    "automatic": (
        bool | None,
        "Whether to include what the hub did by itself; false by default: only what operators did.",
    )
}

first_event = Expression(
    "SELECT MIN(one.id) FROM event AS one WHERE one.change_id = {row}.change_id", returns=str
)

first_cause = Expression(
    "SELECT one.cause FROM event AS one WHERE one.change_id = {row}.change_id ORDER BY one.id LIMIT 1",
    returns=str,
)


def changes(description: str, shape: Any, *, filter: type) -> Any:
    """A root field: a page of the changes of which an event passes the filter, newest first.

    The first of these events stands for its change, so pages and counts are those of a list of events.
    """

    arguments = {
        "filter": (filter | None, "Only changes of which an event matches this filter."),
        **_AUTOMATIC,
    }
    root = PageRoot(_of_changes, lambda _: order_by("-id"))
    return page_field(description, root, shape=shape, arguments=arguments)


def changes_of_tree(description: str) -> Any:
    """A field of a ticket: a page of the changes in its tree, newest first. A change's first event there stands for
    it."""

    def where(arguments: Arguments) -> Condition:
        each = EVERYTHING if arguments.get("automatic") else BY_AN_OPERATOR
        return AllOf((each, First(models.Event, ("stream_id", "change_id"), each)))

    return pages(description, by="stream_id", of="tree_id", order="-id", arguments=_AUTOMATIC, where=where)


def _of_changes(context: ReadContext, arguments: Arguments) -> Condition:
    conditions = [filtered(context, arguments)]
    if not arguments.get("automatic"):
        conditions.append(BY_AN_OPERATOR)
    if not context.viewer.role.includes(Role.ADMIN):
        conditions.append(Not(SECRET))
    each = AllOf(tuple(conditions))
    return AllOf((each, First(models.Event, ("change_id",), each)))


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
