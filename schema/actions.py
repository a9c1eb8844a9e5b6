"""The ledger: the effects that were decided, and their outcomes."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

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
from schema.forms import TREE_ID
from schema.nodes import Node
from schema.opportunities import Opportunity
from schema.problems import Problem, problems
from schema.tickets import Ticket
from services.planning.actions.preview import subject_id
from services.reads import AllOf, AnyApart, Compare, Condition, Meaningless, Related
from services.tickets import read_fields
from services.vocabulary import (
    ActionKind,
    ActionStatus,
    AttemptResult,
    AttemptStep,
    ItemKind,
    ItemOutcome,
    ItemReason,
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
    reason: ItemReason | None = column(
        "Why it ended so or waits. Null: it was created or updated, or nothing was tried yet, or it ended before the "
        "hub stored reasons, in a way that does not show one."
    )
    explanation: str | None = column("The same as a sentence, with details, for logs.")
    crm_words: str | None = column(CRM_WORDS)
    crm_id: strawberry.ID | None = column("The id of the CRM record, once known.")
    crm_url: str | None = item_page()
    attempt_count: int = expression(read_fields.item_attempt_count, "The number of attempts.")
    next_try_at: datetime | None = expression(
        read_fields.item_next_try_at, "When the next attempt is due; null once it has an outcome."
    )
    sent_at: datetime | None = column("When something was last sent.")
    created_at: datetime = column("When it was created.")
    finished_at: datetime | None = column("When it ended; null before.")
    attempts: list[ActionAttempt] = many(
        "Every attempt, oldest first.", by="item_id", size=10, order="number"
    )


@strawberry.input(description="Which effects of an action to show. All given conditions must hold.")
class ActionItemFilter:
    outcomes: list[ItemOutcome] | None = strawberry.field(
        default=UNSET, description="Only those that ended in one of these ways."
    )
    states: list[ItemState] | None = strawberry.field(
        default=UNSET, description="Only those in one of these states."
    )


def _matching(arguments: Mapping[str, Any]) -> Condition:
    wanted = arguments.get("filter") or {}
    columns = {"outcome": wanted.get("outcomes"), "state": wanted.get("states")}
    return AllOf(tuple(Compare(name, "in", names) for name, names in columns.items() if names is not None))


@rows_of(models.Action)
@strawberry.type(description="One durable run of a button. Its effects are carried out in the background.")
class Action(Node):
    kind: ActionKind = column("What it does.")
    status: ActionStatus = column("Its status.")
    items: Connection[ActionItem] = pages(
        "Its effects, in order.",
        by="action_id",
        order="position",
        arguments={"filter": (ActionItemFilter | None, "Only effects that match this filter.")},
        where=_matching,
    )
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
        raise Meaningless("An action needs attention or it does not.")
    return Compare("attention_count", "gt" if needs else "eq", 0)


def _by_person(pressed: bool | None, _asked: Asked) -> Condition:
    if pressed is None:
        raise Meaningless("A person pressed it or none did.")
    return Compare("operator_id", "null", not pressed)


def _in_tree(tree_id: str | None, _asked: Asked) -> Condition:
    """Its ticket or opportunity is in the tree, or it synchronises the tree's company, or all companies."""
    if tree_id is None:
        raise Meaningless("A tree has an id.")
    in_tree = Compare("tree_id", "eq", tree_id)
    alone = AllOf((Compare("ticket_id", "null", True), Compare("opportunity_id", "null", True)))
    of_company = Related("company_id", models.Ticket, in_tree, theirs="company_id")
    everywhere = AllOf(
        (Compare("kind", "eq", ActionKind.SYNC_OPPORTUNITIES), Compare("company_id", "null", True))
    )
    return AnyApart(
        models.Action,
        (
            Related("ticket_id", models.Ticket, in_tree),
            Related("opportunity_id", models.Opportunity, in_tree),
            AllOf((alone, of_company)),
            AllOf((alone, everywhere)),
        ),
    )


@filters(models.Action, "A filter of actions.")
class ActionFilter:
    kind: Choice[ActionKind] | None = criterion("By kind.")
    status: Choice[ActionStatus] | None = criterion("By status.")
    operator_id: Choice[strawberry.ID] | None = criterion("By the operator who pressed it.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the ticket that it is for.")
    opportunity_id: Choice[strawberry.ID] | None = criterion("By the opportunity that it is for.")
    company_id: Choice[strawberry.ID] | None = criterion("By the company that it is for.")
    tree_id: Choice[strawberry.ID] | None = criterion(
        "By the ticket tree that it touches, whatever it is for: includes the synchronisations of the tree's company "
        "and of all companies.",
        form=TREE_ID,
        means=_in_tree,
    )
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
