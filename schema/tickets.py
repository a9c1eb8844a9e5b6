"""Tickets: the work that a sold kit, or one of its services, calls for."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

import models
from resolvers.connections import pages
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.sources import column, computed, expression, many, one, rows_of
from schema.access import Operator
from schema.companies import Company
from schema.connections import Connection
from schema.events import Event
from schema.kits import Kit, Service, WorkflowTemplate
from schema.milestones import Milestone
from schema.nodes import Node
from schema.opportunities import CrmActivity, Opportunity
from services.planning import sla
from services.planning.closure import ClosureReason, OpenReason
from services.reads import money, work
from services.vocabulary import Priority, SlaLight, TicketKind, TicketStatus


@strawberry.type(description="A milestone that keeps its ticket open.")
class OpenMilestone:
    id: strawberry.ID = strawberry.field(description="The milestone's id.")
    reason: OpenReason = strawberry.field(description="Why it is open itself.")
    mandatory_task_ids: list[strawberry.ID] = strawberry.field(description="Its open mandatory tasks.")
    optional_task_ids: list[strawberry.ID] = strawberry.field(description="Its open optional tasks.")
    task_count: int = strawberry.field(description="How many open tasks that makes.")


@strawberry.type(description="Why a ticket is, or is not, closed.")
class Closure:
    reason: ClosureReason = strawberry.field(description="The answer in one word.")
    open_milestones: list[OpenMilestone] = strawberry.field(
        description="Everything that is still in its way."
    )


@rows_of(models.TicketLine)
@strawberry.type(
    description="The copy of a kit line that a parent ticket took at intake; it becomes one opportunity."
)
class TicketLine(Node):
    position: int = column("Its place in the ticket, from one.")
    service: Service = one("What it sells.", by="service_id")
    name: str = column("What the service was called at intake.")
    quantity: int = column("How many units were sold.")
    unit_price: Decimal = column("The price of one unit at intake.")
    amount: Decimal = column("Price times quantity.")
    currency: str = expression(money.currency, "The currency of the amounts, by its ISO code.")
    mandatory: bool = column("Whether it cannot be left out without saying so.")
    opportunity: Opportunity | None = one("What it became in the CRM, once generated.", back="ticket_line_id")


@rows_of(models.Ticket)
@strawberry.type(description="The work that one sold kit, or one service of it, calls for.")
class Ticket(Node):
    code: str = column("Names it among people; it never changes.")
    kind: TicketKind = column("Whether it stands for a sale or for one delivery of it.")
    title: str = column("What the operator reads first.")
    notes: str = column("What operators wrote about it.")
    priority: Priority = column("How urgent it is.")
    status: TicketStatus = column("How far it has come.")
    company: Company = one("Whose it is.", by="company_id")
    owner: Operator = one("Who answers for it.", by="owner_id")
    template: WorkflowTemplate = one("The version of the workflow that it was made from.", by="template_id")
    kit: Kit | None = one("The kit that was sold; on parents.", by="kit_id")
    service: Service | None = one("The service that it delivers; on children.", by="service_id")
    parent: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The sale that it delivers a part of; on children.", by="parent_id"
    )
    children: list[Annotated["Ticket", strawberry.lazy("schema.tickets")]] = many(
        "The deliveries below it, in the order of their lines.", by="parent_id"
    )
    lines: list[TicketLine] = many("What was sold, line by line; on parents.", by="ticket_id")
    opportunities: list[Opportunity] = many(
        "What the CRM holds of the sale, oldest first; on parents.", by="ticket_id", order="created_at"
    )
    opportunity: Opportunity | None = one("What it delivers; on children.", back="child_ticket_id")
    milestones: list[Milestone] = many("Its stages, in order.", by="ticket_id")
    source_activity: CrmActivity | None = one(
        "The CRM's activity that it came from; on parents.", back="ticket_id", where={"role": "SOURCE"}
    )
    starts_on: date = column("The calendar's date of its creation.")
    due_on: date = column("The day by which its latest milestone should be completed.")
    original_due_on: date = column("The due date that was planned at first.")
    created_at: datetime = column("When it was made.")
    started_at: datetime | None = column("When its first task was started; null before.")
    closed_at: datetime | None = column("When it was last closed; null while it is not.")
    first_closed_at: datetime | None = column(
        "When it was closed for the first time; it stays when reopened."
    )
    cancelled_at: datetime | None = column("When it was cancelled; null otherwise.")
    reason: str | None = column("Why it was cancelled, where it was.")
    progress: float | None = expression(
        work.ticket_progress,
        "Finished tasks among its own that count, from 0 to 1: not skipped, and in no cancelled milestone."
        " Null when there is nothing to do.",
    )
    delivery_progress: float | None = expression(
        work.ticket_delivery_progress,
        "The same over the tasks of its children; null when there is nothing to do.",
    )
    sla: SlaLight | None = computed(
        sla.light,
        "How it stands against its due date, with the warning and escalation days of its latest milestone;"
        " null when finished.",
        warning_days=work.ticket_warning_days,
        escalation_days=work.ticket_escalation_days,
        finished=work.ticket_finished,
    )
    closure: Closure = computed(work.ticket_closure, "Why it is, or is not, closed.", work=work.ticket_work)
    events: Connection[Event] = pages(
        "Everything that happened in its tree, oldest first.", by="stream_id", of="tree_id", order="seq"
    )
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.Ticket, "Which tickets are meant.")
class TicketFilter:
    kind: Choice[TicketKind] | None = criterion("By the kind.")
    status: Choice[TicketStatus] | None = criterion("By how far it has come.")
    priority: Choice[Priority] | None = criterion("By how urgent it is.")
    code: Choice[str] | None = criterion("By the code.")
    company_id: Choice[strawberry.ID] | None = criterion("By whose it is.")
    owner_id: Choice[strawberry.ID] | None = criterion("By who answers for it.")
    kit_id: Choice[strawberry.ID] | None = criterion("By the kit that was sold.")
    service_id: Choice[strawberry.ID] | None = criterion("By the service that it delivers.")
    parent_id: Choice[strawberry.ID] | None = criterion("By the ticket above it; null for parents.")
    tree_id: Choice[strawberry.ID] | None = criterion(
        "By the parent at the root of its tree, which is in it too."
    )
    starts_on: Range[date] | None = criterion("By its first day.")
    due_on: Range[date] | None = criterion("By its due date.")
    created_at: Range[datetime] | None = criterion("By when it was made.")
    closed_at: Range[datetime] | None = criterion("By when it was closed; null for not closed.")


@strawberry.enum(description="How tickets may be ordered; the id decides in the end.")
class TicketOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    DUE_ON_ASC = strawberry.enum_value("due_on", description="The most urgent due date first.")
    DUE_ON_DESC = strawberry.enum_value("-due_on", description="The latest due date first.")
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    CLOSED_AT_DESC = strawberry.enum_value(
        "-closed_at", description="The last closed first, those not closed last."
    )
