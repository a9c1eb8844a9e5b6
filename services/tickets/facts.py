"""Keeps the facts about the work of tickets in their columns: a follower of the event log.

What the facts are is decided in `planning/tickets/facts.py`.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Event, Milestone, Opportunity, Task, Ticket, TicketLine
from services.events import Change, Derived, EventLog, EventType
from services.planning.calendar import WorkCalendar
from services.planning.tickets.facts import MilestoneWork, Span, TaskWork, TicketWork, WorkFacts, work_facts
from services.tickets.ticket_rows import WorkRow, in_hand
from services.vocabulary import MilestoneStatus, Priority, TaskStatus, TicketStatus

REBUILT = EventType.FACTS_REBUILT
"""The event of a ticket whose facts were wrong. It is no work: `updated_at` passes over it."""

ACTOR = "system:facts"

_RULES = "3"
"""Raise it with every change of the rules in `planning/tickets/facts.py`: then the next start rebuilds all facts."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored fact that was not what its rows say."""

    entity: str
    id: str
    column: str
    stored: Any
    computed: Any


class FactsKeeper:
    """Computes the facts with one calendar, and stores them. `follow` is the follower of the event log."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._basis = f"{_RULES}, {calendar.name}"

    async def follow(self, change: Change, events: Sequence[Event]) -> None:
        """Store the facts of every ticket whose work these events change."""
        updated: dict[str, datetime] = {}
        tickets: set[str] = set()
        for event in events:
            row = change.rows[event.entity_id]
            if isinstance(row, WorkRow) and event.kind != REBUILT:
                way_up = _way_up(row)
                updated |= dict.fromkeys(way_up, event.occurred_at)
                tickets.add(way_up[-1])
        if tickets:
            work = await _Work.of_change(change, sorted(tickets))
            await change.derive([_derived(*one, updated.keys()) for one in self._differing(work, updated)])

    async def rebuild(self, events: EventLog, *, outdated: bool = False) -> AsyncIterator[Difference]:
        """Compute all facts again, store them and yield what differed. `outdated`: only those of another basis."""
        tickets = Ticket.exclude(facts_basis=self._basis) if outdated else Ticket.all()
        for tree_id in sorted({ticket.tree_id for ticket in await tickets.only("tree_id")}):
            for difference in await self._rebuild_tree(tree_id, events):
                yield difference

    async def _rebuild_tree(self, tree_id: str, events: EventLog) -> list[Difference]:
        async with events.change(tree_id, actor=ACTOR) as change:
            work = await _Work.read(tree_id=tree_id)
            changed = list(self._differing(work, await _last_changes(tree_id, work)))
            lines = [one async for one in _wrong_lines(tree_id)]
            differences = [one for row, columns in (*changed, *lines) for one in _differences(row, columns)]
            wrong = {_way_up(row)[-1] for row, columns in changed if columns.keys() != {"facts_basis"}}
            wrong |= {line.ticket_id for line, _ in lines}
            for ticket in work.tickets:
                if ticket.id in wrong:
                    change.note(ticket, kind=REBUILT)
            # This event stands for everything in its ticket.
            reached = {row.id for row in work.rows()}
            await change.derive(
                [
                    *(_derived(row, columns, reached) for row, columns in changed),
                    *(Derived(line, columns, named=False) for line, columns in lines),
                ]
            )
        return differences

    def _differing(
        self, work: "_Work", updated: Mapping[str, datetime]
    ) -> Iterator[tuple[WorkRow, dict[str, Any]]]:
        """Yield the rows whose stored facts are not what they should be, with the columns that differ."""
        facts: dict[str, WorkFacts] = {}
        for ticket in work.tickets:
            facts |= work_facts(work.of(ticket, self._calendar), self._calendar)
        for row in work.rows():
            columns = _columns(facts[row.id])
            columns["updated_at"] = updated.get(row.id, row.updated_at)
            if isinstance(row, Ticket):
                columns["facts_basis"] = self._basis
            if differing := {name: value for name, value in columns.items() if getattr(row, name) != value}:
                yield row, differing


@dataclass(frozen=True, slots=True)
class _Work:
    """The rows of some tickets, in order."""

    tickets: list[Ticket]
    milestones: Mapping[str, Sequence[Milestone]]
    tasks: Mapping[str, Sequence[Task]]

    @classmethod
    async def read(cls, **criteria: Any) -> "_Work":
        tickets = await Ticket.filter(**criteria)
        ids = [ticket.id for ticket in tickets]
        milestones: defaultdict[str, list[Milestone]] = defaultdict(list)
        for milestone in await Milestone.filter(ticket_id__in=ids).order_by("position"):
            milestones[milestone.ticket_id].append(milestone)
        tasks: defaultdict[str, list[Task]] = defaultdict(list)
        for task in await Task.filter(ticket_id__in=ids).order_by("position"):
            tasks[task.milestone_id].append(task)
        return cls(tickets, milestones, tasks)

    @classmethod
    async def of_change(cls, change: Change, ticket_ids: Sequence[str]) -> "_Work":
        """Return the rows of tickets that a change touches, read again unless it has them at hand."""
        known = [rows for rows in (in_hand(change, ticket_id) for ticket_id in ticket_ids) if rows]
        if len(known) < len(ticket_ids):
            return await cls.read(id__in=ticket_ids)
        return cls(
            [rows.ticket for rows in known],
            {rows.ticket.id: rows.milestones for rows in known},
            {milestone_id: tasks for rows in known for milestone_id, tasks in rows.tasks.items()},
        )

    def rows(self) -> Iterator[WorkRow]:
        yield from self.tickets
        for milestones in self.milestones.values():
            yield from milestones
        for tasks in self.tasks.values():
            yield from tasks

    def of(self, ticket: Ticket, calendar: WorkCalendar) -> TicketWork:
        return TicketWork(
            ticket.id,
            TicketStatus(ticket.status),
            Priority(ticket.priority),
            ticket.due_on,
            tuple(self._milestone(one, calendar) for one in self.milestones.get(ticket.id, ())),
            _span(ticket.created_at, ticket.closed_at, calendar),
        )

    def _milestone(self, milestone: Milestone, calendar: WorkCalendar) -> MilestoneWork:
        return MilestoneWork(
            milestone.id,
            milestone.position,
            MilestoneStatus(milestone.status),
            tuple(milestone.depends_on),
            milestone.due_on,
            milestone.warning_days,
            milestone.escalation_days,
            tuple(
                TaskWork(
                    task.id,
                    TaskStatus(task.status),
                    task.mandatory,
                    task.due_on,
                    task.sla_days,
                    _span(task.started_at, task.finished_at, calendar),
                )
                for task in self.tasks.get(milestone.id, ())
            ),
        )


def _columns(facts: WorkFacts) -> dict[str, Any]:
    """Return the facts by the names of their columns. Unlike `asdict`, it copies no value."""
    return {name: getattr(facts, name) for name in facts.__slots__}


def _span(begun_at: datetime | None, ended_at: datetime | None, calendar: WorkCalendar) -> Span | None:
    """Return the days between two instants. None: one is missing, or nothing lies between them."""
    if begun_at is None or ended_at is None or begun_at >= ended_at:
        return None
    return calendar.today(begun_at), calendar.today(ended_at)


def _way_up(row: WorkRow) -> tuple[str, ...]:
    """Return the ids of a row and of what it is part of. The ticket's is the last."""
    match row:
        case Task():
            return row.id, row.milestone_id, row.ticket_id
        case Milestone():
            return row.id, row.ticket_id
        case _:
            return (row.id,)


def _derived(row: WorkRow, columns: dict[str, Any], reached: Container[str]) -> Derived:
    """Name the row in the log if one of its facts is logged, or if no event leads to it.

    Only figures read the day of a risk, and nobody watches it. A row is not named because of it alone.
    """
    logged = columns.keys() - row.excluded_from_events
    watched = columns.keys() - {"at_risk_on"}
    return Derived(row, columns, named=bool(logged or (watched and row.id not in reached)))


async def _wrong_lines(tree_id: str) -> AsyncIterator[tuple[TicketLine, dict[str, Any]]]:
    """Yield the lines that await a child although they have one, or the other way round, with what is right."""
    delivered = Opportunity.filter(tree_id=tree_id, child_ticket_id__not_isnull=True)
    have_a_child: set[Any] = set(await delivered.values_list("ticket_line_id", flat=True))
    for line in await TicketLine.filter(tree_id=tree_id).order_by("position"):
        if line.awaits_child is (line.id in have_a_child):
            yield line, {"awaits_child": not line.awaits_child}


def _differences(row: WorkRow | TicketLine, columns: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in columns.items():
        if name != "facts_basis":
            yield Difference(type(row).__name__, row.id, name, getattr(row, name), value)


async def _last_changes(tree_id: str, work: _Work) -> dict[str, datetime]:
    """Return when the rows of a tree last changed, by the log: each itself, or what is part of it."""
    events = Event.filter(stream_id=tree_id, entity__in=["Ticket", "Milestone", "Task"]).exclude(kind=REBUILT)
    own: dict[str, datetime] = dict(await events.order_by("seq").values_list("entity_id", "occurred_at"))
    last: dict[str, datetime] = {}
    for row in work.rows():
        if (at := own.get(row.id)) is not None:
            for row_id in _way_up(row):
                last[row_id] = max(at, last.get(row_id, at))
    return last
