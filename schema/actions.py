"""The ledger: the effects that were decided, and their outcomes."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.crm_health import foreseen
from resolvers.crm_pages import item_page
from resolvers.reads.connections import pages
from resolvers.reads.filters import Asked, Choice, Range, criterion, filters
from resolvers.reads.rows import loaded
from resolvers.reads.sources import column, computed, expression, many, one, rows_of, text
from schema.access import Operator
from schema.companies import Company
from schema.connections import Connection
from schema.nodes import Node
from schema.opportunities import Opportunity
from schema.problems import Problem, problems
from schema.tickets import Ticket
from services.actions.engine.timing import upcoming_try
from services.planning.actions.preview import subject_id
from services.reads import Compare, Condition
from services.tickets import read_fields
from services.vocabulary import (
    ActionKind,
    ActionStatus,
    AttemptResult,
    AttemptStep,
    ItemKind,
    ItemOutcome,
    ItemState,
)

CRM_WORDS = "The CRM's message about the failure, without secrets; null if there was none."


@rows_of(models.ActionAttempt)
@strawberry.type(description="One attempt at one effect. A look-up in the CRM counts if it decides or fails.")
class ActionAttempt(Node):
    number: int = column("The number of the attempt, from one.")
    step: AttemptStep = column("What was attempted.")
    started_at: datetime = column("When it began.")
    ended_at: datetime | None = column("When it ended; null while it runs, or when its process died.")
    result: AttemptResult | None = column("How it ended; null while it runs, or when its process died.")
    explanation: str | None = column("An explanation of the outcome, if needed.")
    crm_words: str | None = column(CRM_WORDS)


@rows_of(models.ActionItem)
@strawberry.type(description="One effect in the CRM.")
class ActionItem(Node):
    position: int = column("Its position in the action, from one.")
    kind: ItemKind = column("What it does.")
    subject_id: strawberry.ID | None = computed(
        subject_id,
        "The id of the line, milestone, opportunity or company that it is for; null for a "
        "record that only the CRM has.",
    )
    state: ItemState = column("Its state.")
    reference: str | None = text("Our reference, by which the CRM record can be found; null if it has none.")
    label: str = column("The title that operators see.")
    outcome: ItemOutcome | None = column("How it ended; null before.")
    explanation: str | None = column("Why it ended so or waits, if that needs an explanation.")
    crm_words: str | None = column(CRM_WORDS)
    crm_id: strawberry.ID | None = column("The id of the CRM record, once known.")
    crm_url: str | None = item_page()
    attempt_count: int = expression(read_fields.item_attempt_count, "The number of attempts.")
    next_try_at: datetime | None = computed(
        upcoming_try, "When the next attempt is due; null once it has an outcome."
    )
    sent_at: datetime | None = column("When something was last sent.")
    created_at: datetime = column("When it was created.")
    finished_at: datetime | None = column("When it ended; null before.")
    attempts: list[ActionAttempt] = many(
        "Every attempt, oldest first.", by="item_id", size=10, order="number"
    )


@rows_of(models.Action)
@strawberry.type(description="One durable run of a button. Its effects are carried out in the background.")
class Action(Node):
    kind: ActionKind = column("What it does.")
    status: ActionStatus = column("Its status.")
    items: Connection[ActionItem] = pages("Its effects, in order.", by="action_id", order="position")
    item_count: int = column("How many effects it has.")
    finished_count: int = column("How many of them have an outcome.")
    attention_count: int = column("How many of them failed or need a person.")
    remaining_calls: int = foreseen(
        "The estimated number of CRM calls that it still needs.",
        lambda forecast, action_id: forecast.calls.get(action_id, 0),
    )
    estimated_end: datetime | None = foreseen(
        "When it is expected to end, given the call budget and all other work; null once "
        "it has ended or waits for a person.",
        lambda forecast, action_id: forecast.ends_at.get(action_id),
    )
    operator: Operator | None = one("Who pressed it; null if no person did.", by="operator_id")
    ticket: Ticket | None = one("The ticket that it is for, if any.", by="ticket_id")
    opportunity: Opportunity | None = one("The opportunity that it is for, if any.", by="opportunity_id")
    company: Company | None = one("The company that it is for, if any.", by="company_id")
    reason: str | None = column("Why a rule was overridden, if one was.")
    created_at: datetime = column("When it was created.")
    finished_at: datetime | None = column("When its last effect ended; null before.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


def _needs_attention(needs: bool | None, _asked: Asked) -> Condition:
    if needs is None:
        raise ValueError("An action needs attention or it does not.")
    return Compare("attention_count", "gt" if needs else "eq", 0)


def _by_person(pressed: bool | None, _asked: Asked) -> Condition:
    if pressed is None:
        raise ValueError("A person pressed it or none did.")
    return Compare("operator_id", "null", not pressed)


@filters(models.Action, "A filter of actions.")
class ActionFilter:
    kind: Choice[ActionKind] | None = criterion("By kind.")
    status: Choice[ActionStatus] | None = criterion("By status.")
    operator_id: Choice[strawberry.ID] | None = criterion("By the operator who pressed it.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the ticket that it is for.")
    opportunity_id: Choice[strawberry.ID] | None = criterion("By the opportunity that it is for.")
    company_id: Choice[strawberry.ID] | None = criterion("By the company that it is for.")
    needs_attention: Choice[bool] | None = criterion(
        "By whether something of it failed or needs a person.", means=_needs_attention
    )
    by_person: Choice[bool] | None = criterion("By whether a person pressed it.", means=_by_person)
    created_at: Range[datetime] | None = criterion("By when it was created.")


@strawberry.enum(description="The orders of actions; ties are broken by id.")
class ActionOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
    FINISHED_AT_DESC = strawberry.enum_value(
        "-finished_at", description="Last finished first, unfinished ones at the end."
    )


_ACTION = "The action, which continues in the background."


@strawberry.type(description="The action that creates one CRM opportunity for each line.")
class GenerateOpportunitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action that reads the opportunities and creates their child tickets.")
class SyncOpportunitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action that creates one CRM activity for each milestone.")
class GenerateActivitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action, which retries what failed.")
class RetryActionPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action, without the items that were not sent yet.")
class CancelActionPayload:
    action: Action | None = loaded("The action as it is now.", by="id")
    problems: list[Problem] = problems()
