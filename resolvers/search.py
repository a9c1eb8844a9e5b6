"""The search: from the field to the use case and back."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.reads.fields import shows_entries
from services.reads import Meaningless
from services.search import MOST_HITS, Found, search as find
from services.tickets.text_search import LONGEST_TEXT
from services.vocabulary import SearchKind

FIRST = 12


async def search(
    info: Info[Context, Any],
    text: Annotated[
        str,
        strawberry.argument(
            description=f"What to look for, at most {LONGEST_TEXT} characters. Each word must be found."
        ),
    ],
    kinds: Annotated[
        list[SearchKind] | None,
        strawberry.argument(description="Only these kinds of thing; all by default."),
    ] = None,
    first: Annotated[
        int | None,
        strawberry.argument(description=f"How many hits at most: 1 to {MOST_HITS}, {FIRST} by default."),
    ] = None,
) -> Found:
    most = FIRST if first is None else first
    if not 1 <= most <= MOST_HITS:
        raise BadUserInput("first", f"first is a number from 1 to {MOST_HITS}.")
    wanted = list(SearchKind) if kinds is None else kinds
    context = info.context
    try:
        async with context.running.reads(info.path) as reads:
            return await find(text, wanted, most, context.environment(), reads)
    except Meaningless as error:
        raise BadUserInput("text", str(error)) from None


def _hits(arguments: Mapping[str, Any]) -> int:
    first = arguments.get("first")
    return min(first, MOST_HITS) if isinstance(first, int) else FIRST


SHOWS_HITS = shows_entries(_hits)
