"""The rows of tickets, read with one statement."""

# ruff: noqa: S608 - names come from the models; every value is bound

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import orjson
from tortoise.connection import get_connection

from models import Milestone, Task, Ticket
from models.database import WRITES
from models.identity import Row
from services.events import Change
from services.planning.tickets.workflow import MilestoneState, TaskState, TicketState
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

WorkRow = Ticket | Milestone | Task

P = TypeVar("P", Milestone, Task)

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
        yield from self.all_tasks()

    def all_tasks(self) -> Iterator[Task]:
        for milestone in self.milestones:
            yield from self.tasks.get(milestone.id, ())

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
    """Read the ticket's rows. Whoever writes what follows from them reads them inside the change."""
    return (await read_tickets(ticket_id))[ticket_id]


async def read_tickets(*ticket_ids: str) -> dict[str, TicketRows]:
    """Read the rows of these tickets, in the order of their ids."""
    client = get_connection(WRITES)
    wanted = sorted(ticket_ids)
    among, value = _among(wanted, on_postgres=client.capabilities.dialect == "postgres")
    _, records = await client.execute_query(_statement(among), [value])
    tickets: dict[str, Ticket] = {}
    milestones: defaultdict[str, list[Milestone]] = defaultdict(list)
    tasks: defaultdict[str, defaultdict[str, list[Task]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        part, *values = record
        model, columns, start = _layout()[part]
        own = dict(zip(columns, values[start:], strict=False))
        if own["id"] is None:
            continue
        match model._init_from_db(**own):
            case Ticket() as ticket:
                tickets[ticket.id] = ticket
            case Milestone() as milestone:
                milestones[milestone.ticket_id].append(milestone)
            case Task() as task:
                tasks[task.ticket_id][task.milestone_id].append(task)
    return {
        one: TicketRows(
            tickets[one],
            _in_order(milestones[one]),
            {milestone_id: _in_order(some) for milestone_id, some in tasks[one].items()},
        )
        for one in wanted
    }


def _among(ids: Sequence[str], *, on_postgres: bool) -> tuple[str, Any]:
    """Return the condition that a column has one of these values, and what it binds."""
    if len(ids) == 1:
        # PostgreSQL keeps its plan for one value, and makes one for each list anew.
        return ("= $1" if on_postgres else "= ?1"), ids[0]
    if on_postgres:
        return "= ANY($1)", ids
    return "IN (SELECT value FROM json_each(?1))", orjson.dumps(ids).decode()


def _in_order(rows: Sequence[P]) -> list[P]:
    return sorted(rows, key=lambda row: row.position)


@cache
def _statement(among: str) -> str:
    """Return the statement that reads each part as rows of its own, with nulls for the other parts."""
    columns = [f'"{model._meta.db_table}"."{name}"' for model, names, _ in _layout() for name in names]
    joins = [
        f'LEFT JOIN "{model._meta.db_table}" ON part.n = {number} AND "{model._meta.db_table}"."{key}" {among}'
        for number, (model, key) in enumerate(_PARTS)
    ]
    parts = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(len(_PARTS)))
    return f"SELECT part.n, {', '.join(columns)} FROM ({parts}) AS part {' '.join(joins)}"


async def take_in_hand(change: Change, *ticket_ids: str) -> dict[str, TicketRows]:
    """Read the rows of these tickets, and let the followers of the change use them."""
    tickets = await read_tickets(*ticket_ids)
    change.at_hand |= tickets
    return tickets


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
