"""A sale in the CRM becomes a parent ticket, once; what cannot become one by itself waits in the inbox."""

from dataclasses import dataclass
from typing import Any

from models import Company, CrmActivity, IntakeItem, Ticket
from services import catalog_store, tickets
from services.catalog.types import ONBOARDING
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord, CompanyRecord
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import Change, EventLog
from services.operators.roster import get_active_operator
from services.planning.calendar import WorkCalendar
from services.planning.kit_expander import KitWithoutServices, ServiceWithoutTemplate
from services.planning.kit_matcher import Ambiguous, NotRecognised, Recognised, match_kit
from services.planning.ticket_factory import NoOwner, Sale, plan_parent
from services.vocabulary import CrmActivityRole, IntakeReason, IntakeStatus


class UnknownActivity(Refusal):
    """The CRM has no such activity."""

    code = "UNKNOWN_ACTIVITY"


class NotASale(Refusal):
    """The activity is of another sub-type than those that record sales."""

    code = "NOT_A_SALE"


class OwnEcho(Refusal):
    """The activity is one that we wrote ourselves."""

    code = "OWN_ECHO"


class UnknownIntakeItem(Refusal):
    """There is no such item in the inbox."""

    code = "UNKNOWN_INTAKE_ITEM"


class IntakeItemSettled(Refusal):
    """Somebody has already resolved or dismissed this item."""

    code = "INTAKE_ITEM_SETTLED"


class Inconclusive(Exception):
    """This activity cannot become a ticket by itself."""

    def __init__(self, reason: IntakeReason, explanation: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an activity: a ticket, or an item in the inbox."""

    ticket_id: str | None = None
    intake_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator decided where the activity left it open: a kit's code, an operator's id."""

    kit_code: str | None = None
    owner_id: str | None = None


class Intake:
    """Takes sales in. `sub_type_id` is the CRM's number for the activities that record them."""

    def __init__(self, *, crm: Crm, events: EventLog, calendar: WorkCalendar, sub_type_id: int) -> None:
        self._crm = crm.with_priority(Priority.INTERACTIVE)
        self._events = events
        self._calendar = calendar
        self._sub_type_id = sub_type_id

    async def import_activity(self, crm_activity_id: int, *, actor: str) -> Imported:
        """Make the ticket of a sale. The same activity gives the same ticket, however often it comes."""
        return await self._take_in(crm_activity_id, Choice(), actor=actor)

    async def resolve(self, item_id: str, choice: Choice, *, actor: str) -> Imported:
        """Take in an activity that waits, with what the operator decided."""
        item = await _get_waiting(item_id)
        return await self._take_in(item.crm_activity_id, choice, actor=actor, item_id=item_id)

    async def _take_in(
        self, crm_activity_id: int, choice: Choice, *, actor: str, item_id: str | None = None
    ) -> Imported:
        if known := await _known(crm_activity_id):
            return known
        with refusals():
            record = await self._crm.get_activity(crm_activity_id)
            self._refuse_unsuitable(crm_activity_id, record)
            assert record is not None
            company = await self._crm.get_company(record.company_id) if record.company_id else None
        async with self._events.change("intake", actor=actor) as change:
            if known := await _known(crm_activity_id):
                return known
            if item_id is not None:
                # Somebody may have dismissed it while the CRM was asked.
                await _get_waiting(item_id)
            try:
                ticket = await self._open_parent(change, record, company, choice)
            except Inconclusive as problem:
                return Imported(intake_item_id=await _put_in_inbox(change, record, problem))
            await _settle(change, crm_activity_id, IntakeStatus.RESOLVED, ticket_id=ticket.id)
            return Imported(ticket_id=ticket.id)

    def _refuse_unsuitable(self, crm_activity_id: int, record: ActivityRecord | None) -> None:
        path = ("crmActivityId",)
        if record is None:
            raise UnknownActivity(f"The CRM has no activity {crm_activity_id}.", path=path)
        if record.reference is not None:
            raise OwnEcho(f"We wrote the activity {crm_activity_id} ourselves.", path=path)
        if record.sub_type_id != self._sub_type_id:
            raise NotASale(
                f"The activity is of sub-type {record.sub_type_id}; sales are {self._sub_type_id}.", path=path
            )

    async def _open_parent(
        self, change: Change, record: ActivityRecord, found: CompanyRecord | None, choice: Choice
    ) -> Ticket:
        if choice.owner_id is not None:
            await get_active_operator(choice.owner_id)
        kit_code = choice.kit_code or await _recognise(record)
        if found is None:
            raise Inconclusive(IntakeReason.UNKNOWN_COMPANY, "The activity leads to no company of the CRM.")
        company = await _keep_company(change, found)
        kit_id, kit = await catalog_store.get_kit(kit_code)
        template = await catalog_store.find_template(ONBOARDING)
        if template is None:
            raise ServiceWithoutTemplate("The catalog has no onboarding workflow.")
        sale = Sale(found.name, owner_crm_id=record.owner_id, owner_id=choice.owner_id)
        try:
            plan = plan_parent(
                sale,
                kit,
                template[1],
                services=await catalog_store.list_services(),
                staff=await catalog_store.get_staff(),
                starts_on=self._calendar.today(change.at),
                calendar=self._calendar,
            )
        except KitWithoutServices as error:
            raise Inconclusive(IntakeReason.KIT_WITHOUT_SERVICES, error.message, (kit_code,)) from error
        except NoOwner as error:
            raise Inconclusive(IntakeReason.NO_OWNER, error.message, (kit_code,)) from error
        ticket = await tickets.write_parent(
            change,
            plan,
            company=company,
            kit_id=kit_id,
            template_id=template[0],
            crm_activity_id=record.id,
        )
        await change.create(_source(ticket, record, change), kind="SALE_TAKEN_IN")
        return ticket

    async def dismiss(self, item_id: str, *, actor: str) -> IntakeItem:
        """Put an activity aside that is not to become a ticket."""
        async with self._events.change("intake", actor=actor) as change:
            item = await _get_waiting(item_id)
            await _settle(change, item.crm_activity_id, IntakeStatus.DISMISSED)
        return await IntakeItem.get(id=item_id)


async def _known(crm_activity_id: int) -> Imported | None:
    activity = await CrmActivity.get_or_none(crm_id=crm_activity_id)
    if activity is None:
        return None
    if activity.role != CrmActivityRole.SOURCE:
        raise OwnEcho(f"We wrote the activity {crm_activity_id} ourselves.", path=("crmActivityId",))
    return Imported(ticket_id=activity.ticket_id)


async def _recognise(record: ActivityRecord) -> str:
    """The code of the one kit that the activity names."""
    kits = await catalog_store.list_kit_names()
    match match_kit(record.subject, record.description, kits):
        case Recognised(key):
            return key
        case Ambiguous(keys):
            raise Inconclusive(
                IntakeReason.AMBIGUOUS_KIT,
                f"The activity names several kits: {', '.join(keys)}.",
                tuple(keys),
            )
        case NotRecognised():
            raise Inconclusive(IntakeReason.NO_KIT, "The activity names no active kit.")


async def _keep_company(change: Change, found: CompanyRecord) -> Company:
    company = await Company.get_or_none(crm_id=found.id)
    columns = {"name": found.name or f"#{found.id}", "vat_number": found.vat_number or None}
    if company is None:
        fresh = Company(crm_id=found.id, refreshed_at=change.at, **columns)
        return await change.create(fresh, kind="COMPANY_SEEN")
    if (company.name, company.vat_number) != tuple(columns.values()):
        await change.update(company, kind="COMPANY_REFRESHED", refreshed_at=change.at, **columns)
    return company


def _source(ticket: Ticket, record: ActivityRecord, change: Change) -> CrmActivity:
    return CrmActivity(
        role=CrmActivityRole.SOURCE,
        tree_id=ticket.tree_id,
        ticket_id=ticket.id,
        crm_id=record.id,
        subject=record.subject,
        sub_type_id=record.sub_type_id,
        owner_crm_id=record.owner_id,
        occurred_at=record.starts_at or record.created_at,
        created_at=change.at,
    )


async def _put_in_inbox(change: Change, record: ActivityRecord, problem: Inconclusive) -> str:
    columns: dict[str, Any] = {
        "status": IntakeStatus.WAITING,
        "reason": problem.reason,
        "explanation": problem.explanation,
        "subject": record.subject,
        "description": record.description,
        "crm_company_id": record.company_id,
        "candidates": list(problem.candidates),
    }
    item = await IntakeItem.get_or_none(crm_activity_id=record.id)
    if item is None:
        fresh = IntakeItem(crm_activity_id=record.id, created_at=change.at, **columns)
        return (await change.create(fresh, kind="INTAKE_ITEM_CREATED")).id
    if item.status == IntakeStatus.WAITING:
        await change.update(item, kind="INTAKE_ITEM_CHANGED", **columns)
    return item.id


async def _settle(
    change: Change, crm_activity_id: int, status: IntakeStatus, ticket_id: str | None = None
) -> None:
    item = await IntakeItem.get_or_none(crm_activity_id=crm_activity_id)
    if item is not None:
        await change.update(
            item, kind=f"INTAKE_ITEM_{status}", status=status, ticket_id=ticket_id, settled_at=change.at
        )


async def _get_waiting(item_id: str) -> IntakeItem:
    item = await IntakeItem.get_or_none(id=item_id)
    if item is None:
        raise UnknownIntakeItem(f"There is no intake item {item_id!r}.", path=("intakeItemId",))
    if item.status != IntakeStatus.WAITING:
        raise IntakeItemSettled(f"The item is already {item.status}.", path=("intakeItemId",))
    return item
