"""What we know of the CRM's records: opportunities and activities."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.sources import column, computed, expression, one, rows_of
from schema.companies import Company
from schema.nodes import Node
from services.planning import opportunity_facts, opportunity_flags
from services.reads import money, work
from services.vocabulary import CrmActivityRole, FlagKind, OpportunityStatus, Repair, UnmatchedReason

if TYPE_CHECKING:
    from schema.kits import Service
    from schema.milestones import Milestone
    from schema.tickets import Ticket, TicketLine


@rows_of(models.Opportunity)
@strawberry.type(description="One of the CRM's opportunities, as we last saw it.")
class Opportunity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    code: str | None = column("Our code for it, which its child ticket gets; null while none is given.")
    title: str = column("What it is called.")
    amount: Decimal | None = column("What it is worth, where the CRM says so.")
    currency: str = expression(money.currency, "The currency of the amount, by its ISO code.")
    phase: str | None = column("The CRM's own phase, in its words.")
    status: OpportunityStatus = column("What the CRM says of it.")
    company: Company = one("Whose it is.", by="company_id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The parent ticket that it came from.", by="ticket_id"
    )
    ticket_line: Annotated["TicketLine", strawberry.lazy("schema.tickets")] | None = one(
        "The line that it sells; null for one that was adopted without a line.", by="ticket_line_id"
    )
    service: Annotated["Service", strawberry.lazy("schema.kits")] | None = one(
        "What it sells beside the lines; null where its line says so.", by="service_id"
    )
    child_ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The child ticket that delivers it, once made.", by="child_ticket_id"
    )
    created_at: datetime = column("When we first knew of it.")
    refreshed_at: datetime = column("When the CRM was last asked.")
    missing_since: datetime | None = column("Since when the CRM no longer shows it; null while it does.")
    flag: FlagKind | None = column("What is wrong with it in the CRM; null while all is well.")
    flagged_at: datetime | None = column("Since when we know.")
    flag_explanation: str | None = computed(opportunity_flags.explain_flag, "The same in a sentence.")
    flag_crm_id: strawberry.ID | None = column(
        "The opportunity of the CRM that stands in its place, where known; RELINK takes it, if it is none of ours."
    )
    flag_crm_company_id: strawberry.ID | None = column("Whose it is now, where it moved; an id of the CRM.")
    proposed_repairs: list[Repair] = computed(
        opportunity_flags.propose_repairs,
        "What may put it right, likeliest first, for `repairOpportunity`.",
        can_relink=work.opportunity_can_relink,
        child_is_open=work.child_is_open,
    )
    kept_at: datetime | None = column("When an operator decided to leave it so; null while nobody did.")
    kept_reason: str | None = column("Why.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@rows_of(models.UnmatchedOpportunity)
@strawberry.type(
    description="An opportunity of the CRM that the last synchronisation could not match with certainty."
)
class UnmatchedOpportunity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    company: Company = one("Whose it is.", by="company_id")
    code: str = column("The code that the CRM shows; often none.")
    title: str = column("What it is called.")
    amount: Decimal | None = column("What it is worth, where the CRM says so.")
    currency: str = expression(money.currency, "The currency of the amount, by its ISO code.")
    phase: str | None = column("The CRM's own phase, in its words.")
    status: OpportunityStatus = column("What the CRM says of it.")
    reason: UnmatchedReason = column("Why it could not be matched.")
    explanation: str = computed(opportunity_facts.explain, "The same in a sentence.")
    candidate_line_ids: list[strawberry.ID] = column(
        "The free lines that it may be meant for: of the service that it names, else all. Ids for `nodes`."
    )
    created_at: datetime = column("When it was first found so.")


@rows_of(models.CrmActivity)
@strawberry.type(
    description="One of the CRM's activities: the sale behind a parent ticket, or a milestone's shadow."
)
class CrmActivity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    role: CrmActivityRole = column("What it is to us.")
    subject: str = column("Its subject in the CRM.")
    sub_type_id: strawberry.ID | None = column("Its sub-type in the CRM.")
    owner_crm_id: strawberry.ID | None = column("The CRM user who owns it.")
    occurred_at: datetime | None = column("The date that the CRM gives it.")
    due_on: date | None = column("The day by which it should be completed.")
    completed: bool = column("Whether it is completed.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The parent ticket that it became.", by="ticket_id"
    )
    milestone: Annotated["Milestone", strawberry.lazy("schema.milestones")] | None = one(
        "The milestone that it shows.", by="milestone_id"
    )
    opportunity: Opportunity | None = one("The opportunity that it is linked to.", by="opportunity_id")
    desired_revision: int = column("Counts the contents that we want it to show.")
    applied_revision: int = column("The last of them that the CRM holds; equal when it is up to date.")
    missing_since: datetime | None = column("Since when the CRM no longer has it; null while it does.")
    created_at: datetime = column("When we first knew of it.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.Opportunity, "Which opportunities are meant.")
class OpportunityFilter:
    status: Choice[OpportunityStatus] | None = criterion("By what the CRM says of it.")
    company_id: Choice[strawberry.ID] | None = criterion("By whose it is.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the parent ticket.")
    child_ticket_id: Choice[strawberry.ID] | None = criterion("By the child ticket; null for none yet.")
    crm_id: Choice[strawberry.ID] | None = criterion("By its id in the CRM.")
    code: Choice[str] | None = criterion("By our code.")
    created_at: Range[datetime] | None = criterion("By when we first knew of it.")
    flag: Choice[FlagKind] | None = criterion("By what is wrong with it; null for nothing.")
    kept_at: Range[datetime] | None = criterion(
        "By when an operator decided to leave it so; null for not yet."
    )
    missing_since: Range[datetime] | None = criterion("By since when the CRM no longer shows it.")


@strawberry.enum(description="How opportunities may be ordered; the id decides in the end.")
class OpportunityOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    CODE_ASC = strawberry.enum_value("code", description="By code, those without one last.")
    TITLE_ASC = strawberry.enum_value("title", description="By title.")


@filters(models.UnmatchedOpportunity, "Which unmatched opportunities are meant.")
class UnmatchedOpportunityFilter:
    company_id: Choice[strawberry.ID] | None = criterion("By whose it is.")
    reason: Choice[UnmatchedReason] | None = criterion("By why it could not be matched.")
    status: Choice[OpportunityStatus] | None = criterion("By what the CRM says of it.")
    crm_id: Choice[strawberry.ID] | None = criterion("By its id in the CRM.")
    created_at: Range[datetime] | None = criterion("By when it was first found so.")


@strawberry.enum(description="How unmatched opportunities may be ordered; the id decides in the end.")
class UnmatchedOpportunityOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
