"""Shadows: our copies of the milestones' CRM activities, and the updates that keep the CRM in step."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from models import ActionItem, CrmActivity, Milestone, Opportunity, Ticket
from services.actions import Opening, PlannedItem, Result, enqueue_effects
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityChanges
from services.events import Change, EventType
from services.planning.activities.activity_generator import (
    ActivityContent,
    ChildTicketFacts,
    MilestoneFacts,
    ShadowFacts,
    wanted_shadow,
)
from services.vocabulary import ActionKind, ItemKind, ItemOutcome, MilestoneStatus, TicketStatus


async def list_standing(opportunity: Opportunity) -> list[CrmActivity]:
    """List the shadows of an opportunity's milestones, without those that the CRM no longer has."""
    standing = CrmActivity.filter(milestone_id__isnull=False, missing_since__isnull=True)
    return await standing.filter(opportunity_id=opportunity.id).order_by("id")


async def being_updated(shadows: Iterable[CrmActivity]) -> set[str]:
    """Return the ids of the shadows that already have an update in progress."""
    keys = {f"{ItemKind.UPDATE_ACTIVITY}:{shadow.id}": shadow.id for shadow in shadows}
    return {keys[item.open_key or ""] for item in await ActionItem.filter(open_key__in=list(keys))}


@dataclass(frozen=True, slots=True)
class Desired:
    """What a shadow should show from now on, and the event that caused it, if that is not the whole change's cause."""

    shadow: CrmActivity
    content: ActivityContent
    cause: str | None = None


async def ensure_updates(change: Change, desired: Iterable[Desired]) -> None:
    """Store the contents, and have those sent that the CRM does not show."""
    await _send_updates(
        change, [(one.shadow, one.cause) for one in desired if await _store_desired(change, one)]
    )


async def relink_shadows(change: Change, opportunity: Opportunity) -> None:
    """Link the activities of an opportunity to the CRM record that now represents it."""
    shadows = await list_standing(opportunity)
    for shadow in shadows:
        await change.update_later(
            shadow,
            kind=EventType.SHADOW_RELINKED,
            relink_to=opportunity.crm_id,
            desired_revision=shadow.desired_revision + 1,
        )
    await _send_updates(change, [(shadow, None) for shadow in shadows])


async def _send_updates(change: Change, caused: Iterable[tuple[CrmActivity, str | None]]) -> None:
    """Have the desired contents of shadows sent, each with the event that caused it.

    A missing record cannot be updated. The desired content goes into the one that replaces it.
    """
    await enqueue_effects(
        change, [_update_of(shadow, cause) for shadow, cause in caused if shadow.missing_since is None]
    )


def _update_of(shadow: CrmActivity, cause: str | None) -> Opening:
    content = _from_json(shadow.wanted)
    item = PlannedItem(
        ItemKind.UPDATE_ACTIVITY, shadow.id, content.reference, content.subject, crm_id=shadow.crm_id
    )
    links = {"opportunity_id": shadow.opportunity_id}
    return Opening(ActionKind.FOLLOW_MILESTONES, {"shadowId": shadow.id}, [item], links, cause=cause)


async def _store_desired(change: Change, desired: Desired) -> bool:
    """Store the content that the CRM should show. Return whether an update has to be sent.

    A changed description is stored but not sent: it is only sent on creation, because people may have added to it.
    """
    shadow, wanted = desired.shadow, as_json(desired.content)
    differs = _sent(shadow.wanted) != _sent(wanted)
    await change.update_later(
        shadow,
        kind=EventType.SHADOW_CONTENT_CHANGED,
        cause=desired.cause,
        wanted=wanted,
        desired_revision=shadow.desired_revision + differs,
    )
    return shadow.applied_revision < shadow.desired_revision


async def note_missing(change: Change, shadow: CrmActivity) -> None:
    """Record that the CRM no longer has the activity."""
    await change.update(shadow, kind=EventType.SHADOW_MISSING, missing_since=change.at, unseen_since=None)


async def mark_in_sync(
    change: Change, shadow: CrmActivity, content: ActivityContent, facts: ShadowFacts
) -> None:
    """Record that the CRM shows the desired content, whatever we knew before."""
    wanted = as_json(content)
    revision = shadow.desired_revision + (shadow.wanted != wanted)
    await change.update(
        shadow,
        kind=EventType.SHADOW_IN_SYNC,
        wanted=wanted,
        desired_revision=revision,
        applied_revision=revision,
        relink_to=None,
        **shown(facts),
    )


async def note_strayed(
    change: Change,
    shadow: CrmActivity,
    content: ActivityContent,
    facts: ShadowFacts,
    *,
    opportunity: Opportunity,
) -> None:
    """Record that the CRM shows something else, so that the desired content is sent again."""
    await change.update(
        shadow,
        kind=EventType.SHADOW_DIFFERS,
        wanted=as_json(content),
        desired_revision=shadow.desired_revision + 1,
        relink_to=shadow.relink_to if facts.is_linked else opportunity.crm_id,
        **shown(facts),
    )


def as_json(content: ActivityContent) -> dict[str, Any]:
    return {**asdict(content), "due_on": content.due_on.isoformat()}


def _sent(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the content that an update sends."""
    return {name: value for name, value in wanted.items() if name != "description"}


def _from_json(wanted: dict[str, Any]) -> ActivityContent:
    return ActivityContent(**{**wanted, "due_on": date.fromisoformat(wanted["due_on"])})


async def wanted_now(milestone_id: str) -> ActivityContent:
    """Return what the activity of a milestone should show."""
    return wanted_of(await Milestone.get(id=milestone_id).select_related("ticket__owner"))


def wanted_of(milestone: Milestone) -> ActivityContent:
    """Return what the activity of a milestone that was read with its ticket and owner should show."""
    return wanted_shadow(milestone_facts(milestone, None), ticket_facts(milestone.ticket))


def ticket_facts(ticket: Ticket) -> ChildTicketFacts:
    """Return the facts of a ticket that was read with its owner."""
    return ChildTicketFacts(ticket.code, TicketStatus(ticket.status), ticket.title, ticket.owner.crm_user_id)


def milestone_facts(milestone: Milestone, shadow: CrmActivity | None) -> MilestoneFacts:
    return MilestoneFacts(
        id=milestone.id,
        position=milestone.position,
        title=milestone.title,
        status=MilestoneStatus(milestone.status),
        due_on=milestone.due_on,
        shadow=shadow_facts(shadow) if shadow else None,
    )


def shadow_facts(shadow: CrmActivity) -> ShadowFacts:
    return ShadowFacts(
        shadow.crm_id,
        shadow.subject,
        shadow.due_on,
        shadow.owner_crm_id,
        shadow.completed,
        is_linked=shadow.relink_to is None,
        is_missing=shadow.missing_since is not None,
    )


# Placeholder for an activity whose content we have not read; it never equals the desired content.
UNKNOWN_STATE = {"subject": ""}


def shown(content: ActivityContent | ShadowFacts) -> dict[str, Any]:
    """Return the shadow's columns for an activity that shows this content."""
    return {
        "subject": content.subject,
        "owner_crm_id": content.owner_crm_id,
        "due_on": content.due_on,
        "completed": content.completed,
    }


@dataclass(frozen=True, slots=True)
class SentUpdate:
    """What an update sent: the content of a revision, and the opportunity that it linked."""

    revision: int
    content: ActivityContent
    opportunity_id: int | None


class ActivityUpdate:
    """Updates a CRM activity until it shows the desired content. Implements `services.actions.handlers.RepeatKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def call(self, item: ActionItem, *, claim: Claim) -> SentUpdate:
        """Send the newest desired content and return what was sent."""
        shadow = await CrmActivity.get(id=item.key)
        content = _from_json(shadow.wanted)
        await self._crm.update_activity(
            shadow.crm_id,
            ActivityChanges(
                reference=content.reference,
                milestone_name=content.subject,
                due_on=content.due_on,
                owner_id=content.owner_crm_id,
                completed=content.completed,
                opportunity_id=shadow.relink_to,
            ),
            claim=claim,
        )
        return SentUpdate(shadow.desired_revision, content, shadow.relink_to)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        shadow = await CrmActivity.get(id=item.key)
        return [shadow.event_stream_id]

    async def apply(self, change: Change, item: ActionItem, sent: SentUpdate) -> Result:
        shadow = await CrmActivity.get(id=item.key)
        await change.update(
            shadow,
            kind=EventType.SHADOW_UPDATED,
            applied_revision=sent.revision,
            relink_to=None if shadow.relink_to == sent.opportunity_id else shadow.relink_to,
            **shown(sent.content),
        )
        return Result(ItemOutcome.UPDATED, more=shadow.desired_revision > sent.revision)

    async def resend_after_race(self, change: Change, item: ActionItem) -> None:
        """Raise the revision of the same content, so that it is sent after every request that crossed."""
        shadow = await CrmActivity.get(id=item.key)
        revision = shadow.desired_revision + 1
        await change.update(shadow, kind=EventType.SHADOW_RESEND_PLANNED, desired_revision=revision)
        await _send_updates(change, [(shadow, None)])
