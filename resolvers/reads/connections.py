"""Fields that lead to pages of rows: from a root, with filter and order, or from the row above."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from graphql import get_named_type
from strawberry.types import Info

from resolvers.reads.fields import Arguments, read_field, shows_entries
from resolvers.reads.filters import Asked, condition_of
from resolvers.reads.operation import ReadContext
from resolvers.reads.paging import DEFAULT_COUNT, MAX_COUNT, entries_of_page, page_request, page_slot
from resolvers.reads.planner import IN_A_PAGE, plan_of
from resolvers.reads.roots import PageRoot, root_metadata
from resolvers.reads.selections import Selection
from resolvers.reads.sources import RelationSource, order_by, source_metadata
from services.reads import EVERYTHING, Condition, Order, Page, read_page
from services.reads.cursors import cursor_of

_PAGE_ARGUMENTS = {
    "first": (
        int | None,
        f"How many entries at most, from the start: 1 to {MAX_COUNT}, {DEFAULT_COUNT} by default.",
    ),
    "after": (str | None, "Only entries after this cursor."),
    "last": (int | None, f"How many entries at most, from the end: 1 to {MAX_COUNT}."),
    "before": (str | None, "Only entries before this cursor."),
}
_A_PAGE = shows_entries(entries_of_page)


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
    """A page as a connection shows it. Nothing is computed that was not asked for."""

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


def pages(
    description: str,
    *,
    by: str,
    of: str = "id",
    order: str,
    arguments: Mapping[str, tuple[Any, str]] | None = None,
    where: Callable[[Arguments], Condition] | None = None,
) -> Any:
    """A page of the rows whose column `by` holds our column `of`. All parents' pages are read together.

    `where` is the condition that further `arguments` mean. It gets them as they are written: an enumeration as its
    name, an input object as a mapping.
    """
    source = RelationSource(of, by, True, order_by(order), paged=True, narrowed=where)

    async def read(row: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        return ConnectionView(
            row.__dict__[page_slot(info.python_name, info._raw_info.field_nodes[0])], source.order
        )

    return read_field(
        description,
        read,
        arguments={**_PAGE_ARGUMENTS, **(arguments or {})},
        metadata={**source_metadata(source), **_A_PAGE},
    )


def connection(
    description: str, shape: Any, *, order: type[Enum], default: Enum, filter: type | None = None
) -> Any:
    """A root field: a page of all rows of a type that pass the filter, in the requested order.

    The values of `order` name columns, as `order_by` takes them.
    """

    def order_of(arguments: Arguments) -> Order:
        return order_by((arguments.get("order_by") or default).value)

    own = {"order_by": (order | None, f"The order; {default.name} by default.")}
    if filter is not None:
        own |= {"filter": (filter | None, "Only rows that match this filter.")}
    return page_field(description, PageRoot(filtered, order_of), shape=shape, arguments=own)


def page_field(
    description: str, root: PageRoot, *, shape: Any, arguments: Mapping[str, tuple[Any, str]]
) -> Any:
    """A root field that shows a page, with the arguments of pages and others."""

    async def read(_source: Any, info: Info[ReadContext, Any], arguments: Arguments) -> Any:
        where = root.where(info.context, arguments)
        return await read_connection(info, arguments, root.order(arguments), where)

    every = {**_PAGE_ARGUMENTS, **arguments}
    metadata = {**root_metadata(root), **_A_PAGE}
    return read_field(description, read, shape=shape, arguments=every, metadata=metadata)


def filtered(context: ReadContext, arguments: Arguments) -> Condition:
    """Return the condition that the argument `filter` means."""
    wanted, environment = arguments.get("filter"), context.environment()
    if wanted is None:
        return EVERYTHING
    return condition_of(wanted, Asked(environment.today, environment.calendar, context.viewer.operator_id))


async def read_connection(
    info: Info[ReadContext, Any], arguments: Arguments, order: Order, where: Condition
) -> ConnectionView:
    """Read the page of the rows that meet a condition, as the arguments and the selection ask for it."""
    selection = Selection.below(info._raw_info)
    connection_type: Any = get_named_type(info._raw_info.return_type)
    row_name = get_named_type(connection_type.fields["nodes"].type).name
    context = info.context
    plan = plan_of(selection, row_name, context, IN_A_PAGE)
    counted = "totalCount" in selection.fields(selection.sets)
    request = page_request(arguments, order, plan.model, counted=counted)
    async with context.running.reads(info.path) as reads:
        page = await read_page(plan, request, order, where, context.environment(), reads, selection.variables)
    return ConnectionView(page, order)
