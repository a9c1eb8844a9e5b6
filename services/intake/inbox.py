"""The inbox: activities that wait for a person, and how each was settled."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from models import CrmActivity, Event, IntakeItem, Operator, Ticket
from services.crm.records import ActivityRecord, UnreadRecord
from services.errors import Refusal
from services.events import Change, EventLog, EventType, changing
from services.intake.sales import Inconclusive, judge
from services.planning.intake.sale_text_parts import Mark
from services.vocabulary import IntakeStatus, MarkKind

LONGEST_PAUSE = timedelta(hours=6)


class UnknownIntakeItem(Refusal):
    """There is no such item in the inbox."""

    code = "UNKNOWN_INTAKE_ITEM"


class IntakeItemSettled(Refusal):
    """The item is already resolved or dismissed."""

    code = "INTAKE_ITEM_SETTLED"


class StillWaiting(Refusal):
    """The decision is not enough to create a ticket, and it changes nothing."""

    code = "STILL_WAITING"


async def dismiss_item(
    item_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> IntakeItem:
    """Dismiss an item whose activity is not to become a ticket."""
    load = partial(get_waiting, item_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, item):
        await close_item(change, item.crm_activity_id, IntakeStatus.DISMISSED)
    return await IntakeItem.get(id=item_id)


async def get_waiting(item_id: str) -> IntakeItem:
    item = await IntakeItem.get_or_none(id=item_id)
    if item is None:
        raise UnknownIntakeItem(f"There is no intake item {item_id!r}.", path=("intakeItemId",))
    if item.status != IntakeStatus.WAITING:
        raise IntakeItemSettled(await _settlement(item), path=("intakeItemId",))
    return item


async def refuse_unchanged(seen: IntakeItem) -> None:
    """Raise StillWaiting if the item is the same as when it was `seen`."""
    item = await IntakeItem.get(id=seen.id)
    if item.version == seen.version:
        raise StillWaiting(f"Nothing changed. {item.explanation}", path=("intakeItemId",))


async def _settlement(item: IntakeItem) -> str:
    """Say what was decided about an item, by whom and when."""
    event = (
        await Event.filter(entity_id=item.id, kind=EventType(f"INTAKE_ITEM_{item.status}"))
        .order_by("-seq")
        .first()
    )
    operator = await Operator.get_or_none(id=event.actor) if event else None
    by = operator.name if operator else event.actor if event else "somebody"
    ticket = await Ticket.get_or_none(id=item.ticket_id)
    what = f"RESOLVED as the ticket {ticket.code}" if ticket else item.status
    return f"The item is already {what}, by {by} at {item.settled_at:%Y-%m-%d %H:%M} UTC."


async def find_dismissed(crm_activity_id: int) -> IntakeItem | None:
    return await IntakeItem.get_or_none(crm_activity_id=crm_activity_id, status=IntakeStatus.DISMISSED)


async def put_in_inbox(
    change: Change,
    record: ActivityRecord,
    problem: Inconclusive,
    *,
    tries_again: bool = False,
    ticket_id: str | None = None,
) -> str:
    """Put the activity into the inbox with its newest reason, and return the item's id. A dismissed one stays so.

    A person has to decide, unless the item `tries_again` by itself. An activity with a ticket waits with its ticket.
    """
    item = await IntakeItem.get_or_none(crm_activity_id=record.id)
    tried = item.attempt_count + 1 if item is not None and tries_again else int(tries_again)
    # The text itself may have broken the import, so it is not judged a second time.
    judgement = None if tries_again else await judge(record)
    columns: dict[str, Any] = {
        "status": IntakeStatus.WAITING,
        "activity_modified_at": record.modified_at,
        "reason": problem.reason,
        "explanation": problem.explanation,
        "crm_words": problem.crm_words,
        "subject": record.subject,
        "description": record.description,
        "crm_company_id": record.company_id,
        "candidates": list(problem.candidates),
        "ticket_id": ticket_id,
        "attempt_count": tried,
        "next_try_at": change.at + pause_after(tried) if tries_again else None,
        "shown_subject": judgement.title if judgement and judgement.title != record.subject else None,
        "shown_description": (
            judgement.description if judgement and judgement.description != record.description else None
        ),
        "evidence": [asdict(mark) for mark in judgement.marks] if judgement else [],
    }
    if item is None:
        fresh = IntakeItem(crm_activity_id=record.id, created_at=change.at, **columns)
        return (await change.create(fresh, kind=EventType.INTAKE_ITEM_CREATED)).id
    if item.status == IntakeStatus.WAITING or ticket_id is not None:
        await change.update(item, kind=EventType.INTAKE_ITEM_CHANGED, settled_at=None, **columns)
    return item.id


async def explain(
    change: Change, crm_activity_id: int, problem: Inconclusive, *, tries_again: bool = False
) -> None:
    """Update the reason of a waiting item. What it holds of the activity stays as it is."""
    item = await IntakeItem.get(crm_activity_id=crm_activity_id)
    if item.status == IntakeStatus.WAITING:
        await change.update(
            item,
            kind=EventType.INTAKE_ITEM_CHANGED,
            reason=problem.reason,
            explanation=problem.explanation,
            crm_words=problem.crm_words,
            attempt_count=item.attempt_count + 1,
            next_try_at=change.at + pause_after(item.attempt_count + 1) if tries_again else None,
        )


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after this many failed imports. The first retry comes with the next round.

    >>> [pause_after(tries).total_seconds() / 60 for tries in (1, 2, 3, 4, 20)]
    [0.0, 2.0, 4.0, 8.0, 360.0]
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 20)), LONGEST_PAUSE) if tries > 1 else timedelta(0)


async def list_due(now: datetime, *, most: int) -> list[int]:
    """List the activities whose retry is due, the longest due first."""
    due = IntakeItem.filter(status=IntakeStatus.WAITING, next_try_at__lte=now).order_by("next_try_at")
    return [item.crm_activity_id for item in await due.limit(most)]


def read_subject(shown_subject: str | None, subject: str) -> str | None:
    return (subject if shown_subject is None else shown_subject) or None


def read_description(shown_description: str | None, description: str) -> str | None:
    return (description if shown_description is None else shown_description) or None


def read_evidence(evidence: list[dict[str, Any]] | None) -> list[Mark]:
    """Return the marks of the column. An item from before the marks existed has none."""
    return [Mark(**{**mark, "kind": MarkKind(mark["kind"])}) for mark in evidence or ()]


async def close_item(
    change: Change, crm_activity_id: int, status: IntakeStatus, ticket_id: str | None = None
) -> None:
    item = await IntakeItem.get_or_none(crm_activity_id=crm_activity_id)
    if item is not None:
        await change.update(
            item,
            kind=EventType(f"INTAKE_ITEM_{status}"),
            status=status,
            ticket_id=ticket_id,
            settled_at=change.at,
            next_try_at=None,
        )


async def select_news(records: Sequence[ActivityRecord], *, since: datetime) -> list[ActivityRecord]:
    """Return the sales to examine: new ones made since then, and waiting ones that changed since we read them.

    Sales that have a ticket or were dismissed are left out.
    """
    ids = [record.id for record in records]
    known = {activity.crm_id for activity in await CrmActivity.filter(crm_id__in=ids)}
    items = {item.crm_activity_id: item for item in await IntakeItem.filter(crm_activity_id__in=ids)}
    return [
        record
        for record in records
        if record.id not in known and _is_news(record, items.get(record.id), since)
    ]


async def select_unseen(unread: Sequence[UnreadRecord]) -> list[UnreadRecord]:
    """Return the unreadable records that have an id and are not in the database yet."""
    ids = [one.id for one in unread if one.id is not None]
    known = {activity.crm_id for activity in await CrmActivity.filter(crm_id__in=ids)}
    known |= {item.crm_activity_id for item in await IntakeItem.filter(crm_activity_id__in=ids)}
    return [one for one in unread if one.id is not None and one.id not in known]


def _is_news(record: ActivityRecord, item: IntakeItem | None, since: datetime) -> bool:
    if item is None:
        return record.created_at is None or record.created_at >= since
    return item.status == IntakeStatus.WAITING and item.activity_modified_at != record.modified_at
