"""Rows as the examples of the figures need them, and what they read of an answer."""

from datetime import date

import models
from tests.schema.kpis.conftest import at
from tests.support import factories
from tests.support.factories import NOW

DAY = {n: date(2026, 11, n) for n in range(1, 31)}


def due(original: date, current: date | None = None) -> dict:
    return {"original_due_on": original, "due_on": current or original}


def completed(first: str, latest: str | None = None) -> dict:
    """Of a milestone; if it was reopened, with both instants."""
    return {
        "status": "COMPLETED",
        "first_completed_at": at(first),
        "completed_at": at(latest or first),
        "reopened_count": int(latest is not None),
    }


def done(first: str, latest: str | None = None) -> dict:
    """The same of a task."""
    columns = completed(first, latest)
    names = {"first_completed_at": "first_finished_at", "completed_at": "finished_at"}
    return {names.get(name, name): value for name, value in columns.items()} | {"status": "DONE"}


def closed(created: str, first: str, latest: str | None = None) -> dict:
    """The same of a ticket."""
    columns = completed(first, latest)
    names = {"first_completed_at": "first_closed_at", "completed_at": "closed_at"}
    renamed = {names.get(name, name): value for name, value in columns.items()}
    return renamed | {"status": "CLOSED", "created_at": at(created)}


def left_out(figure) -> dict:
    return {one["reason"]: int(one["measure"]["value"]) for one in figure["exclusions"]}


def summed(figure) -> dict:
    return {one["name"]: one["measure"]["value"] for one in figure["statistics"]}


async def children(work, parent: models.Ticket, *columns: dict) -> list[models.Ticket]:
    below = {"kind": "CHILD", "parent_id": parent.id, "tree_id": parent.id}
    return await work.tickets(*({**below, **one} for one in columns))


def sale(ticket: models.Ticket, occurred_at: str) -> models.CrmActivity:
    return models.CrmActivity(
        role="SOURCE",
        tree_id=ticket.id,
        crm_id=factories.number(),
        subject="Venduto",
        ticket_id=ticket.id,
        occurred_at=at(occurred_at),
        created_at=NOW,
    )
