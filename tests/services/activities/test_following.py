"""The CRM activity of a milestone follows every row that it shows."""

import asyncio
import os
import sys
from dataclasses import replace

import pytest

from models import Action, ActionItem, CrmActivity, Event, Operator, Ticket
from services.operators import save_operator
from services.operators.roster import draft_of
from services.vocabulary import ItemKind, TicketStatus
from tests.support.hub import add_operator, run_to_the_end, show_milestones

LUCA_IN_THE_CRM = 2003


@pytest.fixture
async def shown(hub, giulia, opportunity):
    """A child ticket of Giulia's whose milestones have their activities."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Ticket.get(id=opportunity.child_ticket_id)


@pytest.fixture
def carried_out(hub):
    """Carry out what is open, and return the owners of the activities in the CRM."""

    async def carried_out(sandbox):
        await run_to_the_end(hub, await Action.all().order_by("-id").first())
        ours = [one for one in await sandbox.records("Activity") if one["subject"].startswith("[IH:")]
        return {one["ownerId"] for one in ours}

    return carried_out


async def become(hub, operator, crm_user_id):
    operator = await Operator.get(id=operator.id)
    draft = replace(draft_of(operator), crm_user_id=crm_user_id)
    await save_operator(operator.id, draft, actor="test", events=hub.events)


async def test_the_activities_of_a_ticket_go_to_its_new_owner(hub, sandbox, shown, carried_out):
    luca = await add_operator(hub.events, "Luca", crm_user_id=LUCA_IN_THE_CRM)

    async with hub.events.change(shown.tree_id, actor="test") as change:
        await change.update(shown, kind="TICKET_UPDATED", owner_id=luca.id)

    assert await carried_out(sandbox) == {LUCA_IN_THE_CRM}
    wanted = await Event.filter(kind="SHADOW_CONTENT_CHANGED").first()
    assert (await Event.get(id=wanted.cause)).kind == "TICKET_UPDATED"


async def test_the_activities_go_to_another_crm_user_when_their_owner_does(
    hub, sandbox, giulia, shown, carried_out
):
    await become(hub, giulia, LUCA_IN_THE_CRM)

    assert await carried_out(sandbox) == {LUCA_IN_THE_CRM}
    wanted = await Event.filter(kind="SHADOW_CONTENT_CHANGED").first()
    assert (await Event.get(id=wanted.cause)).kind == "OPERATOR_SAVED"


async def test_the_activities_follow_a_change_on_the_command_line(
    hub, hub_url, sandbox, giulia, shown, carried_out
):
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server"),
        *("operator", "change", giulia.email, "--crm-user-id", str(LUCA_IN_THE_CRM)),
        env=os.environ | {"HUB_DATABASE_URL": hub_url},
    )

    assert await command.wait() == 0

    assert await carried_out(sandbox) == {LUCA_IN_THE_CRM}


async def test_the_activities_of_a_finished_ticket_keep_the_crm_user_who_owned_them(hub, giulia, shown):
    async with hub.events.change(shown.tree_id, actor="test") as change:
        await change.update(shown, kind="TICKET_CLOSED", status=TicketStatus.CLOSED)

    await become(hub, giulia, LUCA_IN_THE_CRM)

    assert not await ActionItem.filter(kind=ItemKind.UPDATE_ACTIVITY).exists()


async def test_what_an_activity_does_not_show_changes_nothing_in_the_crm(hub, giulia, shown):
    operator = await Operator.get(id=giulia.id)
    draft = replace(draft_of(operator), name="Giulia M.")
    await save_operator(operator.id, draft, actor="test", events=hub.events)

    async with hub.events.change(shown.tree_id, actor="test") as change:
        await change.update(shown, kind="TICKET_UPDATED", priority="HIGH")

    assert not await Event.filter(kind="SHADOW_CONTENT_CHANGED").exists()
    assert not await ActionItem.filter(kind=ItemKind.UPDATE_ACTIVITY).exists()


async def test_a_new_title_is_noted_and_costs_no_call_because_people_add_to_the_description(
    hub, sandbox, shown
):
    calls = len(await sandbox.calls("Activity"))

    async with hub.events.change(shown.tree_id, actor="test") as change:
        await change.update(shown, kind="TICKET_UPDATED", title="Formazione 4.0 · Brembate Group")
    due = await hub.engine.due_lanes()

    for noted in await CrmActivity.filter(role="SHADOW"):
        assert "Brembate Group" in noted.wanted["description"]
        assert noted.desired_revision == noted.applied_revision
    assert (due, len(await sandbox.calls("Activity"))) == ([], calls)
