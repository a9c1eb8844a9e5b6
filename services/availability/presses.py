"""What would come of pressing a button now, from our rows alone.

The rules are the planners that the buttons use. What they look at is read together with the row, by the expressions of
`sources.py`, so a list of many rows takes no further statement.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.actions.ledger import ActionRunning, fingerprint
from services.activities.generation import generation_scope as activities_scope
from services.errors import Refusal
from services.opportunities.generation import generation_scope as opportunities_scope
from services.opportunities.sync_plan import NOTHING_TO_SYNC, NothingToSync, sync_scope
from services.planning.activities.activity_generator import (
    ActivityOutcome,
    ChildTicketFacts,
    MilestoneFacts,
    ShadowFacts,
    plan_activities,
)
from services.planning.opportunities.kit_expander import (
    LineFacts,
    LineOutcome,
    ParentFacts,
    plan_opportunities,
)
from services.planning.tickets.workflow import TicketState, cancel_ticket
from services.sale_questions import SaleInQuestion, in_words
from services.vocabulary import ActionKind, MilestoneStatus, TicketKind, TicketStatus

Lists = list[list[Any]] | None
Press = Callable[[str | None], object]

_A_REASON = "A reason."


@dataclass(frozen=True, slots=True)
class Availability:
    """What a press would answer: nothing or a refusal, which a reason may lift.

    `subject` is the argument that names what the press is about.
    """

    subject: str
    refusal: Refusal | None = None
    needs_reason: bool = False

    @property
    def allowed(self) -> bool:
        return self.refusal is None or self.needs_reason


@dataclass(frozen=True, slots=True)
class TicketAvailability:
    generate_opportunities: Availability
    sync_opportunities: Availability
    generate_activities: Availability | None
    cancel: Availability


@dataclass(frozen=True, slots=True)
class OpportunityAvailability:
    generate_activities: Availability


def ticket_availability(
    id: str,
    tree_id: str,
    kind: str,
    status: str,
    serial: str | None,
    questions: Lists,
    lines: Lists,
    ticket_scopes: Lists,
    syncing: str | None,
    opportunity: Lists,
    milestones: Lists,
    scopes: Lists,
) -> TicketAvailability:
    """Return what can be done with a ticket. 🟣 is None where there is no opportunity: on parents."""
    running = _running(ticket_scopes)

    def generate(reason: str | None) -> None:
        if fingerprint(ActionKind.GENERATE_OPPORTUNITIES, opportunities_scope(id)) in running:
            return
        _refuse_in_question(questions)
        parent = ParentFacts(TicketKind(kind), TicketStatus(status), serial or "", company_name="")
        plan = plan_opportunities(parent, [_line(*one) for one in lines or ()], None, reason)
        at_work = {one[0]: one[-1] for one in lines or ()}
        _refuse_overlap(
            at_work[one.line_id] for one in plan.opportunities if one.outcome is LineOutcome.CREATE
        )

    def synchronise(_reason: str | None) -> None:
        _refuse_second_sync(sync_scope(None, tree_id), running, syncing)

    def cancel(reason: str | None) -> None:
        cancel_ticket(TicketState(id, TicketStatus(status)), reason)

    return TicketAvailability(
        generate_opportunities=_of(generate, "ticketId"),
        sync_opportunities=_of(synchronise, "ticketId"),
        generate_activities=_activities(opportunity, milestones, scopes) if opportunity else None,
        cancel=_of(cancel, "ticketId"),
    )


def opportunity_availability(opportunity: Lists, milestones: Lists, scopes: Lists) -> OpportunityAvailability:
    """Return what can be done with an opportunity."""
    return OpportunityAvailability(_activities(opportunity or [], milestones, scopes))


def company_availability(id: str, has_parents: bool, scopes: Lists, syncing: str | None) -> Availability:
    """Return whether a company's opportunities can be synchronised."""

    def synchronise(_reason: str | None) -> None:
        if not has_parents:
            raise NothingToSync(NOTHING_TO_SYNC)
        _refuse_second_sync(sync_scope(id, None), _running(scopes), syncing)

    return _of(synchronise, "companyId")


def _activities(opportunity: list[list[Any]], milestones: Lists, scopes: Lists) -> Availability:
    [(id, is_missing, child_status, checking), *_] = [one[:4] for one in opportunity]

    def generate(_reason: str | None) -> None:
        if fingerprint(ActionKind.GENERATE_ACTIVITIES, activities_scope(id)) in _running(scopes):
            return
        _refuse_in_question([one[4:] for one in opportunity if one[-1] is not None])
        child = ChildTicketFacts("", TicketStatus(child_status), "", None) if child_status else None
        plans = plan_activities(
            child, [_milestone(*one) for one in milestones or ()], opportunity_is_missing=bool(is_missing)
        )
        at_work = {one[0]: one[-1] for one in milestones or ()}
        made = [one for one in plans if one.outcome is ActivityOutcome.CREATE]
        _refuse_overlap(
            [
                checking if any(one.crm_id is not None for one in plans) else None,
                *(at_work[one.milestone_id] for one in made),
            ]
        )

    return _of(generate, "opportunityId")


def _of(press: Press, subject: str) -> Availability:
    refusal = _refusal(press, None)
    lifted = refusal is not None and _refusal(press, _A_REASON) is None
    return Availability(subject, refusal, needs_reason=lifted)


def _refusal(press: Press, reason: str | None) -> Refusal | None:
    try:
        press(reason)
    except Refusal as refusal:
        return refusal
    return None


def _running(scopes: Lists) -> set[str]:
    return {scope for [scope] in scopes or ()}


def _refuse_in_question(questions: Lists) -> None:
    for explanation, item_id in sorted(questions or (), key=lambda one: one[-1]):
        raise SaleInQuestion(in_words(explanation, item_id))


def _refuse_second_sync(scope: dict[str, Any], running: set[str], syncing: str | None) -> None:
    if fingerprint(ActionKind.SYNC_OPPORTUNITIES, scope) not in running:
        _refuse_overlap([syncing])


def _refuse_overlap(action_ids: Iterable[str | None]) -> None:
    if at_work := [one for one in action_ids if one is not None]:
        raise ActionRunning(min(at_work))


def _line(
    id: str,
    position: int,
    service_code: str,
    name: str,
    mandatory: bool,
    has_template: bool,
    opportunity_id: str | None,
    _action_id: str | None,
) -> LineFacts:
    return LineFacts(
        id, position, service_code, name, Decimal(0), bool(mandatory), bool(has_template), opportunity_id
    )


def _milestone(
    id: str, position: int, status: str, crm_id: int | None, is_missing: bool, _action_id: str | None
) -> MilestoneFacts:
    """Return what decides whether an activity is created. What it shows does not matter here."""
    shadow = ShadowFacts(crm_id, "", None, None, False, is_missing=bool(is_missing)) if crm_id else None
    return MilestoneFacts(id, position, "", MilestoneStatus(status), date.min, shadow)
