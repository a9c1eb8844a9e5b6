"""The inbox of activities that could not become tickets by themselves."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.rows import loaded
from resolvers.sources import column, one, rows_of
from schema.access import Operator
from schema.nodes import Node
from schema.tickets import Ticket
from services.vocabulary import IntakeReason, IntakeStatus, OwnerSource, ReplayOutcome


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


@strawberry.enum(description="Where in an activity something is written.")
class MentionSource(Enum):
    TITLE = strawberry.enum_value("title", description="In its subject.")
    DESCRIPTION = strawberry.enum_value("description", description="In its text.")


@strawberry.type(description="A place where an activity names a kit.")
class KitMention:
    source: MentionSource = strawberry.field(description="Where it is written.")
    start: int = strawberry.field(description="Where it begins: its first character, from zero.")
    end: int = strawberry.field(description="Where it ends: the character after its last, from zero.")
    text: str = strawberry.field(description="What is written there.")
    spelling: str = strawberry.field(description="Which name or alias of the kit that is.")
    key: str = strawberry.field(name="kitCode", description="The kit's code.")


@strawberry.type(description="What the intake would do with an activity as the CRM shows it now, and why.")
class IntakeReplay:
    outcome: ReplayOutcome = strawberry.field(description="What it would do.")
    explanation: str = strawberry.field(description="The same in a sentence.")
    reason: IntakeReason | None = strawberry.field(description="Why it would wait, where it would.")
    candidates: list[str] = strawberry.field(description="The codes of the kits that its text names.")
    evidence: list[KitMention] = strawberry.field(description="Every place where its text names one of them.")
    owner: Operator | None = loaded("Who answers for the ticket, or would.", by="owner_id")
    owner_source: OwnerSource | None = strawberry.field(
        description="What names the owner of a ticket that would be made."
    )
    ticket_code: str | None = strawberry.field(
        description="The ticket's code; of one that would be made, unless somebody is faster."
    )
    ticket: Ticket | None = loaded("The ticket that it is, where it is one.", by="ticket_id")
    intake_item: IntakeItem | None = loaded("Its place in the inbox, where it has one.", by="intake_item_id")


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
