"""The inbox of activities that wait for a person, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import CrmActivity, IntakeItem
from services.crm.records import ActivityRecord
from services.errors import Refusal
from services.events import Change, EventLog
from services.sales import Inconclusive
from services.vocabulary import IntakeStatus


class UnknownIntakeItem(Refusal):
    """There is no such item in the inbox."""

    code = "UNKNOWN_INTAKE_ITEM"


class IntakeItemSettled(Refusal):
    """Somebody has already resolved or dismissed this item."""

    code = "INTAKE_ITEM_SETTLED"


async def dismiss_item(item_id: str, *, actor: str, events: EventLog) -> IntakeItem:
    """Put an activity aside that is not to become a ticket."""
    async with events.change("intake", actor=actor) as change:
        item = await get_waiting(item_id)
        await settle(change, item.crm_activity_id, IntakeStatus.DISMISSED)
    return await IntakeItem.get(id=item_id)


async def get_waiting(item_id: str) -> IntakeItem:
    item = await IntakeItem.get_or_none(id=item_id)
    if item is None:
        raise UnknownIntakeItem(f"There is no intake item {item_id!r}.", path=("intakeItemId",))
    if item.status != IntakeStatus.WAITING:
        raise IntakeItemSettled(f"The item is already {item.status}.", path=("intakeItemId",))
    return item


async def find_dismissed(crm_activity_id: int) -> IntakeItem | None:
    return await IntakeItem.get_or_none(crm_activity_id=crm_activity_id, status=IntakeStatus.DISMISSED)


async def put_in_inbox(change: Change, record: ActivityRecord, problem: Inconclusive) -> str:
    """Let the activity wait with its newest reason; one that was dismissed stays so. Return the item's id."""
    columns: dict[str, Any] = {
        "status": IntakeStatus.WAITING,
        "activity_modified_at": record.modified_at,
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


async def settle(
    change: Change, crm_activity_id: int, status: IntakeStatus, ticket_id: str | None = None
) -> None:
    item = await IntakeItem.get_or_none(crm_activity_id=crm_activity_id)
    if item is not None:
        await change.update(
            item, kind=f"INTAKE_ITEM_{status}", status=status, ticket_id=ticket_id, settled_at=change.at
        )


async def select_news(records: Sequence[ActivityRecord], *, since: datetime) -> list[ActivityRecord]:
    """Of these sales, those to be looked at: made since then and not yet seen, or waiting and changed after our look.

    What has become a ticket, or was dismissed, is not among them.
    """
    ids = [record.id for record in records]
    known = {activity.crm_id for activity in await CrmActivity.filter(crm_id__in=ids)}
    items = {item.crm_activity_id: item for item in await IntakeItem.filter(crm_activity_id__in=ids)}
    return [
        record
        for record in records
        if record.id not in known and _is_news(record, items.get(record.id), since)
    ]


def _is_news(record: ActivityRecord, item: IntakeItem | None, since: datetime) -> bool:
    if item is None:
        return record.created_at is None or record.created_at >= since
    # A search that lags may still show what we have already seen changed.
    seen, shown = item.activity_modified_at, record.modified_at
    return item.status == IntakeStatus.WAITING and (seen is None or shown is None or shown > seen)
