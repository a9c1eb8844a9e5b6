"""Some time after an action, one look finds what the CRM holds twice."""

import pytest

from models import Action, ActionItem, Opportunity
from services.opportunities.generation import generate_opportunities
from services.vocabulary import ActionKind, ActionStatus, ItemKind, ItemOutcome
from tests.support.hub import BREMBATE, generate, hub_over, run_to_the_end, show_milestones, synchronise


@pytest.fixture
async def hub(hub_url, sandbox):
    async with hub_over(hub_url, sandbox, second_look_seconds=0.4, time_limit=0.5) as hub:
        yield hub


async def looks():
    return await ActionItem.filter(kind=ItemKind.SECOND_LOOK).order_by("id")


async def test_what_is_there_once_costs_one_look_for_each_ticket_and_each_opportunity(
    hub, sandbox, giulia, closed_parent
):
    await generate(hub, closed_parent.id, actor=giulia.id)
    (of_ticket,) = await looks()
    searches = [one for one in await sandbox.calls("Opportunity/Search") if "crossId" in one["query"]]
    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)
    opportunity = await Opportunity.filter(ticket_id=closed_parent.id).order_by("id").first()
    await show_milestones(hub, opportunity, actor=giulia.id)

    of_opportunity = (await looks())[1]

    assert len(searches) == 2
    assert len(await sandbox.calls("Activity/Search")) == 2
    assert {of_ticket.outcome, of_opportunity.outcome} == {ItemOutcome.UNCHANGED}
    actions = await Action.filter(kind=ActionKind.SECOND_LOOK).order_by("id")
    assert [(one.ticket_id, one.opportunity_id, one.status) for one in actions] == [
        (closed_parent.id, None, ActionStatus.COMPLETED),
        (opportunity.child_ticket_id, opportunity.id, ActionStatus.COMPLETED),
    ]


async def test_an_opportunity_that_is_there_twice_waits_for_a_person(hub, sandbox, giulia, closed_parent):
    pressed = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    for lane in await hub.engine.due_lanes():
        await hub.engine.run_lane(lane)
    first = await ActionItem.get(action_id=pressed.id, position=1)
    double = await sandbox.add("Opportunity", title="Doppia", code=first.reference, crossId=BREMBATE)

    await run_to_the_end(hub, pressed)

    (look,) = await looks()
    assert (look.outcome, look.crm_id) == (ItemOutcome.NEEDS_ATTENTION, double)
    assert f"{first.reference}: {first.crm_id}, {double}" in look.explanation
    assert (await Action.get(id=look.action_id)).status == ActionStatus.WAITING
    assert (await Action.get(id=pressed.id)).status == ActionStatus.COMPLETED
