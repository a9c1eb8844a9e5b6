"""Why a ticket is or is not closed: what keeps it open and since when, or how it came to be over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.planning.tickets.closure import ClosureReason, OpenMilestone, closure
from services.planning.tickets.facts import awaited_positions
from services.planning.tickets.workflow import MilestoneState, TaskState, TicketState
from services.reads import Expression, row_lists
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus

Lists = list[list[Any]] | None


@dataclass(frozen=True, slots=True)
class OpenMilestoneFields:
    """A milestone that keeps its ticket open. `since` is None while it waits for another."""

    why: OpenMilestone
    since: datetime | None

    @property
    def task_ids(self) -> tuple[str, ...]:
        return (*self.why.mandatory_task_ids, *self.why.optional_task_ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.why, name)


@dataclass(frozen=True, slots=True)
class CausalStep:
    """One event of the chain that ended a ticket."""

    event_id: str
    node_id: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosureFields:
    reason: ClosureReason
    since: datetime
    open_milestones: list[OpenMilestoneFields]
    chain: list[CausalStep]


# The milestones and tasks of a ticket, one list for each task.
ticket_work = row_lists(
    'milestone."position", milestone.id, milestone.status, milestone.depends_on,'
    " COALESCE(milestone.completed_at, milestone.cancelled_at),"
    ' task."position", task.id, task.status, task.mandatory',
    "FROM milestone LEFT JOIN task ON task.milestone_id = milestone.id WHERE milestone.ticket_id = {row}.id",
)

# When a ticket was last reopened.
ticket_reopened_at = Expression(
    "SELECT MIN(reopened.occurred_at) FROM event AS reopened WHERE reopened.entity_id = {row}.id"
    " AND reopened.kind IN ('TICKET_OPEN', 'TICKET_IN_PROGRESS') AND reopened.seq >"
    " (SELECT MAX(closed.seq) FROM event AS closed"
    " WHERE closed.entity_id = {row}.id AND closed.kind = 'TICKET_CLOSED')",
    returns=datetime,
)

# The last event that ended a ticket, and the events that led to it.
ticket_ending = row_lists(
    "depth, id, entity_id, actor, occurred_at",
    "FROM (WITH RECURSIVE step(depth, id, entity_id, actor, occurred_at, cause) AS ("
    "SELECT 0, last.id, last.entity_id, last.actor, last.occurred_at, last.cause FROM event AS last"
    " WHERE last.id = (SELECT id FROM event WHERE event.entity_id = {row}.id"
    " AND event.kind IN ('TICKET_CLOSED', 'TICKET_CANCELLED') ORDER BY event.seq DESC LIMIT 1)"
    " UNION ALL "
    "SELECT step.depth + 1, earlier.id, earlier.entity_id, earlier.actor, earlier.occurred_at, earlier.cause"
    " FROM step JOIN event AS earlier ON earlier.id = step.cause"
    " WHERE earlier.entity IN ('Ticket', 'Milestone', 'Task') AND step.depth < 10)"
    " SELECT depth, id, entity_id, actor, occurred_at FROM step) AS steps",
)


def ticket_closure(
    id: str,
    status: str,
    created_at: datetime,
    closed_at: datetime | None,
    cancelled_at: datetime | None,
    work: Lists,
    reopened_at: datetime | None,
    ending: Lists,
) -> ClosureFields:
    """Return why a ticket is or is not closed."""
    stages = _stages(work)
    why = closure(TicketState(id, TicketStatus(status), tuple(stage.state for stage in stages.values())))
    over_at = {ClosureReason.CLOSED: closed_at, ClosureReason.CANCELLED: cancelled_at}.get(why.reason)
    return ClosureFields(
        reason=why.reason,
        since=over_at or _open_since(why.reason, reopened_at or created_at, stages.values()),
        open_milestones=[
            OpenMilestoneFields(one, _free_since(stages[one.id], stages.values(), created_at))
            for one in why.open_milestones
        ],
        chain=_chain(ending) if why.reason in (ClosureReason.CLOSED, ClosureReason.CANCELLED) else [],
    )


@dataclass(frozen=True, slots=True)
class _Stage:
    """A milestone of the ticket, and when it was completed or cancelled."""

    state: MilestoneState
    position: int
    depends_on: Sequence[int]
    ended_at: datetime | None


def _stages(work: Lists) -> dict[str, _Stage]:
    rows: defaultdict[str, list[list[Any]]] = defaultdict(list)
    for row in sorted(work or (), key=lambda row: (row[0], row[5] or 0)):
        rows[row[1]].append(row)
    return {id: _stage(id, some) for id, some in rows.items()}


def _stage(id: str, rows: list[list[Any]]) -> _Stage:
    position, _, status, depends_on, ended_at, *_ = rows[0]
    tasks = tuple(
        TaskState(task_id, id, TaskStatus(task_status), bool(mandatory))
        for *_, task_id, task_status, mandatory in rows
        if task_id is not None
    )
    state = MilestoneState(id, MilestoneStatus(status), tasks=tasks)
    return _Stage(state, position, positions_in(depends_on), ended_at and datetime.fromisoformat(ended_at))


def _open_since(reason: ClosureReason, begun_at: datetime, stages: Iterable[_Stage]) -> datetime:
    if reason is ClosureReason.EVERY_MILESTONE_CANCELLED:
        return max(filter(None, [begun_at, *(stage.ended_at for stage in stages)]))
    return begun_at


def _free_since(stage: _Stage, stages: Collection[_Stage], created_at: datetime) -> datetime | None:
    """Return since when a milestone waits for no other; None while it does."""
    positions = awaited_positions(stage.position, stage.depends_on, [one.position for one in stages])
    ends = [one.ended_at for one in stages if one.position in positions]
    return None if None in ends else max([created_at, *filter(None, ends)])


def _chain(ending: Lists) -> list[CausalStep]:
    return [
        CausalStep(event_id, entity_id, actor, datetime.fromisoformat(at))
        for _, event_id, entity_id, actor, at in sorted(ending or (), key=lambda row: row[0])
    ]


milestone_siblings = row_lists(
    'sibling."position", sibling.id', "FROM milestone AS sibling WHERE sibling.ticket_id = {row}.ticket_id"
)


def awaited_ids(position: int, depends_on: list[int], siblings: list[tuple[int, str]] | None) -> list[str]:
    """Return the ids of the milestones that one waits for, or waited for, in order."""
    ids = dict(siblings or ())
    return [ids[one] for one in sorted(awaited_positions(position, depends_on, ids)) if one in ids]


def positions_in(depends_on: Any) -> Sequence[int]:
    """Return a list in a list of JSON. SQLite has it as a text."""
    found: Sequence[int] = orjson.loads(depends_on) if isinstance(depends_on, str) else depends_on
    return found
