"""Our mirror of the CRM's records: opportunities and activities."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers.availability import available
from resolvers.crm_pages import activity_page, opportunity_page
from resolvers.reads.filters import Choice, Range, criterion, filters
from resolvers.reads.rows import loaded
from resolvers.reads.sources import column, computed, expression, one, rows_of, text
from schema.availability import OpportunityAvailability
from schema.companies import Company
from schema.forms import TICKET_CODE
from schema.nodes import Node
from schema.problems import Problem, problems
from services.availability import of_opportunity, opportunity_availability
from services.opportunities.defects import read_defects
from services.planning.opportunities import facts as opportunity_facts, flags as opportunity_flags
from services.tickets import money_fields, read_fields
from services.vocabulary import (
    CrmActivityRole,
    FlagKind,
    OpportunityDefect,
    OpportunityStatus,
    Repair,
    UnmatchedReason,
)

if TYPE_CHECKING:
    from schema.actions import Action
    from schema.kits import Service
    from schema.milestones import Milestone
    from schema.tickets import Ticket, TicketLine


@rows_of(models.Opportunity)
@strawberry.type(description="A CRM opportunity, as we last saw it.")
class Opportunity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    crm_url: str | None = opportunity_page()
    code: str | None = column("Our code, which its child ticket gets; null if it has none.")
    title: str | None = text("Its title; null if the CRM has none.")
    amount: Decimal | None = column("Its amount, if the CRM has one.")
    currency: str = expression(money_fields.currency, "The currency of the amount, by its ISO code.")
    phase: str | None = computed(opportunity_facts.phase_name, "The name of its phase in the CRM, if known.")
    phase_id: strawberry.ID | None = computed(
        opportunity_facts.phase_number, "The CRM's number of a phase whose name is not known."
    )
    status: OpportunityStatus = column("Its status in the CRM.")
    defects: list[OpportunityDefect] = computed(
        read_defects, "What of its record in the CRM could not be stored as it is. To be corrected there."
    )
    company: Company = one("Its company.", by="company_id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The parent ticket that it came from.", by="ticket_id"
    )
    ticket_line: Annotated["TicketLine", strawberry.lazy("schema.tickets")] | None = one(
        "The line that it sells; null for one that was adopted without a line.", by="ticket_line_id"
    )
    service: Annotated["Service", strawberry.lazy("schema.kits")] | None = one(
        "The service that it sells without a line; null if it has a line.", by="service_id"
    )
    child_ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The child ticket that delivers it, once created.", by="child_ticket_id"
    )
    created_at: datetime = column("When we first saw it.")
    refreshed_at: datetime = column("When it was last read from the CRM.")
    missing_since: datetime | None = column("Since when the CRM no longer shows it; null if it does.")
    flag: FlagKind | None = column("What is wrong with it in the CRM; null if nothing is.")
    flagged_at: datetime | None = column("When it was flagged.")
    flag_explanation: str | None = computed(opportunity_flags.explain_flag, "The same as a sentence.")
    flag_crm_id: strawberry.ID | None = column(
        "The CRM opportunity that replaces it, if known. RELINK uses it unless it is already one of ours."
    )
    flag_crm_company_id: strawberry.ID | None = column("The CRM id of the company that it moved to.")
    proposed_repairs: list[Repair] = computed(
        opportunity_flags.propose_repairs,
        "The possible repairs, likeliest first, for `repairOpportunity`.",
        can_relink=read_fields.opportunity_can_relink,
        child_is_open=read_fields.child_is_open,
    )
    availability: OpportunityAvailability = available(
        "What can be done with it now, and if not, why.",
        opportunity_availability,
        of_opportunity,
    )
    kept_at: datetime | None = column("When an operator decided to keep it; null if none did.")
    kept_reason: str | None = column("Why it was kept.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@rows_of(models.UnmatchedOpportunity)
@strawberry.type(
    description="An opportunity of the CRM that the last synchronisation could not match with certainty."
)
class UnmatchedOpportunity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    crm_url: str | None = opportunity_page()
    company: Company = one("Its company.", by="company_id")
    code: str | None = text("The code that the CRM shows; null if it shows none.")
    title: str | None = text("Its title; null if the CRM has none.")
    amount: Decimal | None = column("Its amount, if the CRM has one.")
    currency: str = expression(money_fields.currency, "The currency of the amount, by its ISO code.")
    phase: str | None = computed(opportunity_facts.phase_name, "The name of its phase in the CRM, if known.")
    phase_id: strawberry.ID | None = computed(
        opportunity_facts.phase_number, "The CRM's number of a phase whose name is not known."
    )
    status: OpportunityStatus = column("Its status in the CRM.")
    defects: list[OpportunityDefect] = computed(
        read_defects, "What of its record in the CRM could not be stored as it is. To be corrected there."
    )
    reason: UnmatchedReason = column("Why it could not be matched.")
    explanation: str = computed(opportunity_facts.explain, "The same as a sentence.")
    candidate_line_ids: list[strawberry.ID] = column(
        "The free lines that it may belong to: those of the service that it names, else all. Ids for `nodes`."
    )
    created_at: datetime = column("When it was first found.")


@rows_of(models.CrmActivity)
@strawberry.type(
    description="A CRM activity: the sale behind a parent ticket, or the activity of a milestone."
)
class CrmActivity(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    crm_url: str | None = activity_page()
    role: CrmActivityRole = column("What it represents.")
    subject: str | None = text("Its subject in the CRM; null for none.")
    sub_type_id: strawberry.ID | None = column("Its sub-type in the CRM.")
    owner_crm_id: strawberry.ID | None = column("The CRM user who owns it.")
    occurred_at: datetime | None = column("Its date in the CRM.")
    due_on: date | None = column("The day by which it should be completed.")
    completed: bool = column("Whether it is completed.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = one(
        "The parent ticket that it became.", by="ticket_id"
    )
    milestone: Annotated["Milestone", strawberry.lazy("schema.milestones")] | None = one(
        "The milestone that it represents.", by="milestone_id"
    )
    opportunity: Opportunity | None = one("The opportunity that it is linked to.", by="opportunity_id")
    desired_revision: int = column("The revision of the content that it should show.")
    applied_revision: int = column(
        "The revision that the CRM has; equal to the desired one when it is up to date."
    )
    missing_since: datetime | None = column("Since when the CRM no longer has it; null if it does.")
    created_at: datetime = column("When we first saw it.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@filters(models.Opportunity, "A filter of opportunities.")
class OpportunityFilter:
    status: Choice[OpportunityStatus] | None = criterion("By its status in the CRM.")
    company_id: Choice[strawberry.ID] | None = criterion("By company.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the parent ticket.")
    child_ticket_id: Choice[strawberry.ID] | None = criterion(
        "By the child ticket; null if there is none yet."
    )
    crm_id: Choice[strawberry.ID] | None = criterion("By its id in the CRM.")
    code: Choice[str] | None = criterion("By our code.", form=TICKET_CODE)
    created_at: Range[datetime] | None = criterion("By when we first saw it.")
    flag: Choice[FlagKind] | None = criterion("By flag; null for none.")
    kept_at: Range[datetime] | None = criterion("By when an operator decided to keep it; null if none did.")
    missing_since: Range[datetime] | None = criterion("By when the CRM stopped showing it.")


@strawberry.enum(description="The orders of opportunities; ties are broken by id.")
class OpportunityOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    CODE_ASC = strawberry.enum_value("code", description="By code, those without one last.")
    TITLE_ASC = strawberry.enum_value("sort_title", description="By title.")


@filters(models.UnmatchedOpportunity, "A filter of unmatched opportunities.")
class UnmatchedOpportunityFilter:
    company_id: Choice[strawberry.ID] | None = criterion("By company.")
    reason: Choice[UnmatchedReason] | None = criterion("By why it could not be matched.")
    status: Choice[OpportunityStatus] | None = criterion("By its status in the CRM.")
    crm_id: Choice[strawberry.ID] | None = criterion("By its id in the CRM.")
    created_at: Range[datetime] | None = criterion("By when it was first found.")


@strawberry.enum(description="The orders of unmatched opportunities; ties are broken by id.")
class UnmatchedOpportunityOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")


@strawberry.type(description="The mapped opportunity.")
class MapOpportunityPayload:
    opportunity: Opportunity | None = loaded("The opportunity as it is now.", by="id")
    child_ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(
        "The child ticket that delivers it; null if it is lost or its status is unclear.",
        by="child_ticket_id",
    )
    problems: list[Problem] = problems()


@strawberry.type(description="The repair. If it writes to the CRM, it continues in the background.")
class RepairOpportunityPayload:
    action: Annotated["Action", strawberry.lazy("schema.actions")] | None = loaded(
        "The action; pressing again gives the same one.", by="id"
    )
    opportunity: Opportunity | None = loaded("The opportunity as it is now.", by="opportunity_id")
    problems: list[Problem] = problems()
