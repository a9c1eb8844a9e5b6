"""The ledger: what was decided to do in the CRM, and what became of it."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.connections import pages
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.outlook import foreseen
from resolvers.sources import column, expression, many, one, rows_of
from schema.access import Operator
from schema.companies import Company
from schema.connections import Connection
from schema.nodes import Node
from schema.opportunities import Opportunity
from schema.tickets import Ticket
from services.reads import work
from services.vocabulary import ActionKind, ActionStatus, ItemOutcome, ItemState


@rows_of(models.ActionAttempt)
@strawberry.type(
    description="One try of one effect. A look into the CRM counts as one where it decides or fails."
)
class ActionAttempt(Node):
    number: int = column("Counts the tries, from one.")
    step: str = column("What was tried.")
    started_at: datetime = column("When it began.")
    ended_at: datetime | None = column("When it ended; null while it runs, or when its process died.")
    result: str | None = column("How it ended.")
    words: str | None = column("What the CRM said, without secrets.")


@rows_of(models.ActionItem)
@strawberry.type(description="One effect in the CRM.")
class ActionItem(Node):
    position: int = column("Its place in the action, from one.")
    kind: str = column("What it does.")
    key: str = column("The id of what it is for.")
    state: ItemState = column("How far it has come.")
    reference: str = column("Our reference, by which the CRM's record can be found again.")
    label: str = column("What the operator reads first.")
    outcome: ItemOutcome | None = column("How it ended; null before.")
    explanation: str | None = column("Why it ended so, where that needs words.")
    crm_id: strawberry.ID | None = column("The CRM's record, once known.")
    attempt_count: int = expression(work.item_attempt_count, "How often it was tried.")
    next_try_at: datetime | None = column("When it will be tried again, where it waits.")
    sent_at: datetime | None = column("When something was last sent.")
    created_at: datetime = column("When it was decided.")
    finished_at: datetime | None = column("When it ended; null before.")
    attempts: list[ActionAttempt] = many("Every try, oldest first.", by="item_id", order="number")


@rows_of(models.Action)
@strawberry.type(description="One durable run of a button: its effects are carried out in the background.")
class Action(Node):
    kind: ActionKind = column("What it does.")
    status: ActionStatus = column("How far it has come.")
    items: Connection[ActionItem] = pages("Its effects, in order.", by="action_id", order="position")
    item_count: int = column("How many effects it has.")
    finished_count: int = column("How many of them have an outcome.")
    attention_count: int = column("How many of them failed or need a person.")
    remaining_calls: int = foreseen(
        "How many calls to the CRM it still takes, as far as can be foreseen.",
        lambda outlook, action_id: outlook.calls.get(action_id, 0),
    )
    estimated_end: datetime | None = foreseen(
        "When it will have ended if nothing else comes up, by the budget and by everybody else's work; null once it "
        "has, or where it waits for a person.",
        lambda outlook, action_id: outlook.ends_at.get(action_id),
    )
    operator: Operator | None = one("Who pressed it; null where nobody did.", by="operator_id")
    ticket: Ticket | None = one("The ticket that it is for, where it is for one.", by="ticket_id")
    opportunity: Opportunity | None = one(
        "The opportunity that it is for, where it is for one.", by="opportunity_id"
    )
    company: Company | None = one("The company that it is for, where it is for one.", by="company_id")
    reason: str | None = column("Why a rule was overridden, where it was.")
    created_at: datetime = column("When it was decided.")
    finished_at: datetime | None = column("When its last effect ended; null before.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.Action, "Which actions are meant.")
class ActionFilter:
    kind: Choice[ActionKind] | None = criterion("By what it does.")
    status: Choice[ActionStatus] | None = criterion("By how far it has come.")
    operator_id: Choice[strawberry.ID] | None = criterion("By who pressed it.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the ticket that it is for.")
    opportunity_id: Choice[strawberry.ID] | None = criterion("By the opportunity that it is for.")
    company_id: Choice[strawberry.ID] | None = criterion("By the company that it is for.")
    created_at: Range[datetime] | None = criterion("By when it was decided.")


@strawberry.enum(description="How actions may be ordered; the id decides in the end.")
class ActionOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    FINISHED_AT_DESC = strawberry.enum_value(
        "-finished_at", description="The last finished first, those at work last."
    )
