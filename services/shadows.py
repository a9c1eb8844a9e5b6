"""The shadows of milestones: our mirror of their activities in the CRM, and how these follow their milestones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from models import ActionItem, CrmActivity, Milestone, Operator, Opportunity, Ticket
from services.actions import PlannedItem, Result, enqueue_item
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityChanges
from services.events import Change
from services.planning.activity_generator import (
    ChildTicketFacts,
    MilestoneFacts,
    ShadowContent,
    ShadowFacts,
    wanted_shadow,
)
from services.vocabulary import ActionKind, ItemOutcome, MilestoneStatus, TicketStatus

UPDATE = "UPDATE_ACTIVITY"


async def list_standing(opportunity: Opportunity) -> list[CrmActivity]:
    """The shadows of an opportunity's milestones, without those that the CRM is known to have no longer."""
    standing = CrmActivity.filter(milestone_id__isnull=False, missing_since__isnull=True)
    return await standing.filter(opportunity_id=opportunity.id).order_by("id")


async def being_updated(shadows: Iterable[CrmActivity]) -> set[str]:
    """The ids of the shadows that are being brought up to date already."""
    keys = {f"{UPDATE}:{shadow.id}": shadow.id for shadow in shadows}
    return {keys[item.open_key or ""] for item in await ActionItem.filter(open_key__in=list(keys))}


async def follow_milestones(change: Change, causes: Mapping[str, str | None]) -> None:
    """What changed in a milestone, its CRM activity follows: noted here, carried out by the engine.

    `causes` holds, for each milestone, the event that changed it.
    """
    for shadow in await CrmActivity.filter(milestone_id__in=list(causes)).order_by("id"):
        assert shadow.milestone_id is not None
        wanted = await wanted_now(shadow.milestone_id)
        await follow(change, shadow, wanted, cause=causes[shadow.milestone_id])


async def follow(
    change: Change, shadow: CrmActivity, content: ShadowContent, *, cause: str | None = None
) -> None:
    if await want(change, shadow, content, cause=cause):
        await _see_to_update(change, shadow, cause=cause)


async def relink_shadows(change: Change, opportunity: Opportunity) -> None:
    """Let the activities of an opportunity follow it to the CRM's record that now stands for it."""
    for shadow in await list_standing(opportunity):
        await change.update(
            shadow,
            kind="SHADOW_RELINKED",
            relink_to=opportunity.crm_id,
            desired_revision=shadow.desired_revision + 1,
        )
        await _see_to_update(change, shadow)


async def _see_to_update(change: Change, shadow: CrmActivity, *, cause: str | None = None) -> None:
    if shadow.missing_since is not None:
        # Nobody is there to be told; what is wanted by then goes into the one that is made anew.
        return
    content = _from_json(shadow.wanted)
    await enqueue_item(
        change,
        ActionKind.FOLLOW_MILESTONES,
        PlannedItem(UPDATE, shadow.id, content.reference, content.subject, crm_id=shadow.crm_id),
        scope={"shadowId": shadow.id},
        cause=cause,
        opportunity_id=shadow.opportunity_id,
    )


async def want(
    change: Change, shadow: CrmActivity, content: ShadowContent, *, cause: str | None = None
) -> bool:
    """Note what the CRM should show from now on; whether that is anything new."""
    wanted = as_json(content)
    if shadow.wanted == wanted:
        return shadow.applied_revision < shadow.desired_revision
    revision = shadow.desired_revision + 1
    await change.update(shadow, kind="SHADOW_WANTED", cause=cause, wanted=wanted, desired_revision=revision)
    return True


async def note_missing(change: Change, shadow: CrmActivity) -> None:
    """The CRM has said that it no longer has the record."""
    await change.update(shadow, kind="SHADOW_MISSING", missing_since=change.at)


async def note_well(change: Change, shadow: CrmActivity, content: ShadowContent, facts: ShadowFacts) -> None:
    """The CRM shows what we want, whatever we knew of that."""
    wanted = as_json(content)
    revision = shadow.desired_revision + (shadow.wanted != wanted)
    await change.update(
        shadow,
        kind="SHADOW_WELL",
        wanted=wanted,
        desired_revision=revision,
        applied_revision=revision,
        relink_to=None,
        **shown(facts),
    )


async def note_strayed(
    change: Change,
    shadow: CrmActivity,
    content: ShadowContent,
    facts: ShadowFacts,
    *,
    opportunity: Opportunity,
) -> None:
    """The CRM shows something else than we want: what we want is to be said again."""
    await change.update(
        shadow,
        kind="SHADOW_STRAYED",
        wanted=as_json(content),
        desired_revision=shadow.desired_revision + 1,
        relink_to=shadow.relink_to if facts.is_linked else opportunity.crm_id,
        **shown(facts),
    )


def as_json(content: ShadowContent) -> dict[str, Any]:
    return {**asdict(content), "due_on": content.due_on.isoformat()}


def _from_json(wanted: dict[str, Any]) -> ShadowContent:
    return ShadowContent(**{**wanted, "due_on": date.fromisoformat(wanted["due_on"])})


async def wanted_now(milestone_id: str) -> ShadowContent:
    milestone = await Milestone.get(id=milestone_id)
    ticket = await ticket_facts(await Ticket.get(id=milestone.ticket_id))
    return wanted_shadow(await milestone_facts(milestone), ticket)


async def ticket_facts(ticket: Ticket) -> ChildTicketFacts:
    owner = await Operator.get(id=ticket.owner_id)
    return ChildTicketFacts(ticket.code, TicketStatus(ticket.status), ticket.title, owner.crm_user_id)


async def milestone_facts(milestone: Milestone) -> MilestoneFacts:
    shadow = await CrmActivity.get_or_none(milestone_id=milestone.id)
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


# What we hold of an activity that we only know to be there: whatever it shows, it differs from what we want.
UNSEEN = {"subject": ""}


def shown(content: ShadowContent | ShadowFacts) -> dict[str, Any]:
    """The columns that mirror an activity which shows this."""
    return {
        "subject": content.subject,
        "owner_crm_id": content.owner_crm_id,
        "due_on": content.due_on,
        "completed": content.completed,
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What the CRM was told: content of a revision, and the opportunity that was named with it."""

    revision: int
    content: ShadowContent
    opportunity_id: int | None


class ActivityUpdate:
    """Brings a shadow up to date, until the CRM shows what we want. Fulfils `services.actions.kinds.RepeatKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def talk(self, item: ActionItem, *, claim: Claim) -> Said:
        """Send the newest content; answer what was said."""
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
        return Said(shadow.desired_revision, content, shadow.relink_to)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        shadow = await CrmActivity.get(id=item.key)
        return [shadow.story]

    async def apply(self, change: Change, item: ActionItem, heard: Said) -> Result:
        shadow = await CrmActivity.get(id=item.key)
        await change.update(
            shadow,
            kind="SHADOW_APPLIED",
            applied_revision=heard.revision,
            relink_to=None if shadow.relink_to == heard.opportunity_id else shadow.relink_to,
            **shown(heard.content),
        )
        return Result(ItemOutcome.UPDATED, more=shadow.desired_revision > heard.revision)

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Count the same wish anew, so that the CRM hears it after everything that crossed."""
        shadow = await CrmActivity.get(id=item.key)
        revision = shadow.desired_revision + 1
        await change.update(shadow, kind="SHADOW_CROSSED", desired_revision=revision)
        await _see_to_update(change, shadow)
