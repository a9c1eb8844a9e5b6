"""Tickets: the work for a sold kit, or for one of its services."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

import models
from resolvers.actors import actor
from resolvers.availability import available
from resolvers.changes import changes_of_tree
from resolvers.reads.connections import pages
from resolvers.reads.filters import Choice, DateRange, Range, criterion, filters
from resolvers.reads.rows import linked, loaded, loaded_all
from resolvers.reads.sources import (
    ExpressionSource,
    column,
    computed,
    expression,
    many,
    one,
    rows_of,
    text,
)
from resolvers.work import task_counts
from schema.access import Operator, OperatorFilter
from schema.actors import Actor, SystemActor
from schema.availability import TicketAvailability
from schema.changes import Change
from schema.companies import Company
from schema.connections import Connection
from schema.events import Event
from schema.forms import TICKET_CODE, TREE_ID
from schema.kits import Kit, Service, WorkflowTemplate
from schema.milestones import Milestone, Task, TaskCounts, has_light, is_late
from schema.nodes import Node, WorkItem
from schema.opportunities import CrmActivity, Opportunity
from schema.sizes import CHILDREN, MILESTONES, TASKS
from schema.trees import TreeChange
from services.availability import of_child, of_ticket, ticket_availability
from services.planning.tickets.closure import ClosureReason, OpenReason
from services.tickets import closure_fields, money_fields, read_fields
from services.tickets.text_search import has_words, in_ticket_or_notes
from services.vocabulary import Priority, SlaLight, TicketKind, TicketStatus


@strawberry.type(description="A milestone that keeps its ticket open.")
class OpenMilestone:
    id: strawberry.ID = strawberry.field(description="The milestone's id.")
    reason: OpenReason = strawberry.field(description="Why it is open.")
    since: datetime | None = strawberry.field(
        description="Since when it could be worked on: when the last milestone that it depends on ended, "
        "or the ticket was created; null while it is blocked."
    )
    milestone: Milestone = loaded("The milestone.", by="id")
    tasks: list[Task] = loaded_all(
        "Its open tasks, mandatory ones first, in order.", by="task_ids", size=TASKS
    )
    mandatory_task_ids: list[strawberry.ID] = strawberry.field(description="Its open mandatory tasks.")
    optional_task_ids: list[strawberry.ID] = strawberry.field(description="Its open optional tasks.")
    task_count: int = strawberry.field(description="How many open tasks it has.")


@strawberry.type(description="One step of what led to the end of a ticket.")
class CausalStep:
    node: WorkItem = loaded("What changed.", by="node_id")
    event: Event = loaded("The event that records it.", by="event_id")
    actor: Actor = actor("Who did it.", system=SystemActor)
    at: datetime = strawberry.field(description="When.")


@strawberry.type(description="Why a ticket is, or is not, closed.")
class Closure:
    reason: ClosureReason = strawberry.field(description="The reason as a code.")
    since: datetime = strawberry.field(description="Since when this is so.")
    open_milestones: list[OpenMilestone] = strawberry.field(description="The milestones that keep it open.")
    chain: list[CausalStep] = strawberry.field(
        description="What led to its end, from the ticket down to what an operator did or the CRM reported; "
        "empty while it is open."
    )


@strawberry.type(
    description="What opportunities come to. Those that are lost, or that the CRM no longer has, add no amount."
)
class OpportunityTotals:
    count: int = strawberry.field(description="How many there are.")
    won: int = strawberry.field(description="How many of them are won.")
    lost: int = strawberry.field(description="How many of them are lost.")
    missing: int = strawberry.field(description="How many lines of the ticket have none yet.")
    amount: Decimal = strawberry.field(description="What they are worth together.")
    currency: str = strawberry.field(
        description="The currency of the amount, by its ISO code.", resolver=money_fields.only_currency
    )


@rows_of(models.TicketLine)
@strawberry.type(
    description="A parent ticket's copy of a kit line, made at intake; it becomes one opportunity."
)
class TicketLine(Node):
    position: int = column("Its position in the ticket, from one.")
    service: Service = one("The service that it sells.", by="service_id")
    name: str = column("The name of the service at intake.")
    quantity: int = column("How many units were sold.")
    unit_price: Decimal = column("The price of one unit at intake.")
    amount: Decimal = column("Price times quantity.")
    currency: str = expression(money_fields.currency, "The currency of the amounts, by its ISO code.")
    mandatory: bool = column("Whether leaving it out needs a reason.")
    opportunity: Opportunity | None = one(
        "Its opportunity in the CRM, once generated.", back="ticket_line_id"
    )


@rows_of(models.Ticket)
@strawberry.type(description="The work for one sold kit, or for one service of it.")
class Ticket(WorkItem):
    code: str = column("Its code for people; it never changes.")
    kind: TicketKind = column("Whether it is a sale or one delivery of it.")
    notes: str | None = text("The operators' notes; null for none.")
    priority: Priority = column("Its priority.")
    status: TicketStatus = column("Its status.")
    company: Company = one("Its company.", by="company_id")
    owner: Operator = one("Its owner.", by="owner_id")
    template: WorkflowTemplate = one("The version of the workflow that it was made from.", by="template_id")
    kit: Kit | None = one("The kit that was sold; on parents.", by="kit_id")
    service: Service | None = one("The service that it delivers; on children.", by="service_id")
    parent: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The parent ticket that it belongs to; on children.", by="parent_id"
    )
    children: list[Annotated["Ticket", strawberry.lazy("schema.tickets")]] = many(
        "Its child tickets, in the order of their lines.", by="parent_id", size=CHILDREN
    )
    lines: list[TicketLine] = many("What was sold, line by line; on parents.", by="ticket_id", size=CHILDREN)
    opportunities: list[Opportunity] = many(
        "The opportunities of the sale, oldest first; on parents.",
        by="ticket_id",
        size=CHILDREN,
        order="created_at",
    )
    opportunity: Opportunity | None = one(
        "The opportunity that it delivers; on children.", back="child_ticket_id"
    )
    milestones: list[Milestone] = many("Its stages, in order.", by="ticket_id", size=MILESTONES)
    source_activity: CrmActivity | None = one(
        "The CRM's activity that it came from; on parents.", back="ticket_id", where={"role": "SOURCE"}
    )
    starts_on: date = column("The day of its creation in the calendar's zone.")
    due_on: date = column("The day by which its latest milestone should be completed.")
    created_at: datetime = column("When it was created.")
    started_at: datetime | None = column("When its first task was started; null before.")
    closed_at: datetime | None = column("When it was last closed; null while it is open.")
    first_closed_at: datetime | None = column("When it was first closed; reopening keeps it.")
    cancelled_at: datetime | None = column("When it was cancelled; null otherwise.")
    cancelled_reason: str | None = column("Why it was cancelled; null if it is not.")
    task_count: int = column(
        "How many tasks it has itself, without skipped ones and those of cancelled milestones."
    )
    finished_task_count: int = column("How many of them are done.")
    task_counts: TaskCounts = task_counts("How many of its tasks stand where.")
    progress: float | None = expression(
        read_fields.ticket_progress,
        "The share of its own tasks that is done, from 0 to 1, without skipped tasks and "
        "cancelled milestones. Null if there is nothing to do.",
    )
    delivery_progress: float | None = expression(
        read_fields.ticket_delivery_progress,
        "The same over the tasks of its children; null if there is nothing to do.",
    )
    next_due_task: Task | None = linked(
        "The open task of its tree with the nearest due date; of a child, of its own tasks.",
        ExpressionSource(read_fields.next_due_task),
    )
    opportunity_totals: OpportunityTotals = computed(
        read_fields.opportunity_totals,
        "What the opportunities of the sale come to; of a child, the one that it delivers.",
        opportunities=read_fields.ticket_opportunities,
        missing=read_fields.ticket_lines_to_sell,
    )
    availability: TicketAvailability = available(
        "What can be done with it now, and if not, why.",
        ticket_availability,
        {**of_ticket, **of_child},
    )
    closure: Closure = computed(
        closure_fields.ticket_closure,
        "Why it is, or is not, closed.",
        work=closure_fields.ticket_work,
        reopened_at=closure_fields.ticket_reopened_at,
        ending=closure_fields.ticket_ending,
    )
    tree_seq: int = expression(
        read_fields.tree_seq,
        "How far the log of its tree has come: the answer contains every change up to this `seq`, and no later one.",
    )
    tree_cursor: str = expression(
        read_fields.tree_cursor, "The same place as a cursor: pass it to a subscription as `after`."
    )
    events: Connection[Event] = pages(
        "The events of its tree, oldest first.", by="stream_id", of="tree_id", order="seq"
    )
    changes: Connection[Change] = changes_of_tree(
        "What was committed in its tree, newest first: one entry for each change, however many rows it touched."
    )


@filters(models.Ticket, "A filter of tickets.")
class TicketFilter:
    text: str | None = criterion(
        "Each of these words stands in the title, the code, the company's name or the notes.",
        means=lambda text, _: has_words(text, in_ticket_or_notes),
    )
    kind: Choice[TicketKind] | None = criterion("By the kind.")
    status: Choice[TicketStatus] | None = criterion("By status.")
    priority: Choice[Priority] | None = criterion("By priority.")
    code: Choice[str] | None = criterion("By the code.", form=TICKET_CODE)
    company_id: Choice[strawberry.ID] | None = criterion("By company.")
    owner_id: Choice[strawberry.ID] | None = criterion("By owner.")
    owner: OperatorFilter | None = criterion("By owner; `isMe` for one's own.", leads_by="owner_id")
    kit_id: Choice[strawberry.ID] | None = criterion("By the kit that was sold.")
    service_id: Choice[strawberry.ID] | None = criterion("By the service that it delivers.")
    parent_id: Choice[strawberry.ID] | None = criterion("By the ticket above it; null for parents.")
    tree_id: Choice[strawberry.ID] | None = criterion(
        "By the parent at the root of its tree; includes that parent.", form=TREE_ID
    )
    starts_on: DateRange | None = criterion("By its start date.")
    due_on: DateRange | None = criterion("By its due date.")
    sla: Choice[SlaLight] | None = criterion(
        "By its light today; null for a finished ticket.",
        means=has_light,
    )
    late: Choice[bool] | None = criterion(
        "By whether it is unfinished and past its due date today.",
        means=is_late,
    )
    created_at: Range[datetime] | None = criterion("By when it was created.")
    updated_at: Range[datetime] | None = criterion(
        "By when it, or one of its milestones or tasks, last changed."
    )
    closed_at: Range[datetime] | None = criterion("By when it was closed; null if it is open.")


@strawberry.enum(description="The orders of tickets; ties are broken by id.")
class TicketOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    DUE_ON_ASC = strawberry.enum_value("due_on", description="Earliest due date first.")
    DUE_ON_DESC = strawberry.enum_value("-due_on", description="Latest due date first.")
    PRIORITY_DESC = strawberry.enum_value(
        "urgency due_on", description="Highest priority first, then by due date."
    )
    UPDATED_AT_DESC = strawberry.enum_value("-updated_at", description="Last changed first.")
    TITLE_ASC = strawberry.enum_value(
        "sort_title", description="By title, without case, accents and punctuation."
    )
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    CLOSED_AT_DESC = strawberry.enum_value(
        "-closed_at", description="Last closed first, open ones at the end."
    )


@strawberry.type(description="The ticket as it was cancelled.")
class CancelTicketPayload(TreeChange):
    ticket: Ticket | None = loaded("The ticket as it is now.", by="id")


@strawberry.type(description="The ticket with its new values.")
class UpdateTicketPayload(TreeChange):
    ticket: Ticket | None = loaded("The ticket as it is now.", by="id")
