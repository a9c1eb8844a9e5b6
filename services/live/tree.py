"""The rows of a ticket tree, and those that a change of it touches."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from models import Comment, CrmActivity, Event, Link, Milestone, Opportunity, Task, Ticket, TicketLine
from models.identity import Row, prefix_of
from services.events import Commit, EventType, LoggedEvent
from services.live.rows import RowIds, with_the_last
from services.reads import Compare, Reads, read_values

BELONGS_TO: Mapping[type[Row], tuple[str, ...]] = {
    Comment: ("subject_id",),
    Link: ("subject_id",),
    CrmActivity: ("milestone_id", "opportunity_id", "ticket_id"),
    Opportunity: ("ticket_line_id", "ticket_id", "child_ticket_id"),
    TicketLine: ("ticket_id",),
    Task: ("milestone_id", "ticket_id"),
    Milestone: ("ticket_id",),
    Ticket: ("parent_id",),
}
"""Each type of rows of a tree, and its columns with the rows of the tree that it belongs to: those of later types."""

_REFERENCES = {column for columns in BELONGS_TO.values() for column in columns}
_BY_PREFIX = {model.prefix: model for model in BELONGS_TO}


class Found(dict[type[Row], dict[str, None]]):
    """Ids by type, each once."""

    def add(self, ids: Iterable[str | None]) -> list[str]:
        """Add ids of rows of a tree, and return those that are new."""
        new: list[str] = []
        for row_id in filter(None, ids):
            model = _BY_PREFIX.get(prefix_of(row_id) or "")
            if model is not None and row_id not in self.setdefault(model, {}):
                self[model][row_id] = None
                new.append(row_id)
        return new


class TreeScope:
    """Everything in a ticket tree. A row comes with the last of the commits that touch it."""

    def with_each(self, stream_id: str) -> RowIds:
        return {}

    async def all_rows(self, stream_id: str, types: Collection[type[Row]], reads: Reads) -> RowIds:
        rows = {}
        for model in BELONGS_TO:
            if model in types:
                ids = await read_values(model, ("id",), Compare("tree_id", "eq", stream_id), reads)
                rows[model] = sorted(row_id for (row_id,) in ids)
        return rows

    async def touched(self, commits: Sequence[Commit], reads: Reads) -> Sequence[RowIds]:
        return with_the_last(await touched_rows([commit.events for commit in commits], reads))


async def touched_rows(commits: Sequence[Sequence[Event | LoggedEvent]], reads: Reads) -> list[RowIds]:
    """Return for each group of events the rows that may look different after them.

    They are the rows of the events and those named in their consequences, and everything in the tree that one of them
    belongs to. A ticket whose facts were rebuilt stands for everything in it. What an opportunity shows depends on its
    child ticket, too. The number of statements does not depend on the number of groups.
    """
    named = [_named_by(events) for events in commits]
    everything = Found()
    for found in named:
        everything.add(row_id for ids in found.values() for row_id in ids)
    tickets = list(everything.get(Ticket, ()))
    rebuilt = [
        event.entity_id for events in commits for event in events if event.kind == EventType.FACTS_REBUILT
    ]
    links = await _links(Milestone, "ticket_id", rebuilt, reads) + await _links(
        Task, "ticket_id", rebuilt, reads
    )
    everything.add(row_id for _, row_id in links)
    for model, columns in BELONGS_TO.items():
        if ids := everything.get(model):
            for row_id, *above in await read_values(
                model, ("id", *columns), Compare("id", "in", list(ids)), reads
            ):
                links += [(row_id, one) for one in above]
                everything.add(above)
    delivered = await _links(Opportunity, "child_ticket_id", tickets, reads)
    return [_reached(found, links, delivered) for found in named]


def _named_by(events: Iterable[Event | LoggedEvent]) -> Found:
    found = Found()
    for event in events:
        found.add([event.entity_id, *(event.consequences or ())])
        found.add(_references(event.before))
        found.add(_references(event.after))
    return found


def _references(columns: Mapping[str, Any] | None) -> Iterable[str | None]:
    """Return what a row belonged to before the event, or belongs to since."""
    return [value for name, value in (columns or {}).items() if name in _REFERENCES]


async def _links(model: type[Row], column: str, values: Sequence[str], reads: Reads) -> list[tuple[Any, ...]]:
    """Return which rows have one of these values in a column: pairs of the value and the row's id."""
    return await read_values(model, (column, "id"), Compare(column, "in", values), reads) if values else []


def _reached(named: Found, links: Iterable[tuple[str, str]], delivered: Iterable[tuple[str, str]]) -> RowIds:
    """Return the rows named and those that links lead to, and the opportunities of the child tickets named."""
    leads_to: defaultdict[str, list[str]] = defaultdict(list)
    for row_id, other in links:
        leads_to[row_id].append(other)
    own = [opportunity for ticket, opportunity in delivered if ticket in named.get(Ticket, {})]
    waiting = [row_id for ids in named.values() for row_id in ids]
    while waiting:
        waiting += named.add(leads_to[waiting.pop()])
    named.add(own)
    return named
