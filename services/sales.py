"""What a sale calls for: planned without writing anything, then written as a parent ticket with its source."""

from dataclasses import dataclass
from datetime import date, datetime

from models import Company, CrmActivity, Ticket
from services import catalog_store, tickets
from services.catalog.types import ONBOARDING
from services.crm.protocol import Crm
from services.crm.records import ActivityRecord, CompanyRecord
from services.crm.references import unmark
from services.events import Change
from services.operators.roster import get_active_operator
from services.opportunity_mirror import found_of
from services.planning.calendar import WorkCalendar
from services.planning.codes import (
    NOTHING_SHOWN,
    CodeShown,
    DigitsShown,
    digits_candidates,
    digits_in,
    shortest_digits,
    sort_digits,
)
from services.planning.kit_expander import KitWithoutServices, ServiceWithoutTemplate
from services.planning.kit_matcher import Ambiguous, KitMatch, NotRecognised, Recognised, match_kit
from services.planning.ticket_factory import NoOwner, Sale, TicketPlan, plan_parent
from services.vocabulary import CrmActivityRole, IntakeReason

SALE = "sale:"
"""How the references of the sales begin that we noted in the CRM ourselves."""


class Inconclusive(Exception):
    """This activity cannot become a ticket by itself."""

    def __init__(self, reason: IntakeReason, explanation: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator decided where the activity left it open: a kit's code, an operator's id."""

    kit_code: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class SalePlan:
    """A parent ticket as it is to be written, and the rows that it is made from."""

    ticket: TicketPlan
    kit_id: str
    template_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSource:
    """The CRM activity that records a sale, and what the CRM shows of its digits."""

    crm_id: int
    subject: str
    sub_type_id: int | None
    owner_crm_id: int | None
    occurred_at: datetime | None
    digits: DigitsShown = NOTHING_SHOWN


async def read_sale(
    record: ActivityRecord,
    company: CompanyRecord | None,
    choice: Choice,
    *,
    starts_on: date,
    calendar: WorkCalendar,
) -> SalePlan:
    """What an activity calls for, with what an operator decided about it; Inconclusive where that stays open."""
    if choice.owner_id is not None:
        await get_active_operator(choice.owner_id)
    kit_code = choice.kit_code or _only_kit(await recognise(record))
    if company is None:
        raise Inconclusive(IntakeReason.UNKNOWN_COMPANY, "The activity leads to no company of the CRM.")
    sale = Sale(company.name, owner_crm_id=record.owner_id, owner_id=choice.owner_id)
    try:
        return await plan_sale(kit_code, sale, starts_on=starts_on, calendar=calendar)
    except KitWithoutServices as error:
        raise Inconclusive(IntakeReason.KIT_WITHOUT_SERVICES, error.message, (kit_code,)) from error
    except NoOwner as error:
        raise Inconclusive(IntakeReason.NO_OWNER, error.message, (kit_code,)) from error


async def recognise(record: ActivityRecord) -> KitMatch:
    # What stands after a marker of ours is no seller's word, except where we noted the sale for one.
    noted_by_us = (record.reference or "").startswith(SALE)
    subject = unmark(record.subject) if noted_by_us else record.subject
    return match_kit(subject, record.description, await catalog_store.list_kit_names())


def _only_kit(match: KitMatch) -> str:
    match match:
        case Recognised(key):
            return key
        case Ambiguous(keys):
            raise Inconclusive(
                IntakeReason.AMBIGUOUS_KIT, f"The activity names several kits: {', '.join(keys)}.", keys
            )
        case NotRecognised():
            raise Inconclusive(IntakeReason.NO_KIT, "The activity names no active kit.")


async def plan_sale(kit_code: str, sale: Sale, *, starts_on: date, calendar: WorkCalendar) -> SalePlan:
    """What the sale of this kit calls for."""
    kit_id, kit = await catalog_store.get_kit(kit_code)
    template = await catalog_store.find_template(ONBOARDING)
    if template is None:
        raise ServiceWithoutTemplate("The catalog has no onboarding workflow.")
    ticket = plan_parent(
        sale,
        kit,
        template[1],
        services=await catalog_store.list_services(),
        staff=await catalog_store.get_staff(),
        starts_on=starts_on,
        calendar=calendar,
    )
    return SalePlan(ticket, kit_id, template[0])


async def write_sale(
    change: Change, plan: SalePlan, company: Company, source: SaleSource, *, notes: str = ""
) -> Ticket:
    """Write the ticket together with where it came from, so that the activity is known from then on."""
    ticket = await tickets.write_parent(
        change,
        plan.ticket,
        company=company,
        kit_id=plan.kit_id,
        template_id=plan.template_id,
        digits=digits_candidates(source.crm_id, source.digits),
        notes=notes,
    )
    activity = CrmActivity(
        role=CrmActivityRole.SOURCE,
        tree_id=ticket.tree_id,
        ticket_id=ticket.id,
        crm_id=source.crm_id,
        subject=source.subject,
        sub_type_id=source.sub_type_id,
        owner_crm_id=source.owner_crm_id,
        occurred_at=source.occurred_at,
        created_at=change.at,
    )
    await change.create(activity, kind="SALE_TAKEN_IN")
    return ticket


async def read_digits(crm: Crm, crm_activity_id: int, company_crm_id: int) -> DigitsShown:
    """What the CRM shows of the digits that this sale might take, or has: one call.

    Only a database that was restored has anything to learn from it.
    """
    records = await crm.find_coded(shortest_digits(crm_activity_id), company_id=company_crm_id)
    codes = [
        CodeShown(found_of(one).own_code, one.sale_id, one.company_id == company_crm_id) for one in records
    ]
    digits = {digits_in(one.code) for one in codes}
    known = await Ticket.filter(digits__in=[one for one in digits if one]).values_list("digits", flat=True)
    return sort_digits(crm_activity_id, codes, known=[str(one) for one in known])


async def refuse_taken(shown: DigitsShown) -> None:
    """Inconclusive where the CRM shows this sale under digits that only other tickets have here."""
    if shown.own and await Ticket.filter(digits__in=list(shown.own)).count() == len(shown.own):
        raise Inconclusive(
            IntakeReason.CODE_TAKEN,
            f"The CRM has opportunities of this sale under {', '.join(sorted(shown.own))}, "
            "which is another ticket's number here.",
        )


async def keep_company(change: Change, found: CompanyRecord) -> Company:
    """Our row of a company, as the CRM shows it now."""
    company = await Company.get_or_none(crm_id=found.id)
    columns = {"name": found.name or f"#{found.id}", "vat_number": found.vat_number or None}
    if company is None:
        fresh = Company(crm_id=found.id, refreshed_at=change.at, **columns)
        return await change.create(fresh, kind="COMPANY_SEEN")
    if (company.name, company.vat_number) != tuple(columns.values()):
        await change.update(company, kind="COMPANY_REFRESHED", refreshed_at=change.at, **columns)
    return company
