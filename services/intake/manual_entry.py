"""Creates a ticket by hand: the sale is recorded in the CRM once, and the CRM's id completes the ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import Action, ActionItem, Company, CrmActivity, Operator, Ticket
from services.actions import Created, Opening, PlannedItem, open_action
from services.catalog import store as catalog_store
from services.companies import read_defects, upsert_company
from services.crm.protocol import Claim, Crm, Priority
from services.crm.records import ActivityRecord, CompanyRecord, SaleDraft
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import Change, EventLog, EventType
from services.intake import inbox
from services.intake.sales import (
    SALE,
    Inconclusive,
    SalePlan,
    SaleSource,
    plan_sale,
    read_serials,
    refuse_taken,
    write_sale,
)
from services.operators.roster import get_active_operator
from services.planning.calendar import WorkCalendar
from services.planning.tickets.codes import NOTHING_SHOWN, SerialsShown
from services.planning.tickets.ticket_factory import Sale
from services.records import UnknownCompany, get_company
from services.requests import refuse_other_contents, request_id
from services.vocabulary import ActionKind, IntakeStatus, ItemKind, ItemOutcome

NOTHING_WRITTEN = (ItemOutcome.FAILED, ItemOutcome.CANCELLED)
NOTED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED)


class InactiveKit(Refusal):
    """The kit is no longer sold."""

    code = "INACTIVE_KIT"


class OwnEcho(Refusal):
    """We wrote this activity ourselves."""

    code = "OWN_ECHO"


class RequestUnsettled(Refusal):
    """The activity may be the record of a request of ours that is not settled yet."""

    code = "REQUEST_UNSETTLED"


class CodeTaken(Refusal):
    """The CRM shows opportunities of this sale under codes that another ticket has here."""

    code = "CODE_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRequest:
    """The request of an operator: a kit by code or id, a company by our id or by the CRM's.

    A `request_key` identifies the request of its operator permanently. Without one, all other fields and the day do.
    """

    kit_code: str | None = None
    kit_id: str | None = None
    company_id: str | None = None
    crm_company_id: int | None = None
    owner_id: str | None = None
    notes: str = ""
    request_key: str | None = None


async def create_ticket(
    request: TicketRequest, *, actor: str, crm: Crm, events: EventLog, calendar: WorkCalendar
) -> Action:
    """Record a sale in the CRM and open its ticket. Returns at once with the action, which will show the ticket.

    The same request makes one sale and returns the same action, even after that has ended. It starts a new action only
    if the earlier one wrote nothing.
    """
    if request.owner_id is not None:
        await get_active_operator(request.owner_id, path=("ownerId",))
    kit_code = await _get_kit_code(request)
    company = await _get_buyer(request, crm)
    async with events.change("intake", actor=actor) as change:
        today = calendar.today(change.at)
        row = await upsert_company(change, company)
        scope: dict[str, Any] = {
            "key": _key(request, kit_code, row.crm_id, actor, today),
            "operatorId": actor,
            "companyId": row.id,
            "kitCode": kit_code,
            "ownerId": request.owner_id,
            "notes": request.notes,
        }
        if earlier := await _find_earlier(scope):
            return earlier
        plan = await _plan(scope, today, calendar)
        item = PlannedItem(ItemKind.CREATE_SALE, scope["key"], SALE + scope["key"], plan.ticket.title[:500])
        links = {"company_id": row.id}
        return await open_action(
            change, Opening(ActionKind.CREATE_TICKET, scope, [item], links, operator_id=actor)
        )


async def _get_buyer(request: TicketRequest, crm: Crm) -> CompanyRecord:
    """Return the company that buys, from our own rows where it has one, so that a repeated press needs no CRM."""
    if request.company_id is not None:
        return _as_record(await get_company(request.company_id))
    assert request.crm_company_id is not None, "A request names its company."
    row = await Company.get_or_none(crm_id=request.crm_company_id)
    if row is not None:
        return _as_record(row)
    with refusals():
        found = await crm.with_priority(Priority.INTERACTIVE).get_company(request.crm_company_id)
    if found is None:
        raise UnknownCompany(f"The CRM has no company {request.crm_company_id}.", path=("crmCompanyId",))
    return found


def _as_record(row: Company) -> CompanyRecord:
    return CompanyRecord(
        id=row.crm_id,
        name=row.name,
        vat_number=row.vat_number or "",
        defects=tuple(read_defects(row.defects)),
    )


def _key(request: TicketRequest, kit_code: str, crm_company_id: int, actor: str, today: date) -> str:
    # The CRM's company id survives a restore of our database; our own id may not.
    asked = (today, crm_company_id, kit_code, request.owner_id, request.notes)
    return request_id(actor, request.request_key or tuple(map(str, asked)))


async def _find_earlier(scope: Mapping[str, Any]) -> Action | None:
    """Return the action of the same request, unless it ended without writing anything."""
    item = (
        await ActionItem.filter(kind=ItemKind.CREATE_SALE, key=scope["key"])
        .order_by("-created_at", "-id")
        .first()
    )
    if item is None or item.outcome in NOTHING_WRITTEN:
        return None
    action = await Action.get(id=item.action_id)
    refuse_other_contents(action.scope, scope)
    return action


async def refuse_own_sale(record: ActivityRecord, *, a_person_decided: bool) -> None:
    """Refuse an activity that we wrote, or may have written, under the reference that it carries.

    People copy our activities and quote their markers, so the ledger decides, by id. While a request with the same
    reference is unsettled, any activity that carries it may be its record. A duplicate that waits for a person may also
    be a copy; only that person knows. A reference that the ledger does not know comes from before a restore.
    """
    kind, is_sale, key = (record.reference or "").partition(SALE)
    if kind or not is_sale:
        return
    items = await ActionItem.filter(kind=ItemKind.CREATE_SALE, key=key)
    if any(item.crm_id == record.id for item in items):
        raise OwnEcho(f"We wrote the activity {record.id} ourselves.", path=("crmActivityId",))
    lanes = {named for item in items for named in (item.lane, item.id)}
    looks = await ActionItem.filter(kind=ItemKind.SECOND_LOOK, key__in=list(lanes))
    in_doubt = any(item.claim_id for item in items) or any(look.crm_id == record.id for look in looks)
    if any(one.open_key for one in (*items, *looks)) or (in_doubt and not a_person_decided):
        raise RequestUnsettled(
            f"The activity {record.id} may be the record of our own request {record.reference}, "
            "whose outcome is not settled yet.",
            path=("crmActivityId",),
        )


async def _get_kit_code(request: TicketRequest) -> str:
    code = request.kit_code or await catalog_store.get_kit_code(request.kit_id or "")
    _, kit = await catalog_store.get_kit(code)
    if not kit.active:
        raise InactiveKit(f"The kit {code} is no longer sold.", path=("kitCode",))
    return code


async def _plan(scope: Mapping[str, Any], today: date, calendar: WorkCalendar) -> SalePlan:
    """Plan the requested ticket. The operator counts as the seller if no owner is named."""
    company = await Company.get(id=scope["companyId"])
    seller = await Operator.get(id=scope["operatorId"])
    sale = Sale(company.name, owner_crm_id=seller.crm_user_id, owner_id=scope["ownerId"])
    return await plan_sale(scope["kitCode"], sale, starts_on=today, calendar=calendar)


class SaleCreation:
    """Records a sale in the CRM and writes its ticket. Implements `services.actions.handlers.CreateKind`."""

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, sub_type_id: int) -> None:
        self._crm = crm
        self._calendar = calendar
        self._sub_type_id = sub_type_id

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        company = await _company_of(items[0])
        found: dict[str, list[int]] = {}
        for record in await self._crm.get_company_activities(company.crm_id):
            if record.reference:
                found.setdefault(record.reference, []).append(record.id)
        return found

    async def already_linked(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        """Return what was recorded for the same request before. No other record counts as a sale entered by hand."""
        noted = ActionItem.filter(
            kind=ItemKind.CREATE_SALE, key__in=[item.key for item in items], outcome__in=NOTED
        )
        return {one.reference: one.crm_id for one in await noted if one.crm_id is not None}

    async def reason_to_skip(self, item: ActionItem) -> None:
        """Never skip: a sale that was entered is a sale, whatever happens to tickets."""

    async def send(self, item: ActionItem, *, claim: Claim) -> Created:
        action = await Action.get(id=item.action_id)
        company = await _company_of(item)
        today = self._calendar.today(item.created_at)
        plan = await _plan(action.scope, today, self._calendar)
        draft = SaleDraft(
            company_id=company.crm_id,
            reference=item.reference,
            subject=item.label,
            sold_on=today,
            description="Vendita inserita a mano in IntelligenceHub.",
            owner_id=(await Operator.get(id=plan.ticket.owner_id)).crm_user_id,
        )
        return Created(await self._crm.create_sale(draft, claim=claim), NOTHING_SHOWN)

    async def carries(self, item: ActionItem, crm_id: int) -> bool:
        record = await self._crm.get_activity(crm_id)
        return record is not None and record.carries(item.reference)

    async def examine(self, item: ActionItem, crm_id: int) -> SerialsShown:
        """Return the serials of the opportunities that the CRM has for the sale already; the ticket keeps them."""
        if await CrmActivity.filter(crm_id=crm_id).exists():
            return NOTHING_SHOWN
        return await read_serials(self._crm, crm_id, (await _company_of(item)).crm_id)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return ["intake"]

    async def record(self, change: Change, item: ActionItem, crm_id: int, serials: SerialsShown) -> None:
        """Write the ticket and its source together, so that the poller recognises the activity at once."""
        action = await Action.get(id=item.action_id)
        known = await CrmActivity.get_or_none(crm_id=crm_id)
        ticket_id = (
            known.ticket_id if known else (await self._write(change, action, item, crm_id, serials)).id
        )
        await change.update(action, kind=EventType.ACTION_TICKET_CREATED, ticket_id=ticket_id)

    async def _write(
        self, change: Change, action: Action, item: ActionItem, crm_id: int, serials: SerialsShown
    ) -> Ticket:
        try:
            await refuse_taken(serials)
        except Inconclusive as problem:
            raise CodeTaken(problem.explanation) from problem
        plan = await _plan(action.scope, self._calendar.today(change.at), self._calendar)
        owner = await Operator.get(id=plan.ticket.owner_id)
        source = SaleSource(
            crm_id=crm_id,
            subject=item.label,
            sub_type_id=self._sub_type_id,
            owner_crm_id=owner.crm_user_id,
            occurred_at=item.created_at,
            serials=serials,
        )
        company = await _company_of(item)
        ticket = await write_sale(change, plan, company, source, notes=action.scope["notes"])
        await inbox.close_item(change, crm_id, IntakeStatus.RESOLVED, ticket_id=ticket.id)
        return ticket


async def _company_of(item: ActionItem) -> Company:
    action = await Action.get(id=item.action_id)
    return await Company.get(id=action.company_id)
