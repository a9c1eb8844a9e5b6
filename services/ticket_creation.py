"""A ticket made by hand: its sale is noted in the CRM, once, and becomes a parent with the CRM's answer."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import Action, ActionItem, Company, CrmActivity, Operator, Ticket
from services import catalog_store
from services.actions import PlannedItem, open_action
from services.crm.protocol import Claim, Crm, Priority
from services.crm.records import CompanyRecord, SaleDraft
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import Change, EventLog
from services.operators.roster import get_active_operator
from services.planning.calendar import WorkCalendar
from services.planning.codes import NOTHING_SHOWN, DigitsShown
from services.planning.ticket_factory import Sale
from services.sales import (
    SALE,
    Inconclusive,
    SalePlan,
    SaleSource,
    keep_company,
    plan_sale,
    read_digits,
    refuse_taken,
    write_sale,
)
from services.sync_plan import UnknownCompany
from services.vocabulary import ActionKind, ItemOutcome

CREATE = "CREATE_SALE"
NOTHING_WRITTEN = (ItemOutcome.FAILED, ItemOutcome.CANCELLED)
NOTED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED)


class InactiveKit(Refusal):
    """The kit is no longer sold."""

    code = "INACTIVE_KIT"


class RequestKeyReused(Refusal):
    """The same key came with another request before."""

    code = "REQUEST_KEY_REUSED"


class CodeTaken(Refusal):
    """The CRM shows this sale under digits that another ticket has here."""

    code = "CODE_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRequest:
    """What an operator asks for: a kit by its code or id, a company by our id or by the CRM's.

    The same `request_key` of the same operator means the same request, for ever. Without one, so does everything
    else being the same on the same day.
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
    """Note a sale in the CRM and open its ticket. Answers at once with the action, on which the ticket will show.

    Pressed twice, it is one sale and the same action, also after its end; only where nothing was written for it
    does another press try anew.
    """
    if request.owner_id is not None:
        await get_active_operator(request.owner_id)
    kit_code = await _get_kit_code(request)
    company = await _get_company(request, crm)
    async with events.change("intake", actor=actor) as change:
        today = calendar.today(change.at)
        row = await keep_company(change, company)
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
        item = PlannedItem(CREATE, scope["key"], SALE + scope["key"], plan.ticket.title[:500])
        return await open_action(
            change, ActionKind.CREATE_TICKET, scope, [item], operator_id=actor, company_id=row.id
        )


async def _get_company(request: TicketRequest, crm: Crm) -> CompanyRecord:
    """Our own row where there is one, so that pressing again needs no CRM."""
    if request.company_id is not None:
        row = await Company.get_or_none(id=request.company_id)
    else:
        row = await Company.get_or_none(crm_id=request.crm_company_id)
    if row is not None:
        return CompanyRecord(id=row.crm_id, name=row.name, vat_number=row.vat_number or "")
    if request.crm_company_id is not None:
        with refusals():
            found = await crm.with_priority(Priority.INTERACTIVE).get_company(request.crm_company_id)
        if found is None:
            raise UnknownCompany(f"The CRM has no company {request.crm_company_id}.", path=("crmCompanyId",))
        return found
    raise UnknownCompany(f"There is no company {request.company_id!r}.", path=("companyId",))


def _key(request: TicketRequest, kit_code: str, crm_company_id: int, actor: str, today: date) -> str:
    # The CRM's id of the company outlives a restore; ours may be another one then.
    asked = (today, crm_company_id, kit_code, request.owner_id, request.notes)
    text = repr((actor, request.request_key or tuple(map(str, asked))))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def _find_earlier(scope: Mapping[str, Any]) -> Action | None:
    """The action of the same request, unless it ended with nothing written."""
    item = await ActionItem.filter(kind=CREATE, key=scope["key"]).order_by("-created_at", "-id").first()
    if item is None or item.outcome in NOTHING_WRITTEN:
        return None
    action = await Action.get(id=item.action_id)
    if action.scope != scope:
        raise RequestKeyReused("This key came with another request before.", path=("requestKey",))
    return action


async def is_forgotten_sale(reference: str) -> bool:
    """Whether we noted a sale under this reference, and a restored database knows nothing of it any more.

    Of one that is on its way the ledger knew before the CRM did.
    """
    kind, ours, key = reference.partition(SALE)
    return bool(ours) and not kind and not await ActionItem.filter(kind=CREATE, key=key).exists()


async def _get_kit_code(request: TicketRequest) -> str:
    code = request.kit_code or await catalog_store.get_kit_code(request.kit_id or "")
    _, kit = await catalog_store.get_kit(code)
    if not kit.active:
        raise InactiveKit(f"The kit {code} is no longer sold.", path=("kitCode",))
    return code


async def _plan(scope: Mapping[str, Any], today: date, calendar: WorkCalendar) -> SalePlan:
    """The ticket that was asked for. Who asks counts as the seller, where nobody else is named."""
    company = await Company.get(id=scope["companyId"])
    seller = await Operator.get(id=scope["operatorId"])
    sale = Sale(company.name, owner_crm_id=seller.crm_user_id, owner_id=scope["ownerId"])
    return await plan_sale(scope["kitCode"], sale, starts_on=today, calendar=calendar)


class SaleCreation:
    """Notes a sale in the CRM and writes its ticket. Fulfils `services.actions.kinds.CreateKind`."""

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, sub_type_id: int) -> None:
        self._crm = crm
        self._calendar = calendar
        self._sub_type_id = sub_type_id
        self._digits: dict[int, DigitsShown] = {}

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """What is found may have opportunities already, and then it keeps their digits."""
        action = await Action.get(id=items[0].action_id)
        company = await Company.get(id=action.company_id)
        found: dict[str, list[int]] = {}
        for record in await self._crm.get_company_activities(company.crm_id):
            if record.reference:
                found.setdefault(record.reference, []).append(record.id)
        for crm_id in found.get(items[0].reference, ()):
            if not await CrmActivity.filter(crm_id=crm_id).exists():
                self._digits[crm_id] = await read_digits(self._crm, crm_id, company.crm_id)
        return found

    async def given(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        """What was noted for the same request before. Nothing else is ever taken for a sale entered by hand."""
        noted = ActionItem.filter(kind=CREATE, key__in=[item.key for item in items], outcome__in=NOTED)
        return {one.reference: one.crm_id for one in await noted if one.crm_id is not None}

    async def objection(self, item: ActionItem) -> str | None:
        """A sale that was entered is a sale, whatever happens to tickets."""
        return None

    async def send(self, item: ActionItem, *, claim: Claim) -> int:
        action = await Action.get(id=item.action_id)
        company = await Company.get(id=action.company_id)
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
        return await self._crm.create_sale(draft, claim=claim)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return ["intake"]

    async def record(self, change: Change, item: ActionItem, crm_id: int) -> None:
        """Write the ticket together with its source, so that the poller knows the activity as soon as anybody."""
        action = await Action.get(id=item.action_id)
        known = await CrmActivity.get_or_none(crm_id=crm_id)
        ticket_id = known.ticket_id if known else (await self._write(change, action, item, crm_id)).id
        await change.update(action, kind="ACTION_GOT_TICKET", ticket_id=ticket_id)

    async def _write(self, change: Change, action: Action, item: ActionItem, crm_id: int) -> Ticket:
        digits = self._digits.pop(crm_id, NOTHING_SHOWN)
        try:
            await refuse_taken(digits)
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
            digits=digits,
        )
        company = await Company.get(id=action.company_id)
        return await write_sale(change, plan, company, source, notes=action.scope["notes"])
