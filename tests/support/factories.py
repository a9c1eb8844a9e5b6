"""Rows for tests, written as fast as the database takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import models
from models.identity import new_id
from services.events import Broadcast, EventLog
from services.planning.calendar import WorkCalendar
from services.tickets.facts import FactsKeeper

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)

_numbers = count(1)


def number() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def operator(**columns: Any) -> models.Operator:
    n = number()
    defaults = {"name": f"Operatore {n}", "email": f"operatore{n}@studio.example", "role": "OPERATOR"}
    return models.Operator(**{**defaults, "created_at": NOW, **columns})


def company(**columns: Any) -> models.Company:
    n = number()
    return models.Company(**{"crm_id": n, "name": f"Azienda {n} S.r.l.", "refreshed_at": NOW, **columns})


def template(**columns: Any) -> models.WorkflowTemplate:
    defaults = {"code": f"W{number()}", "version": 1, "current": True, "name": "Percorso", "description": ""}
    return models.WorkflowTemplate(**{**defaults, "digest": "", "created_at": NOW, **columns})


def service(**columns: Any) -> models.Service:
    n = number()
    defaults = {"code": f"S{n}", "name": f"Servizio {n}", "description": "", "price": Decimal("1500.00")}
    return models.Service(**{**defaults, "digest": "", **columns})


def ticket(**columns: Any) -> models.Ticket:
    """A parent, unless said otherwise; a child shares the `tree_id` of its parent."""
    row_id = new_id(models.Ticket.prefix)
    defaults = {
        "id": row_id,
        "tree_id": row_id,
        "kind": "PARENT",
        "code": f"TCK-X-{number()}-00",
        "title": "Start Office Finance",
        "priority": "MEDIUM",
        "status": "OPEN",
        "starts_on": TODAY,
        "due_on": TODAY,
        "original_due_on": TODAY,
        "created_at": NOW,
    }
    return models.Ticket(**{**defaults, **columns})


def line(ticket: models.Ticket, **columns: Any) -> models.TicketLine:
    defaults = {
        "tree_id": ticket.tree_id,
        "ticket_id": ticket.id,
        "position": 1,
        "name": "Formazione",
        "quantity": 1,
        "unit_price": Decimal("1500.00"),
        "amount": Decimal("1500.00"),
        "mandatory": True,
    }
    return models.TicketLine(**{**defaults, **columns})


def milestone(ticket: models.Ticket, **columns: Any) -> models.Milestone:
    defaults = {
        "tree_id": ticket.tree_id,
        "ticket_id": ticket.id,
        "position": 1,
        "title": "Onboarding",
        "kind": "STANDARD",
        "status": "PLANNED",
        "sla_days": 10,
        "warning_days": 2,
        "escalation_days": 3,
        "starts_on": TODAY,
        "due_on": TODAY,
        "original_due_on": TODAY,
    }
    return models.Milestone(**{**defaults, **columns})


def task(milestone: models.Milestone, **columns: Any) -> models.Task:
    defaults = {
        "tree_id": milestone.tree_id,
        "ticket_id": milestone.ticket_id,
        "milestone_id": milestone.id,
        "position": 1,
        "title": "Firma Incarico",
        "workflow_role": "Consulente",
        "mandatory": True,
        "status": "TODO",
        "estimated_hours": Decimal("1.50"),
        "sla_days": 2,
        "starts_on": TODAY,
        "due_on": TODAY,
        "original_due_on": TODAY,
    }
    return models.Task(**{**defaults, **columns})


def opportunity(ticket: models.Ticket, **columns: Any) -> models.Opportunity:
    defaults = {
        "tree_id": ticket.tree_id,
        "crm_id": number(),
        "title": "Formazione",
        "amount": Decimal("1500.00"),
        "status": "OPEN",
        "company_id": ticket.company_id,
        "ticket_id": ticket.id,
        "created_at": NOW,
        "refreshed_at": NOW,
    }
    return models.Opportunity(**{**defaults, **columns})


def event(stream: models.Stream, seq: int, **columns: Any) -> models.Event:
    defaults = {
        "stream_id": stream.id,
        "seq": seq,
        "change_id": new_id("chg"),
        "kind": "TASK_DONE",
        "entity": "Task",
        "entity_id": new_id(models.Task.prefix),
        "actor": "test",
        "cause": "test",
        "occurred_at": NOW,
    }
    return models.Event(**{**defaults, **columns})


@dataclass(frozen=True, slots=True)
class Tree:
    """A parent with its children, and everything below them."""

    parent: models.Ticket
    operator: models.Operator
    company: models.Company
    children: tuple[models.Ticket, ...]
    node_count: int


async def save(*rows: Any) -> None:
    """Write rows of any models, those that others point to first, one statement for each run of one model."""
    run: list[Any] = []
    for row in rows:
        if run and type(run[-1]) is not type(row):
            await type(run[-1]).bulk_create(run)
            run = []
        run.append(row)
    if run:
        await type(run[-1]).bulk_create(run)


def keeper() -> FactsKeeper:
    return FactsKeeper(WorkCalendar(ZoneInfo("Europe/Rome")))


async def store_facts(*, outdated: bool = False) -> None:
    """Give all tickets the facts that follow from their rows, as the changes that write them do."""
    async for _ in keeper().rebuild(EventLog(clock=lambda: NOW, broadcast=Broadcast()), outdated=outdated):
        pass


async def save_tree(*, children: int, milestones: int = 3, tasks: int = 4) -> Tree:
    """Write a parent with an onboarding of four tasks, and children that each have a line and an opportunity."""
    owner, customer, workflow, sold = operator(), company(), template(), service()
    links = {"company_id": customer.id, "owner_id": owner.id, "template_id": workflow.id}
    parent = ticket(**links)
    lines = [line(parent, position=n, service_id=sold.id, awaits_child=False) for n in range(1, children + 1)]
    below = [
        ticket(
            tree_id=parent.id,
            kind="CHILD",
            parent_id=parent.id,
            position=one.position,
            service_id=sold.id,
            **links,
        )
        for one in lines
    ]
    opportunities = [
        opportunity(parent, ticket_line_id=one.id, child_ticket_id=child.id)
        for one, child in zip(lines, below, strict=True)
    ]
    stages = [milestone(parent), *_stages(below, milestones)]
    work = [*_work(stages[:1], 4, owner), *_work(stages[1:], tasks, owner)]
    rows = [parent, *lines, *below, *opportunities, *stages, *work]
    await save(owner, customer, workflow, sold, parent, *lines, *below, *opportunities, *stages, *work)
    return Tree(parent, owner, customer, tuple(below), len(rows))


def _stages(tickets: list[models.Ticket], number_of: int) -> Iterator[models.Milestone]:
    for one in tickets:
        for position in range(1, number_of + 1):
            yield milestone(one, position=position, title=f"Fase {position}")


def _work(stages: list[models.Milestone], number_of: int, owner: models.Operator) -> Iterator[models.Task]:
    for stage in stages:
        for position in range(1, number_of + 1):
            yield task(stage, position=position, assignee_id=owner.id)


async def save_tickets(*columns: dict[str, Any]) -> list[models.Ticket]:
    """One parent for each set of columns, of one company and owner."""
    owner, customer, workflow = operator(), company(), template()
    links = {"company_id": customer.id, "owner_id": owner.id, "template_id": workflow.id}
    tickets = [ticket(**links, **one) for one in columns]
    await save(owner, customer, workflow, *tickets)
    return tickets
