"""Turns a sale in the CRM into one parent ticket. What cannot become a ticket by itself waits in the inbox."""

from dataclasses import dataclass
from functools import partial

from models import CrmActivity, IntakeItem, Ticket
from services.companies import upsert_company
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord, CompanyRecord
from services.crm.references import unmark
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import Change, EventLog, changing, refuse_stale
from services.intake import inbox
from services.intake.manual_entry import OwnEcho, refuse_own_sale
from services.intake.sale_changes import accept_change, ask_person, find_change
from services.intake.sales import (
    Choice,
    Inconclusive,
    SaleSource,
    kit_named,
    read_sale,
    read_serials,
    refuse_taken,
    write_sale,
)
from services.planning.calendar import WorkCalendar
from services.planning.tickets.codes import NOTHING_SHOWN, SerialsShown
from services.sale_questions import find_question, refuse_in_question
from services.vocabulary import CrmActivityRole, IntakeStatus


class UnknownActivity(Refusal):
    """The CRM has no such activity."""

    code = "UNKNOWN_ACTIVITY"


class NotASale(Refusal):
    """The activity's sub-type is not the one that records sales."""

    code = "NOT_A_SALE"


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import: a ticket, or an item in the inbox."""

    ticket_id: str | None = None
    intake_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class SaleShown:
    """A sale as the CRM shows it: the activity, its company, and the serials of the opportunities that it has there."""

    record: ActivityRecord
    company: CompanyRecord | None
    serials: SerialsShown


class Intake:
    """Imports sales. `sub_type_id` is the CRM's number for the activities that record them."""

    def __init__(self, *, crm: Crm, events: EventLog, calendar: WorkCalendar, sub_type_id: int) -> None:
        self._crm = crm.with_priority(Priority.INTERACTIVE)
        self._patient_crm = crm.with_priority(Priority.BACKGROUND)
        self._events = events
        self._calendar = calendar
        self.sub_type_id = sub_type_id

    async def import_activity(self, crm_activity_id: int, *, actor: str) -> Imported:
        """Create the ticket of a sale. Importing the same activity again returns the same ticket."""
        return await self._import(crm_activity_id, Choice(), actor=actor)

    async def resolve(
        self, item_id: str, choice: Choice, *, actor: str, expected_version: int | None = None
    ) -> Imported:
        """Import a waiting activity with what the operator decided."""
        item = await inbox.get_waiting(item_id)
        await refuse_stale(item, expected_version)
        if item.ticket_id is not None:
            await refuse_in_question(item.ticket_id)
        return await self._import(
            item.crm_activity_id, choice, actor=actor, item=item, expected_version=expected_version
        )

    async def dismiss(self, item_id: str, *, actor: str, expected_version: int | None = None) -> IntakeItem:
        """Dismiss an item whose activity is not to become a ticket. A ticket that exists already stays as it is."""
        item = await inbox.get_waiting(item_id)
        if item.ticket_id is None:
            return await inbox.dismiss_item(
                item_id, actor=actor, events=self._events, expected_version=expected_version
            )
        tree_id = (await Ticket.get(id=item.ticket_id)).tree_id
        load = partial(inbox.get_waiting, item_id)
        async with changing(self._events, load, tree_id, actor=actor, expected_version=expected_version) as (
            change,
            item,
        ):
            await accept_change(change, item)
            await inbox.close_item(
                change, item.crm_activity_id, IntakeStatus.DISMISSED, ticket_id=item.ticket_id
            )
        return await IntakeItem.get(id=item_id)

    async def import_record(self, record: ActivityRecord, *, actor: str) -> Imported:
        """Import a sale that was just read, for a caller without an operator: errors of the CRM are raised as they are.

        A dismissed activity stays dismissed.
        """
        if known := await find_known(record.id):
            return known
        record = await self._newest(record)
        await refuse_unsuitable(record, self.sub_type_id)
        shown = await read_around(record, self._patient_crm)
        async with self._events.change("intake", actor=actor) as change:
            if known := await find_known(record.id):
                return known
            if item := await inbox.find_dismissed(record.id):
                return Imported(intake_item_id=item.id)
            return await self._open_ticket_or_wait(change, shown, Choice())

    async def compare(self, source: CrmActivity, record: ActivityRecord | None, *, actor: str) -> None:
        """Ask a person if a sale no longer matches its ticket. `record` is None if the CRM has deleted the activity."""
        found = await find_change(source, record)
        if found is not None or await find_question(source.ticket_id or ""):
            async with self._events.change("intake", actor=actor) as change:
                await ask_person(change, source, record, found)

    async def _newest(self, record: ActivityRecord) -> ActivityRecord:
        """Return the record, read again if it is older than the last one we saw: a search lags, and clocks go back."""
        item = await IntakeItem.get_or_none(crm_activity_id=record.id)
        seen = item.activity_modified_at if item else None
        if seen is None or record.modified_at is None or record.modified_at >= seen:
            return record
        return await self._patient_crm.get_activity(record.id) or record

    async def set_aside(self, record: ActivityRecord, problem: Inconclusive, *, actor: str) -> bool:
        """Let a sale wait in the inbox whose import failed, and retry it later. Return whether the item is new."""
        async with self._events.change("intake", actor=actor) as change:
            if await CrmActivity.filter(crm_id=record.id).exists():
                return False
            is_new = not await IntakeItem.filter(crm_activity_id=record.id).exists()
            await inbox.put_in_inbox(change, record, problem, tries_again=True)
            return is_new

    async def explain(
        self, crm_activity_id: int, problem: Inconclusive, *, tries_again: bool, actor: str
    ) -> None:
        """Record why an item still waits whose activity could not be read, and whether it is retried."""
        async with self._events.change("intake", actor=actor) as change:
            await inbox.explain(change, crm_activity_id, problem, tries_again=tries_again)

    async def dismiss_record(self, crm_activity_id: int, *, actor: str) -> None:
        """Dismiss an item that was retried and whose activity turned out not to be a new sale."""
        waiting = IntakeItem.filter(crm_activity_id=crm_activity_id, status=IntakeStatus.WAITING)
        if await waiting.filter(next_try_at__isnull=False).exists():
            async with self._events.change("intake", actor=actor) as change:
                await inbox.close_item(change, crm_activity_id, IntakeStatus.DISMISSED)

    async def _import(
        self,
        crm_activity_id: int,
        choice: Choice,
        *,
        actor: str,
        item: IntakeItem | None = None,
        expected_version: int | None = None,
    ) -> Imported:
        if item is None and (known := await find_known(crm_activity_id)):
            return known
        with refusals():
            record = await get_activity(crm_activity_id, self._crm)
            await refuse_unsuitable(record, self.sub_type_id, a_person_decided=item is not None)
            shown = await read_around(record, self._crm)
        async with self._events.change("intake", actor=actor) as change:
            if item is not None:
                # Another operator may have settled the item during the call to the CRM.
                await refuse_stale(await inbox.get_waiting(item.id), expected_version)
            if known := await find_known(crm_activity_id):
                return known
            imported = await self._open_ticket_or_wait(change, shown, choice)
            if item is not None and imported.ticket_id is None:
                await inbox.refuse_unchanged(item)
            return imported

    async def _open_ticket_or_wait(self, change: Change, shown: SaleShown, choice: Choice) -> Imported:
        """Return the ticket, or the place in the inbox. The change owns the intake, so no other import runs."""
        record = shown.record
        today = self._calendar.today(change.at)
        try:
            plan = await read_sale(record, shown.company, choice, starts_on=today, calendar=self._calendar)
            await refuse_taken(shown.serials)
        except Inconclusive as problem:
            return Imported(intake_item_id=await inbox.put_in_inbox(change, record, problem))
        assert shown.company is not None
        company = await upsert_company(change, shown.company)
        ticket = await write_sale(change, plan, company, await _source(shown))
        await inbox.close_item(change, record.id, IntakeStatus.RESOLVED, ticket_id=ticket.id)
        return Imported(ticket_id=ticket.id)


async def find_known(crm_activity_id: int) -> Imported | None:
    """Return the ticket of an activity. Raise OwnEcho for an activity that shows one of our milestones."""
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


async def refuse_unsuitable(
    record: ActivityRecord, sub_type_id: int, *, a_person_decided: bool = False
) -> None:
    """Refuse an activity that records no sale, and one that we wrote ourselves."""
    if record.sub_type_id != sub_type_id:
        raise NotASale(
            f"The activity is of sub-type {record.sub_type_id}; sales are {sub_type_id}.",
            path=("crmActivityId",),
        )
    await refuse_own_sale(record, a_person_decided=a_person_decided)


async def read_around(record: ActivityRecord, crm: Crm) -> SaleShown:
    """Read the rest of a sale: its company and the serials that the CRM shows."""
    company = await crm.get_company(record.company_id) if record.company_id else None
    serials = await read_serials(crm, record.id, company.id) if company else NOTHING_SHOWN
    return SaleShown(record, company, serials)


def _echo(crm_activity_id: int) -> OwnEcho:
    return OwnEcho(f"We wrote the activity {crm_activity_id} ourselves.", path=("crmActivityId",))


async def _source(shown: SaleShown) -> SaleSource:
    record = shown.record
    return SaleSource(
        crm_id=record.id,
        subject=unmark(record.subject),
        sub_type_id=record.sub_type_id,
        owner_crm_id=record.owner_id,
        occurred_at=record.starts_at or record.created_at,
        kit_named=await kit_named(record),
        serials=shown.serials,
    )
