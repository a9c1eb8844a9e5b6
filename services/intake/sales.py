"""Plans the ticket of a sale, then writes it as a parent ticket with its source."""

from dataclasses import dataclass
from datetime import date, datetime

from models import Company, CrmActivity, Ticket
from services.catalog import store as catalog_store
from services.crm.protocol import Crm
from services.crm.records import ActivityRecord, CompanyRecord
from services.crm.references import unmark
from services.events import Change, EventType
from services.operators.roster import get_active_operator
from services.planning.calendar import WorkCalendar
from services.planning.catalog.types import ONBOARDING
from services.planning.intake.sale_judgement import Judgement, explain_doubt, judge_sale
from services.planning.tickets.codes import (
    NOTHING_SHOWN,
    CodeShown,
    SerialsShown,
    own_code,
    serial_candidates,
    serial_in,
    shortest_serial,
    sort_serials,
)
from services.planning.tickets.kit_lines import KitWithoutServices, ServiceWithoutTemplate
from services.planning.tickets.ticket_factory import NoOwner, Sale, TicketPlan, plan_parent
from services.tickets import creation as tickets
from services.vocabulary import CrmActivityRole, IntakeReason

SALE = "sale:"
"""The prefix of the references of sales that we recorded in the CRM ourselves."""


class Inconclusive(Exception):
    """This activity cannot become a ticket by itself."""

    def __init__(
        self,
        reason: IntakeReason,
        explanation: str,
        candidates: tuple[str, ...] = (),
        crm_words: str | None = None,
    ) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation
        self.candidates = candidates
        self.crm_words = crm_words


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator decided where the activity left it open: a kit's code, an operator's id."""

    kit_code: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class SalePlan:
    """A planned parent ticket and the rows that it is made from."""

    ticket: TicketPlan
    kit_id: str
    template_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSource:
    """The CRM activity that records a sale, and the serials that the CRM shows for it."""

    crm_id: int
    subject: str
    sub_type_id: int | None
    owner_crm_id: int | None
    occurred_at: datetime | None
    kit_named: str | None = None
    serials: SerialsShown = NOTHING_SHOWN


async def read_sale(
    record: ActivityRecord,
    company: CompanyRecord | None,
    choice: Choice,
    *,
    starts_on: date,
    calendar: WorkCalendar,
) -> SalePlan:
    """Plan the ticket of an activity with the operator's decision. Raise Inconclusive if something stays open."""
    if choice.owner_id is not None:
        await get_active_operator(choice.owner_id, path=("ownerId",))
    kit_code = choice.kit_code or _only_kit(await judge(record))
    if company is None:
        raise Inconclusive(IntakeReason.UNKNOWN_COMPANY, "The activity belongs to no company of the CRM.")
    sale = Sale(company.name, owner_crm_id=record.owner_id, owner_id=choice.owner_id)
    try:
        return await plan_sale(kit_code, sale, starts_on=starts_on, calendar=calendar)
    except KitWithoutServices as error:
        raise Inconclusive(IntakeReason.KIT_WITHOUT_SERVICES, error.message, (kit_code,)) from error
    except NoOwner as error:
        raise Inconclusive(IntakeReason.NO_OWNER, error.message, (kit_code,)) from error


async def judge(record: ActivityRecord) -> Judgement:
    """Return the kit that the activity says is sold, or the reason why it does not say so plainly."""
    # Text after our own marker is not the seller's, except in a sale that we recorded for one.
    noted_by_us = (record.reference or "").startswith(SALE)
    subject = unmark(record.subject) if noted_by_us else record.subject
    return judge_sale(subject, record.description, await catalog_store.list_kit_names())


async def kit_named(record: ActivityRecord) -> str:
    """Return the code of the kit that an activity sells, or the reason why that is not certain."""
    try:
        return _only_kit(await judge(record))
    except Inconclusive as doubt:
        return doubt.reason


def _only_kit(judgement: Judgement) -> str:
    if judgement.doubt is not None:
        raise Inconclusive(judgement.doubt, explain_doubt(judgement), judgement.kit_codes)
    return judgement.kit_codes[0]


async def plan_sale(kit_code: str, sale: Sale, *, starts_on: date, calendar: WorkCalendar) -> SalePlan:
    """Plan the ticket of a sale of this kit."""
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
    """Write the ticket together with its source, so that the activity is known from now on."""
    ticket = await tickets.write_parent(
        change,
        plan.ticket,
        company=company,
        kit_id=plan.kit_id,
        template_id=plan.template_id,
        serials=serial_candidates(source.crm_id, source.serials),
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
        crm_company_id=company.crm_id,
        kit_named=source.kit_named,
        created_at=change.at,
    )
    await change.create(activity, kind=EventType.SALE_IMPORTED)
    return ticket


async def read_serials(crm: Crm, crm_activity_id: int, company_crm_id: int) -> SerialsShown:
    """Return the serials that the CRM shows for this sale or for others that it might take. Costs one call.

    It adds something only after the database was restored.
    """
    records = await crm.find_coded(shortest_serial(crm_activity_id), company_id=company_crm_id)
    codes = [
        CodeShown(own_code(one.our_code), one.sale_id, one.company_id == company_crm_id) for one in records
    ]
    shown = {serial_in(one.code) for one in codes}
    known = await Ticket.filter(serial__in=[one for one in shown if one]).values_list("serial", flat=True)
    return sort_serials(crm_activity_id, codes, known=[str(one) for one in known])


async def refuse_taken(shown: SerialsShown) -> None:
    """Raise Inconclusive if the CRM shows this sale under serials that only other tickets have here."""
    if shown.own and await Ticket.filter(serial__in=list(shown.own)).count() == len(shown.own):
        raise Inconclusive(
            IntakeReason.CODE_TAKEN,
            f"The CRM has opportunities of this sale under {', '.join(sorted(shown.own))}, "
            "which is another ticket's number here.",
        )
