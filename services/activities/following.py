"""Keeps the CRM activities of milestones in step with the rows that they show: a follower of the event log."""

from collections.abc import Sequence

from models import CrmActivity, Event, Milestone, Ticket
from services.activities.mirror import Desired, ensure_updates, wanted_of
from services.events import Change
from services.planning.tickets.workflow import OPEN_TICKET

SHOWN = {
    "Milestone": {"title", "status", "due_on"},
    "Ticket": {"title", "owner_id"},
    "Operator": {"crm_user_id"},
}
"""The columns that an activity shows, by entity."""


async def follow_milestones(change: Change, events: Sequence[Event]) -> None:
    """Update the activities that show what has changed. The updates are stored here and sent by the engine.

    The activities of a finished ticket keep the CRM user who owned them.
    """
    tickets = _changed("Ticket", events)
    if operators := _changed("Operator", events):
        owned = await Ticket.filter(owner_id__in=list(operators), status__in=OPEN_TICKET)
        await change.lock({ticket.tree_id for ticket in owned})
        tickets = {ticket.id: operators[ticket.owner_id] for ticket in owned} | tickets
    below = Milestone.filter(ticket_id__in=list(tickets)).values_list("id", "ticket_id")
    causes = {milestone_id: tickets[ticket_id] for milestone_id, ticket_id in await below} if tickets else {}
    await _update_activities(change, causes | _changed("Milestone", events))


def _changed(entity: str, events: Sequence[Event]) -> dict[str, str]:
    """Return the rows of this entity in which a shown column changed, each with its event."""
    return {
        event.entity_id: event.id
        for event in events
        if event.entity == entity and event.stored_after and SHOWN[entity] & (event.before or {}).keys()
    }


async def _update_activities(change: Change, causes: dict[str, str]) -> None:
    if not causes:
        return
    shown = CrmActivity.filter(milestone_id__in=list(causes)).order_by("id")
    shadows = await shown.select_related("milestone__ticket__owner")
    await ensure_updates(
        change, [Desired(one, wanted_of(one.milestone), causes[one.milestone.id]) for one in shadows]
    )
