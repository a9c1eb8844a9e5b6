"""Activities that somebody changed or deleted in the CRM."""

import asyncio

from models import CrmActivity
from services.tickets.rescheduling import reschedule_milestone
from tests.support.hub import ACTIVITY_OF_THE_STORY

COMPLETED = 2
CREATE = {"controller": "Activity", "action": "create"}


async def shadow_of(milestone):
    return await CrmActivity.get(milestone_id=milestone.id)


async def reference_of(milestone):
    return (await shadow_of(milestone)).wanted["reference"]


async def held(sandbox, milestone):
    """The CRM's records under the milestone's reference."""
    marker = f"[IH:{await reference_of(milestone)}]"
    return [one for one in await sandbox.records("Activity") if one["subject"].startswith(marker)]


FATES = ["deleted", "deleted softly", "merged"]
LAG_BOUND = 0.2


async def lose(sandbox, crm_id, fate):
    if fate == "merged":
        await sandbox.merge("Activity", crm_id, into=ACTIVITY_OF_THE_STORY)
        return
    await sandbox.switch(deletes="soft" if fate == "deleted softly" else "hard")
    await sandbox.delete("Activity", crm_id)
    # What was made just now need not be in the search yet, so that a search without it says nothing.
    await asyncio.sleep(LAG_BOUND)


async def put(hub, milestone, days, *, actor):
    due_on = hub.calendar.add(milestone.due_on, days)
    await reschedule_milestone(milestone.id, due_on, actor=actor, events=hub.events, calendar=hub.calendar)
    return str(due_on)
