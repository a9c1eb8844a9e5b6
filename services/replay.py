"""What the intake would do with an activity now, and which rule says so; nothing comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from models import IntakeItem, Ticket
from services import catalog_store
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord
from services.crm.refusals import refusals
from services.intake import (
    NotASale,
    OwnEcho,
    SaleShown,
    find_known,
    get_activity,
    read_around,
    refuse_unsuitable,
)
from services.planning.calendar import WorkCalendar
from services.planning.codes import digits_candidates, parent_code
from services.planning.kit_matcher import Ambiguous, KitMatch, Mention, Recognised
from services.planning.ticket_factory import Sale, TicketPlan, find_owner
from services.sales import Choice, Inconclusive, read_sale, recognise, refuse_taken
from services.vocabulary import IntakeReason, IntakeStatus, OwnerSource, ReplayOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The outcome with what led to it; `ticket_code` is what the ticket would be called, or is."""

    outcome: ReplayOutcome
    explanation: str
    reason: IntakeReason | None = None
    candidates: tuple[str, ...] = ()
    evidence: tuple[Mention, ...] = ()
    owner_id: str | None = None
    owner_source: OwnerSource | None = None
    ticket_code: str | None = None
    ticket_id: str | None = None
    intake_item_id: str | None = None


async def replay_activity(
    crm_activity_id: int, *, crm: Crm, sub_type_id: int, today: date, calendar: WorkCalendar
) -> Replay:
    """Read the activity as the CRM shows it now and go through the rules of the intake, writing nothing."""
    with refusals():
        asking = crm.with_priority(Priority.INTERACTIVE)
        record = await get_activity(crm_activity_id, asking)
        shown = await read_around(record, asking)
    match = await recognise(record)
    item = await IntakeItem.get_or_none(crm_activity_id=record.id)
    try:
        verdict = await _known(record, sub_type_id) or _dismissed(item)
        verdict = verdict or await _new(shown, today, calendar)
    except OwnEcho as echo:
        verdict = Replay(outcome=ReplayOutcome.OWN_ECHO, explanation=echo.message)
    except NotASale as other:
        verdict = Replay(outcome=ReplayOutcome.NOT_A_SALE, explanation=other.message)
    except Inconclusive as problem:
        verdict = Replay(
            outcome=ReplayOutcome.WOULD_WAIT, explanation=problem.explanation, reason=problem.reason
        )
    return replace(
        verdict,
        candidates=_candidates(match),
        evidence=match.evidence if isinstance(match, Recognised | Ambiguous) else (),
        intake_item_id=item.id if item else None,
    )


async def _known(record: ActivityRecord, sub_type_id: int) -> Replay | None:
    known = await find_known(record.id)
    if known is None:
        await refuse_unsuitable(record, sub_type_id)
        return None
    ticket = await Ticket.get(id=known.ticket_id)
    return Replay(
        outcome=ReplayOutcome.EXISTS,
        explanation=f"The activity is the ticket {ticket.code}.",
        owner_id=ticket.owner_id,
        ticket_code=ticket.code,
        ticket_id=ticket.id,
    )


def _dismissed(item: IntakeItem | None) -> Replay | None:
    if item is None or item.status != IntakeStatus.DISMISSED:
        return None
    return Replay(outcome=ReplayOutcome.DISMISSED, explanation="An operator put the activity aside.")


async def _new(shown: SaleShown, today: date, calendar: WorkCalendar) -> Replay:
    record, company = shown.record, shown.company
    plan = (await read_sale(record, company, Choice(), starts_on=today, calendar=calendar)).ticket
    await refuse_taken(shown.digits)
    code = await _free_code(plan, digits_candidates(record.id, shown.digits))
    sale = Sale(company.name if company else "", owner_crm_id=record.owner_id)
    owner = find_owner(sale, plan.service_code, await catalog_store.get_staff())
    return Replay(
        outcome=ReplayOutcome.WOULD_CREATE,
        explanation=f"The activity would become the ticket {code}.",
        owner_id=plan.owner_id,
        owner_source=owner[1] if owner else None,
        ticket_code=code,
    )


async def _free_code(plan: TicketPlan, candidates: Iterator[str]) -> str:
    """The code that the ticket would get, if nobody claims its digits before."""
    digits = next(candidates)
    while await Ticket.filter(digits=digits).exists():
        digits = next(candidates)
    return parent_code(plan.service_code, digits)


def _candidates(match: KitMatch) -> tuple[str, ...]:
    match match:
        case Recognised(key):
            return (key,)
        case Ambiguous(keys):
            return keys
        case _:
            return ()
