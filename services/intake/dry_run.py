"""What the intake would do with an activity now, and which rule decides it. Nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from models import IntakeItem, Kit, Ticket
from services.catalog import store as catalog_store
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord
from services.crm.refusals import refusals
from services.intake.imports import (
    NotASale,
    SaleShown,
    find_known,
    get_activity,
    read_around,
    refuse_unsuitable,
)
from services.intake.manual_entry import OwnEcho, RequestUnsettled
from services.intake.sales import Choice, Inconclusive, judge, read_sale, refuse_taken
from services.planning.calendar import WorkCalendar
from services.planning.intake.sale_text_parts import Mark
from services.planning.tickets.codes import parent_code, serial_candidates
from services.planning.tickets.ticket_factory import Sale, TicketPlan, find_owner
from services.vocabulary import ImportPreviewOutcome, IntakeReason, IntakeStatus, OwnerSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """The outcome and what led to it. `ticket_code` is the code that the ticket would get, or has."""

    outcome: ImportPreviewOutcome
    explanation: str
    reason: IntakeReason | None = None
    candidate_kit_ids: tuple[str, ...] = ()
    evidence: tuple[Mark, ...] = ()
    shown_subject: str | None = None
    shown_description: str | None = None
    owner_id: str | None = None
    owner_source: OwnerSource | None = None
    ticket_code: str | None = None
    ticket_id: str | None = None
    intake_item_id: str | None = None


async def preview_import_activity(
    crm_activity_id: int, *, crm: Crm, sub_type_id: int, today: date, calendar: WorkCalendar
) -> ImportPreview:
    """Read the activity from the CRM and apply the rules of the intake, without writing."""
    with refusals():
        asking = crm.with_priority(Priority.INTERACTIVE)
        record = await get_activity(crm_activity_id, asking)
        shown = await read_around(record, asking)
    judgement = await judge(record)
    item = await IntakeItem.get_or_none(crm_activity_id=record.id)
    try:
        verdict = await _known(record, sub_type_id) or _dismissed(item)
        verdict = verdict or await _new(shown, today, calendar)
    except OwnEcho as echo:
        verdict = ImportPreview(outcome=ImportPreviewOutcome.OWN_ECHO, explanation=echo.message)
    except RequestUnsettled as doubt:
        verdict = ImportPreview(
            outcome=ImportPreviewOutcome.WOULD_WAIT,
            explanation=doubt.message,
            reason=IntakeReason.REQUEST_UNSETTLED,
        )
    except NotASale as other:
        verdict = ImportPreview(outcome=ImportPreviewOutcome.NOT_A_SALE, explanation=other.message)
    except Inconclusive as problem:
        verdict = ImportPreview(
            outcome=ImportPreviewOutcome.WOULD_WAIT, explanation=problem.explanation, reason=problem.reason
        )
    return replace(
        verdict,
        candidate_kit_ids=await _kit_ids(judgement.kit_codes),
        evidence=judgement.marks,
        shown_subject=judgement.title or None,
        shown_description=judgement.description or None,
        intake_item_id=item.id if item else None,
    )


async def _kit_ids(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the kits with these codes, in the order of the codes."""
    ids = dict(await Kit.filter(code__in=codes).values_list("code", "id"))
    return tuple(ids[code] for code in codes)


async def _known(record: ActivityRecord, sub_type_id: int) -> ImportPreview | None:
    known = await find_known(record.id)
    if known is None:
        await refuse_unsuitable(record, sub_type_id)
        return None
    ticket = await Ticket.get(id=known.ticket_id)
    return ImportPreview(
        outcome=ImportPreviewOutcome.EXISTS,
        explanation=f"The activity is the ticket {ticket.code}.",
        owner_id=ticket.owner_id,
        ticket_code=ticket.code,
        ticket_id=ticket.id,
    )


def _dismissed(item: IntakeItem | None) -> ImportPreview | None:
    if item is None or item.status != IntakeStatus.DISMISSED:
        return None
    return ImportPreview(
        outcome=ImportPreviewOutcome.DISMISSED, explanation="An operator dismissed the activity."
    )


async def _new(shown: SaleShown, today: date, calendar: WorkCalendar) -> ImportPreview:
    record, company = shown.record, shown.company
    plan = (await read_sale(record, company, Choice(), starts_on=today, calendar=calendar)).ticket
    await refuse_taken(shown.serials)
    code = await _free_code(plan, serial_candidates(record.id, shown.serials))
    sale = Sale(company.name if company else "", owner_crm_id=record.owner_id)
    owner = find_owner(sale, plan.service_code, await catalog_store.get_staff())
    return ImportPreview(
        outcome=ImportPreviewOutcome.WOULD_CREATE,
        explanation=f"The activity would become the ticket {code}.",
        owner_id=plan.owner_id,
        owner_source=owner[1] if owner else None,
        ticket_code=code,
    )


async def _free_code(plan: TicketPlan, candidates: Iterator[str]) -> str:
    """Return the code that the ticket gets unless another one claims its serial first."""
    serial = next(candidates)
    while await Ticket.filter(serial=serial).exists():
        serial = next(candidates)
    return parent_code(plan.service_code, serial)
