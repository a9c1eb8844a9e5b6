"""Fields that lead to pages of rows: from a root, with filter and order, or from the row above."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from graphql import get_named_type
from strawberry.types import Info

from resolvers.context import Context
from resolvers.fields import Arguments, read_field
from resolvers.filters import condition_of
from resolvers.loader import IN_A_PAGE, plan_of
from resolvers.paging import DEFAULT_COUNT, MAX_COUNT, page_request, page_slot
from resolvers.selections import Selection
from resolvers.sources import RelationSource, order_by, source_metadata
from services.reads import EVERYTHING, Order, Page, read_page
from services.reads.cursors import cursor_of

_PAGE_ARGUMENTS = {
    "first": (
        int | None,
        f"How many entries at most, counted on: 1 to {MAX_COUNT}, {DEFAULT_COUNT} by default.",
    ),
    "after": (str | None, "Only what comes behind this cursor."),
    "last": (int | None, f"How many entries at most, counted back from the end: 1 to {MAX_COUNT}."),
    "before": (str | None, "Only what comes before this cursor."),
}


@dataclass(frozen=True, slots=True)
class EdgeView:
    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class PageInfoView:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class ConnectionView:
    """A page as a connection shows it; nothing is worked out that was not asked for."""

    page: Page
    order: Order

    @property
    def nodes(self) -> list[Any]:
        return self.page.rows

    @property
    def total_count(self) -> int | None:
        return self.page.total

    @cached_property
    def edges(self) -> list[EdgeView]:
        pairs = zip(self.page.places, self.page.rows, strict=True)
        return [EdgeView(cursor_of(place, self.order), row) for place, row in pairs]

    @property
    def page_info(self) -> PageInfoView:
        places = self.page.places
        return PageInfoView(
            self.page.has_next,
            self.page.has_previous,
            cursor_of(places[0], self.order) if places else None,
            cursor_of(places[-1], self.order) if places else None,
        )


def pages(description: str, *, by: str, of: str = "id", order: str) -> Any:
    """A page of the rows whose column `by` holds our column `of`; ours are read together with everybody's."""
    source = RelationSource(of, by, True, order_by(order), paged=True)

    async def read(row: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        return ConnectionView(row.__dict__[page_slot(info.python_name, arguments)], source.order)

    return read_field(description, read, arguments=_PAGE_ARGUMENTS, metadata=source_metadata(source))


def connection(
    description: str, shape: Any, *, order: type[Enum], default: Enum, filter: type | None = None
) -> Any:
    """A root field: a page of all rows of a type, of those that the filter lets through, in the order asked for.

    The values of `order` name columns, as `order_by` takes them.
    """

    async def read(_source: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        return await _read_page(info, arguments, order_by((arguments.get("order_by") or default).value))

    own = {"order_by": (order | None, f"The order; {default.name} by default.")}
    if filter is not None:
        own |= {"filter": (filter | None, "Only what this lets through.")}
    return read_field(description, read, shape=shape, arguments={**_PAGE_ARGUMENTS, **own})


async def _read_page(info: Info[Context, Any], arguments: Arguments, order: Order) -> ConnectionView:
    selection = Selection(info._raw_info)
    connection_type: Any = get_named_type(info._raw_info.return_type)
    row_name = get_named_type(connection_type.fields["nodes"].type).name
    plan = plan_of(selection, row_name, IN_A_PAGE).allowed(info.context.viewer.role)
    counted = "totalCount" in selection.fields(selection.sets)
    request = page_request(arguments, order, plan.model, counted=counted)
    wanted = arguments.get("filter")
    where = EVERYTHING if wanted is None else condition_of(wanted)
    return ConnectionView(await read_page(plan, request, order, where, info.context.environment()), order)
