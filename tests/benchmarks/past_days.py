"""How the rows of `long_history` stood on the days before today, as the keeper of days would have kept them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from models import KpiDay, KpiMark, Milestone, Operator, Opportunity, Task, Ticket, TicketLine
from models.kpis import OPEN_END

WARNED = timedelta(days=2)
"""How long before its due date work gets yellow."""


async def kept_days(now: datetime) -> list[Any]:
    """Return how work, lines and operators stood, and the mark that says that the days before today are known."""
    tickets = {one.id: one for one in await Ticket.all()}
    finishes: dict[str, set[date]] = {}
    days: list[Any] = []
    for task in await Task.all():
        for row_id in (task.milestone_id, task.ticket_id) if task.finished_at else ():
            finishes.setdefault(row_id, set()).add(task.finished_at.date())
        shown = {"operator_id": task.assignee_id, "hours": task.estimated_hours}
        days += _open(tickets[task.ticket_id], task, task.finished_at, **shown)
    for stage in await Milestone.all():
        ticket = tickets[stage.ticket_id]
        shown = {"operator_id": ticket.owner_id, "task_count": stage.task_count, "finished_task_count": 1}
        days += _open(ticket, stage, stage.completed_at, finishes.get(stage.id, ()), **shown)
    for ticket in tickets.values():
        shown = {"operator_id": ticket.owner_id}
        days += _open(ticket, ticket, ticket.closed_at, finishes.get(ticket.id, ()), **shown)
    children = {one.ticket_line_id: tickets[str(one.child_ticket_id)] for one in await Opportunity.all()}
    for line in await TicketLine.all():
        child = children[line.id]
        shown = {"operator_id": child.owner_id, "child_id": child.id}
        days += _open(child, child, child.closed_at, entity="TicketLine", row_id=line.id, **shown)
    first = min(one.since_on for one in days)
    shared = {"entity": "Operator", "since_on": first, "until_on": OPEN_END}
    for one in await Operator.all():
        days.append(KpiDay(source_id=one.id, row_id=one.id, hours=one.weekly_hours, **shared))
    return [*days, KpiMark(id=1, begins_on=first, end_on=now.date(), basis="", leased_until=now)]


def _open(
    ticket: Ticket, row: Any, ended_at: datetime | None, changes: Iterable[date] = (), **shown: Any
) -> Iterator[KpiDay]:
    """Yield the stretches of a row from its ticket's creation to its end, cut where something changed."""
    begin, end = ticket.created_at.date(), ended_at.date() if ended_at else OPEN_END
    cuts = {begin, end, *(day for day in changes if begin < day < end)}
    for since_on, until_on in pairwise(sorted(cuts)):
        yield KpiDay(
            **{
                "source_id": ticket.tree_id,
                "entity": type(row).__name__,
                "row_id": row.id,
                "since_on": since_on,
                "until_on": until_on,
                "status": "TODO" if isinstance(row, Task) else "IN_PROGRESS",
                "company_id": ticket.company_id,
                "priority": "NORMAL",
                "due_on": row.due_on,
                "yellow_on": row.due_on - WARNED,
                "red_on": row.due_on + WARNED,
                "changed_at": datetime.combine(since_on, ticket.created_at.timetz()),
                **shown,
            }
        )
