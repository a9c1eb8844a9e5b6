"""The rows of one ticket, read with one statement."""

# ruff: noqa: S608 - names come from the models; every value is bound

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tortoise.connection import get_connection

from models import Milestone, Task, Ticket
from models.database import WRITES
from models.identity import Row
from services.events import Change
from services.planning.tickets.workflow import MilestoneState, TaskState, TicketState
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

WorkRow = Ticket | Milestone | Task

_PARTS: Sequence[tuple[type[Row], str]] = ((Ticket, "id"), (Milestone, "ticket_id"), (Task, "ticket_id"))
"""What belongs to a ticket, with the column that holds the ticket's id."""


@cache
def _layout() -> Sequence[tuple[type[Row], Sequence[str], int]]:
    """Return each part with its columns, and where they begin in a record."""
    layout, start = [], 0
    for model, _ in _PARTS:
        columns = tuple(model._meta.fields_db_projection)
        layout.append((model, columns, start))
        start += len(columns)
    return layout


@dataclass(frozen=True, slots=True)
class TicketRows:
    """A ticket with its milestones and their tasks, in order."""

    ticket: Ticket
    milestones: Sequence[Milestone]
    tasks: Mapping[str, Sequence[Task]] = field(default_factory=dict)
    """By milestone."""

    def __iter__(self) -> Iterator[WorkRow]:
        yield self.ticket
        yield from self.milestones
        for tasks in self.tasks.values():
            yield from tasks

    def state(self) -> TicketState:
        """Return what the cascade decides on."""
        milestones = tuple(
            MilestoneState(
                milestone.id,
                MilestoneStatus(milestone.status),
                MilestoneKind(milestone.kind),
                tuple(
                    TaskState(task.id, milestone.id, TaskStatus(task.status), task.mandatory)
                    for task in self.tasks.get(milestone.id, ())
                ),
            )
            for milestone in self.milestones
        )
        return TicketState(self.ticket.id, TicketStatus(self.ticket.status), milestones)


async def read_ticket(ticket_id: str) -> TicketRows:
    """Read the ticket's rows. Call it inside the change that writes."""
    client = get_connection(WRITES)
    place = "$1" if client.capabilities.dialect == "postgres" else "?1"
    _, records = await client.execute_query(_statement(place), [ticket_id])
    found: defaultdict[type[Row], list[Any]] = defaultdict(list)
    for record in records:
        part, *values = record
        model, columns, start = _layout()[part]
        own = dict(zip(columns, values[start:], strict=False))
        if own["id"] is not None:
            found[model].append(model._init_from_db(**own))
    tasks: defaultdict[str, list[Task]] = defaultdict(list)
    for task in sorted(found[Task], key=lambda task: task.position):
        tasks[task.milestone_id].append(task)
    milestones = sorted(found[Milestone], key=lambda milestone: milestone.position)
    return TicketRows(found[Ticket][0], milestones, tasks)


@cache
def _statement(place: str) -> str:
    """Return the statement that reads each part as rows of its own, with nulls for the other parts."""
    columns = [f'"{model._meta.db_table}"."{name}"' for model, names, _ in _layout() for name in names]
    joins = [
        f'LEFT JOIN "{model._meta.db_table}" ON part.n = {number} AND "{model._meta.db_table}"."{key}" = {place}'
        for number, (model, key) in enumerate(_PARTS)
    ]
    parts = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(len(_PARTS)))
    return f"SELECT part.n, {', '.join(columns)} FROM ({parts}) AS part {' '.join(joins)}"


async def take_in_hand(change: Change, ticket_id: str) -> TicketRows:
    """Read the ticket's rows, and let the followers of the change use them."""
    rows = change.at_hand[ticket_id] = await read_ticket(ticket_id)
    return rows


def in_hand(change: Change, ticket_id: str) -> TicketRows | None:
    """Return the ticket's rows if they were read within the change, and it changed no others of that ticket."""
    rows: TicketRows | None = change.at_hand.get(ticket_id)
    if rows is None:
        return None
    own = {row.id: row for row in rows}
    for row in change.rows.values():
        of_ticket = isinstance(row, WorkRow) and ticket_id in (row.id, getattr(row, "ticket_id", None))
        if of_ticket and own.get(row.id) is not row:
            return None
    return rows
