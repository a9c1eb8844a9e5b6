"""Which milestones and tickets of a tree have other progress after a commit."""

from collections.abc import Iterable, Sequence

from models import Milestone, Task
from services.events import Commit, EventType, LoggedEvent
from services.live.rows import RowIds
from services.live.tree import Found, TreeScope
from services.reads import Compare, Reads, read_values

_SHOWN = {"status", "title"}


class ProgressScope(TreeScope):
    """The milestones and tickets whose progress a commit changes, shown with that commit."""

    async def touched(self, commits: Sequence[Commit], reads: Reads) -> Sequence[RowIds]:
        events = [[event for event in commit.events if _counts(event)] for commit in commits]
        above = await _above([event for some in events for event in some], reads)
        touched = []
        for some in events:
            found = Found()
            for event in some:
                found.add([event.entity_id, *above.get(event.entity_id, ())])
            touched.append(found)
        return touched


def _counts(event: LoggedEvent) -> bool:
    if event.entity not in ("Task", "Milestone", "Ticket"):
        return False
    is_new = event.before is None
    return is_new or event.kind == EventType.FACTS_REBUILT or bool(_SHOWN & (event.after or {}).keys())


async def _above(events: Iterable[LoggedEvent], reads: Reads) -> dict[str, list[str]]:
    """Return the milestone and ticket of each task, the ticket of each milestone, and what a rebuilt ticket holds."""
    ids = {event.entity_id for event in events}
    rebuilt = [event.entity_id for event in events if event.kind == EventType.FACTS_REBUILT]
    above: dict[str, list[str]] = {}
    for model, columns, values in (
        (Task, ("id", "milestone_id", "ticket_id"), ids),
        (Milestone, ("id", "ticket_id"), ids),
        (Milestone, ("ticket_id", "id"), rebuilt),
    ):
        if values:
            for key, *rest in await read_values(
                model, columns, Compare(columns[0], "in", list(values)), reads
            ):
                above.setdefault(key, []).extend(rest)
    return above
