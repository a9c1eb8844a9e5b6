"""A sale in the CRM becomes a parent ticket, once; what cannot become one by itself waits in the inbox."""

from dataclasses import dataclass

from models import CrmActivity, IntakeItem
from services import inbox
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord, CompanyRecord
from services.crm.references import unmark
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import Change, EventLog
from services.planning.calendar import WorkCalendar
from services.planning.codes import NOTHING_SHOWN, DigitsShown
from services.sales import (
    Choice,
    Inconclusive,
    SaleSource,
    keep_company,
    read_digits,
    read_sale,
    refuse_taken,
    write_sale,
)
from services.ticket_creation import is_forgotten_sale
from services.vocabulary import CrmActivityRole, IntakeStatus


class UnknownActivity(Refusal):
    """The CRM has no such activity."""

    code = "UNKNOWN_ACTIVITY"


class NotASale(Refusal):
    """The activity is of another sub-type than those that record sales."""

    code = "NOT_A_SALE"


class OwnEcho(Refusal):
    """The activity is one that we wrote ourselves."""

    code = "OWN_ECHO"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an activity: a ticket, or an item in the inbox."""

    ticket_id: str | None = None
    intake_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class SaleShown:
    """A sale as the CRM shows it: the activity, whose it is, and the digits of which it shows opportunities."""

    record: ActivityRecord
    company: CompanyRecord | None
    digits: DigitsShown


class Intake:
    """Takes sales in. `sub_type_id` is the CRM's number for the activities that record them."""

    def __init__(self, *, crm: Crm, events: EventLog, calendar: WorkCalendar, sub_type_id: int) -> None:
        self._crm = crm.with_priority(Priority.INTERACTIVE)
        self._patient_crm = crm.with_priority(Priority.BACKGROUND)
        self._events = events
        self._calendar = calendar
        self.sub_type_id = sub_type_id

    async def import_activity(self, crm_activity_id: int, *, actor: str) -> Imported:
        """Make the ticket of a sale. The same activity gives the same ticket, however often it comes."""
        return await self._import(crm_activity_id, Choice(), actor=actor)

    async def resolve(self, item_id: str, choice: Choice, *, actor: str) -> Imported:
        """Take in an activity that waits, with what the operator decided."""
        item = await inbox.get_waiting(item_id)
        return await self._import(item.crm_activity_id, choice, actor=actor, item_id=item_id)

    async def dismiss(self, item_id: str, *, actor: str) -> IntakeItem:
        """Put an activity aside that is not to become a ticket."""
        return await inbox.dismiss_item(item_id, actor=actor, events=self._events)

    async def take_in(self, record: ActivityRecord, *, actor: str) -> Imported:
        """The same for a sale that was just read, where nobody waits: errors of the CRM pass as they are.

        What an operator dismissed stays dismissed.
        """
        if known := await find_known(record.id):
            return known
        await refuse_unsuitable(record, self.sub_type_id)
        shown = await read_around(record, self._patient_crm)
        async with self._events.change("intake", actor=actor) as change:
            if known := await find_known(record.id):
                return known
            if item := await inbox.find_dismissed(record.id):
                return Imported(intake_item_id=item.id)
            return await self._settle(change, shown, Choice())

    async def _import(
        self, crm_activity_id: int, choice: Choice, *, actor: str, item_id: str | None = None
    ) -> Imported:
        if known := await find_known(crm_activity_id):
            return known
        with refusals():
            record = await get_activity(crm_activity_id, self._crm)
            await refuse_unsuitable(record, self.sub_type_id)
            shown = await read_around(record, self._crm)
        async with self._events.change("intake", actor=actor) as change:
            if known := await find_known(crm_activity_id):
                return known
            if item_id is not None:
                # Somebody may have dismissed it while the CRM was asked.
                await inbox.get_waiting(item_id)
            return await self._settle(change, shown, choice)

    async def _settle(self, change: Change, shown: SaleShown, choice: Choice) -> Imported:
        """Its ticket, or its place in the inbox. The change owns the intake, so nobody else is at it."""
        record = shown.record
        today = self._calendar.today(change.at)
        try:
            plan = await read_sale(record, shown.company, choice, starts_on=today, calendar=self._calendar)
            await refuse_taken(shown.digits)
        except Inconclusive as problem:
            return Imported(intake_item_id=await inbox.put_in_inbox(change, record, problem))
        assert shown.company is not None
        company = await keep_company(change, shown.company)
        ticket = await write_sale(change, plan, company, _source(shown))
        await inbox.settle(change, record.id, IntakeStatus.RESOLVED, ticket_id=ticket.id)
        return Imported(ticket_id=ticket.id)


async def find_known(crm_activity_id: int) -> Imported | None:
    """The ticket that an activity has become; OwnEcho for one that shows a milestone."""
    activity = await CrmActivity.get_or_none(crm_id=crm_activity_id)
    if activity is None:
        return None
    if activity.role != CrmActivityRole.SOURCE:
        raise _echo(crm_activity_id)
    return Imported(ticket_id=activity.ticket_id)


async def get_activity(crm_activity_id: int, crm: Crm) -> ActivityRecord:
    record = await crm.get_activity(crm_activity_id)
    if record is None:
        raise UnknownActivity(f"The CRM has no activity {crm_activity_id}.", path=("crmActivityId",))
    return record


async def refuse_unsuitable(record: ActivityRecord, sub_type_id: int) -> None:
    """Decline what we wrote ourselves and what records no sale, whatever the CRM was asked for.

    A sale that we noted and have forgotten since, with the database that was restored, is one like any other.
    """
    if record.reference is not None and not await is_forgotten_sale(record.reference):
        raise _echo(record.id)
    if record.sub_type_id != sub_type_id:
        raise NotASale(
            f"The activity is of sub-type {record.sub_type_id}; sales are {sub_type_id}.",
            path=("crmActivityId",),
        )


async def read_around(record: ActivityRecord, crm: Crm) -> SaleShown:
    """What the CRM shows besides the activity itself."""
    company = await crm.get_company(record.company_id) if record.company_id else None
    digits = await read_digits(crm, record.id, company.id) if company else NOTHING_SHOWN
    return SaleShown(record, company, digits)


def _echo(crm_activity_id: int) -> OwnEcho:
    return OwnEcho(f"We wrote the activity {crm_activity_id} ourselves.", path=("crmActivityId",))


def _source(shown: SaleShown) -> SaleSource:
    record = shown.record
    return SaleSource(
        crm_id=record.id,
        subject=unmark(record.subject),
        sub_type_id=record.sub_type_id,
        owner_crm_id=record.owner_id,
        occurred_at=record.starts_at or record.created_at,
        digits=shown.digits,
    )
