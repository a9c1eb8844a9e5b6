"""The inbox of activities that did not become tickets automatically."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.crm_pages import sale_page
from resolvers.reads.filters import Choice, Range, criterion, filters
from resolvers.reads.rows import loaded, loaded_all
from resolvers.reads.sources import column, computed, listed, one, rows_of, text
from schema.access import Operator
from schema.actions import CRM_WORDS, Action
from schema.kits import Kit
from schema.nodes import Node
from schema.problems import Problem, problems
from schema.tickets import Ticket
from services.intake import inbox
from services.vocabulary import ImportPreviewOutcome, IntakeReason, IntakeStatus, MarkKind, OwnerSource

CANDIDATES = 5


@strawberry.enum(description="The part of an activity that words are in.")
class MarkSource(Enum):
    TITLE = strawberry.enum_value("title", description="Its subject.")
    DESCRIPTION = strawberry.enum_value("description", description="Its text.")


@strawberry.type(
    description="Words of an activity that decide its meaning. Positions count Unicode characters "
    "of the shown text."
)
class TextMark:
    source: MarkSource = strawberry.field(description="The part that they are in.")
    start: int = strawberry.field(description="The index of the first character, from zero.")
    end: int = strawberry.field(description="The index after the last character, from zero.")
    text: str = strawberry.field(description="The words.")
    kind: MarkKind = strawberry.field(description="What they mean.")
    kit_code: str | None = strawberry.field(description="The code of the kit that they name.")
    spelling: str | None = strawberry.field(description="The name or alias of the kit that they match.")


@rows_of(models.IntakeItem)
@strawberry.type(description="A CRM activity that waits for a person to decide whether it becomes a ticket.")
class IntakeItem(Node):
    crm_activity_id: strawberry.ID = column("The activity's id in the CRM.")
    crm_url: str | None = sale_page()
    status: IntakeStatus = column("Its status.")
    reason: IntakeReason = column("Why it did not become a ticket automatically.")
    explanation: str = column("The same as a sentence.")
    crm_words: str | None = column(CRM_WORDS)
    subject: str | None = text("The activity's subject; null for none.")
    description: str | None = text("The activity's text; null for none.")
    crm_company_id: strawberry.ID | None = column("The company's id in the CRM, if the activity names one.")
    candidate_kits: list[Kit] = listed(
        "The kits that its text may name; `evidence` shows the words.",
        by="candidates",
        to="code",
        size=CANDIDATES,
    )
    shown_subject: str | None = computed(inbox.read_subject, "The subject as people see it; null for none.")
    shown_description: str | None = computed(
        inbox.read_description,
        "The text as people see it, without mark-up and our additions; null for none.",
    )
    evidence: list[TextMark] = computed(inbox.read_evidence, "The words that led to the reason, in order.")
    ticket: Ticket | None = one("The ticket that it became.", by="ticket_id")
    created_at: datetime = column("When it was received.")
    settled_at: datetime | None = column("When it was resolved or dismissed; null while it waits.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@strawberry.type(description="What an import would do with an activity as it is in the CRM now, and why.")
class ImportPreview:
    outcome: ImportPreviewOutcome = strawberry.field(description="What it would do.")
    explanation: str = strawberry.field(description="The same as a sentence.")
    reason: IntakeReason | None = strawberry.field(description="Why it would wait, if so.")
    candidate_kits: list[Kit] = loaded_all(
        "The kits that its text may name; `evidence` shows the words.",
        by="candidate_kit_ids",
        size=CANDIDATES,
    )
    shown_subject: str | None = strawberry.field(description="The subject as people see it; null for none.")
    shown_description: str | None = strawberry.field(
        description="The text as people see it, without mark-up and our additions; null for none."
    )
    evidence: list[TextMark] = strawberry.field(
        description="The words that name a kit or say whether it is sold, in order."
    )
    owner: Operator | None = loaded("The owner of the ticket, existing or new.", by="owner_id")
    owner_source: OwnerSource | None = strawberry.field(
        description="How the owner of a new ticket is determined."
    )
    ticket_code: str | None = strawberry.field(
        description="The ticket's code. For a new ticket it may still be taken by another."
    )
    ticket: Ticket | None = loaded("Its ticket, if it has one.", by="ticket_id")
    intake_item: IntakeItem | None = loaded("Its inbox item, if it has one.", by="intake_item_id")


@filters(models.IntakeItem, "A filter of inbox items.")
class IntakeItemFilter:
    status: Choice[IntakeStatus] | None = criterion("By status.")
    reason: Choice[IntakeReason] | None = criterion("By the reason why it waits.")
    crm_activity_id: Choice[strawberry.ID] | None = criterion("By the activity's id in the CRM.")
    created_at: Range[datetime] | None = criterion("By when it was received.")


@strawberry.enum(description="The orders of the inbox; ties are broken by id.")
class IntakeItemOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")


_ACTION = "The action, which continues in the background."


@strawberry.type(description="The ticket of the sale, or the inbox item where it waits.")
class ImportActivityPayload:
    ticket: Ticket | None = loaded(
        "The ticket; importing the activity again gives the same one.", by="ticket_id"
    )
    intake_item: IntakeItem | None = loaded("The inbox item, if it waits for a person.", by="intake_item_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The ticket of the sale, or why it still waits.")
class ResolveIntakeItemPayload:
    ticket: Ticket | None = loaded("The ticket.", by="ticket_id")
    intake_item: IntakeItem | None = loaded(
        "The inbox item, if it still waits for a person.", by="intake_item_id"
    )
    problems: list[Problem] = problems()


@strawberry.type(description="The dismissed item.")
class DismissIntakeItemPayload:
    intake_item: IntakeItem | None = loaded("The item as it is now.", by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="What an import would do, or the problems that prevented an answer.")
class PreviewImportActivityPayload:
    result: ImportPreview | None = strawberry.field(
        name="preview", description="What it would do now, and why. Nothing is written."
    )
    problems: list[Problem] = problems()


@strawberry.type(description="The action that records the sale in the CRM; it shows the ticket once created.")
class CreateTicketPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()
