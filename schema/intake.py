"""The inbox of activities that could not become tickets by themselves."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.sources import column, one, rows_of
from schema.nodes import Node
from schema.tickets import Ticket
from services.vocabulary import IntakeReason, IntakeStatus


@rows_of(models.IntakeItem)
@strawberry.type(description="A CRM activity that waits for a person to make it a ticket, or not.")
class IntakeItem(Node):
    crm_activity_id: strawberry.ID = column("The activity's id in the CRM.")
    status: IntakeStatus = column("What became of it.")
    reason: IntakeReason = column("Why it could not become a ticket by itself.")
    explanation: str = column("The same in a sentence.")
    subject: str = column("The activity's subject.")
    description: str = column("The activity's text.")
    crm_company_id: strawberry.ID | None = column(
        "The company's id in the CRM, where the activity names one."
    )
    candidates: list[str] = column("The codes of the kits that its text may mean.")
    ticket: Ticket | None = one("The ticket that it became.", by="ticket_id")
    created_at: datetime = column("When it came in.")
    settled_at: datetime | None = column("When it was resolved or dismissed; null while it waits.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.IntakeItem, "Which items of the inbox are meant.")
class IntakeItemFilter:
    status: Choice[IntakeStatus] | None = criterion("By what became of it.")
    reason: Choice[IntakeReason] | None = criterion("By why it could not become a ticket by itself.")
    crm_activity_id: Choice[strawberry.ID] | None = criterion("By the activity's id in the CRM.")
    created_at: Range[datetime] | None = criterion("By when it came in.")


@strawberry.enum(description="How the inbox may be ordered; the id decides in the end.")
class IntakeItemOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
