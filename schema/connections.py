"""Pages of long lists, as Relay describes them; the cursors are positions, not numbers."""

from typing import Generic, TypeVar

import strawberry

from services.reads import MOST_COUNTED

T = TypeVar("T")


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list continues after the page.")
    has_previous_page: bool = strawberry.field(description="Whether the list begins before the page.")
    start_cursor: str | None = strawberry.field(description="The first edge's cursor; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The last edge's cursor; null on an empty page.")


@strawberry.type(description="One entry of a page, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Its cursor, for `after` and `before`.")
    node: T = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[T] = strawberry.field(description="The entries alone.")
    page_info: PageInfo = strawberry.field(description="The position of the page in the list.")
    total_count: int = strawberry.field(
        description=f"The length of the whole list, counted up to {MOST_COUNTED}: one more stands for any greater "
        "length. Counted only when asked for."
    )
