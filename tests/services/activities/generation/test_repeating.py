"""🟣 Pressed again, it updates what changed and creates what is missing."""

import asyncio

from models import ActionItem, CrmActivity, Milestone, Operator
from services.actions import retry_action
from services.activities.generation import generate_activities
from services.vocabulary import ItemKind, ItemOutcome
from tests.support.crm_activities import CHANGE, CREATE, day_of, in_crm
from tests.support.hub import dump, run_to_the_end, show_milestones


async def test_a_repeat_finds_everything_done_with_one_call_that_reads(
    hub, sandbox, giulia, opportunity, shown
):
    calls = len(await sandbox.calls("/"))

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert [call["action"] for call in (await sandbox.calls("/"))[calls:]] == ["search"]


async def test_a_repeat_updates_what_changed_and_makes_only_what_is_missing(
    hub, sandbox, giulia, opportunity, child
):
    second = await Milestone.get(ticket_id=child.id, position=2)
    await sandbox.plan("status", match={**CREATE, "nth": 2}, args={"status": 400})
    items = await show_milestones(hub, opportunity, actor=giulia.id)
    assert items[1].outcome == ItemOutcome.FAILED
    await Operator.filter(id=giulia.id).update(crm_user_id=2003)

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert [item.outcome for item in items] == [
        ItemOutcome.CREATED if item.key == second.id else ItemOutcome.UPDATED for item in items
    ]
    made = await in_crm(sandbox)
    assert {record["ownerId"] for record in made.values()} == {2003}
    assert len(made) == await Milestone.filter(ticket_id=child.id).count()


async def test_the_same_press_while_one_runs_answers_the_same_action(hub, hub_url, giulia, opportunity):
    first = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    before = dump(hub_url)

    presses = [generate_activities(opportunity.id, actor=giulia.id, events=hub.events) for _ in range(5)]
    actions = await asyncio.gather(*presses)

    assert {action.id for action in actions} == {first.id}
    assert dump(hub_url) == before


async def test_what_is_already_on_its_way_is_not_sent_by_the_button_too(
    hub, sandbox, giulia, opportunity, shown, postpone
):
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    await postpone(shown[-1], 3)
    [lane] = await ActionItem.filter(action_id=action.id).values_list("lane", flat=True)

    await hub.engine.run_lane(lane)
    items = await run_to_the_end(hub, action)

    assert (items[-1].outcome, items[-1].explanation) == (ItemOutcome.UNCHANGED, "Already on its way.")
    assert await ActionItem.filter(kind=ItemKind.UPDATE_ACTIVITY, outcome=ItemOutcome.UPDATED).count() == 1
    assert day_of((await in_crm(sandbox))[shown[-1].position]) == str(
        (await Milestone.get(id=shown[-1].id)).due_on
    )


async def test_an_activity_found_in_the_crm_is_adopted_and_brought_up_to_date(
    hub, sandbox, giulia, opportunity, child, settle
):
    first = await Milestone.get(ticket_id=child.id, position=1)
    found = await sandbox.add(
        "Activity",
        subject=f"[IH:{child.code}:1] Titolo di ieri",
        opportunityId=opportunity.crm_id,
        ownerId=2005,
    )

    items = await show_milestones(hub, opportunity, actor=giulia.id)
    await settle()

    assert (items[0].outcome, items[0].crm_id) == (ItemOutcome.ADOPTED, found)
    record = (await in_crm(sandbox))[1]
    assert record["subject"] == f"[IH:{child.code}:1] {first.title}"
    assert (record["ownerId"], day_of(record)) == (2002, str(first.due_on))


async def test_an_adopted_activity_that_could_not_be_brought_up_to_date_is_by_the_next_press(
    hub, sandbox, giulia, opportunity, child, settle
):
    await sandbox.add(
        "Activity", subject=f"[IH:{child.code}:1] Titolo di ieri", opportunityId=opportunity.crm_id
    )
    await sandbox.plan("status", match=CHANGE, args={"status": 400})
    await show_milestones(hub, opportunity, actor=giulia.id)
    await settle()
    assert (await in_crm(sandbox))[1]["subject"].endswith("Titolo di ieri")

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert items[0].outcome == ItemOutcome.UPDATED
    assert not (await in_crm(sandbox))[1]["subject"].endswith("Titolo di ieri")


async def test_a_retry_makes_no_second_activity_for_a_milestone_that_was_given_one_meanwhile(
    hub, sandbox, giulia, opportunity, child
):
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    failed = await show_milestones(hub, opportunity, actor=giulia.id)
    await show_milestones(hub, opportunity, actor=giulia.id)
    shadow = await CrmActivity.get(milestone_id=failed[0].key)
    await sandbox.delete("Activity", shadow.crm_id)

    action = await retry_action(failed[0].action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, action)

    assert 1 not in await in_crm(sandbox)
    assert await CrmActivity.filter(milestone_id=failed[0].key).count() == 1
