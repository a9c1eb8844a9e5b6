"""The CRM activity follows the changes of its milestone."""

import asyncio

from models import Action, ActionItem, CrmActivity, Event, Milestone, Task
from services.actions import retry_action
from services.activities.generation import generate_activities
from services.activities.mirror import ActivityUpdate
from services.tickets import workflow as milestones
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ActionKind, ActionStatus, ItemKind, MilestoneStatus
from tests.support.crm_activities import CHANGE, COMPLETED, CREATE, OPEN, day_of, impatient, in_crm
from tests.support.hub import edit_record, run_to_the_end


async def test_a_completed_milestone_completes_its_activity_and_no_other(sandbox, shown, complete, settle):
    await complete(shown[0])
    await settle()

    states = {position: record["state"] for position, record in (await in_crm(sandbox)).items()}
    assert states == {row.position: COMPLETED if row.position == 1 else OPEN for row in shown}


async def test_a_reopened_milestone_reopens_its_activity(hub, sandbox, giulia, shown, complete, settle):
    await complete(shown[0])
    await settle()
    task = await Task.filter(milestone_id=shown[0].id).first()

    await milestones.reopen_task(task.id, None, actor=giulia.id, events=hub.events)
    await settle()

    assert (await in_crm(sandbox))[1]["state"] == OPEN


async def test_a_re_dated_milestone_moves_its_activity_and_those_that_move_along(
    sandbox, shown, postpone, settle
):
    await postpone(shown[0], 5)
    await settle()

    made = await in_crm(sandbox)
    for row in await Milestone.filter(ticket_id=shown[0].ticket_id):
        assert day_of(made[row.position]) == str(row.due_on)
    assert day_of(made[1]) != str(shown[0].due_on)


async def test_a_cancelled_milestone_says_so_in_its_activity_which_is_over(
    hub, sandbox, giulia, shown, settle
):
    await milestones.cancel_milestone(shown[1].id, "Non serve", actor=giulia.id, events=hub.events)
    await settle()

    record = (await in_crm(sandbox))[2]
    assert record["subject"].endswith(f"{shown[1].title} (annullata)")
    assert record["state"] == COMPLETED


async def test_a_cancelled_ticket_ends_the_activities_of_its_milestones(hub, sandbox, giulia, shown, settle):
    await cancel_ticket(shown[0].ticket_id, "Recesso", children=None, actor=giulia.id, events=hub.events)
    await settle()

    assert {record["state"] for record in (await in_crm(sandbox)).values()} == {COMPLETED}


async def test_what_other_people_wrote_into_the_activity_stays(sandbox, shown, complete, settle):
    record = (await in_crm(sandbox))[1]
    words = record["description"] + "\nSentito il cliente: va bene."
    await edit_record(sandbox, "Activity", record["id"], description=words, priority=3)

    await complete(shown[0])
    await settle()

    record = (await in_crm(sandbox))[1]
    assert (record["description"], record["priority"], record["state"]) == (words, 3, COMPLETED)


async def test_several_quick_changes_become_one_call(hub, sandbox, giulia, shown, postpone, settle):
    last = shown[-1]
    before = len(await sandbox.calls("Activity/CreateOrUpdate"))

    for _ in range(6):
        due_on = await postpone(last, 1)
    await settle()

    assert len(await sandbox.calls("Activity/CreateOrUpdate")) == before + 1
    assert day_of((await in_crm(sandbox))[last.position]) == str(due_on)
    assert await Action.filter(kind=ActionKind.FOLLOW_MILESTONES).count() == 1


async def test_a_change_made_while_the_one_before_is_on_its_way_arrives_too(
    hub, sandbox, giulia, shown, postpone, settle
):
    last = shown[-1]
    await sandbox.plan("commit_then_delay", match=CHANGE, args={"seconds": 0.3})
    await postpone(last, 1)
    [lane] = await hub.engine.due_lanes()
    running = asyncio.create_task(hub.engine.run_lane(lane))
    await asyncio.sleep(0.1)

    due_on = await postpone(last, 1)
    await running
    await settle()

    assert day_of((await in_crm(sandbox))[last.position]) == str(due_on)
    shadow = await CrmActivity.get(milestone_id=last.id)
    assert (shadow.due_on, shadow.applied_revision) == (due_on, shadow.desired_revision)


async def test_a_milestone_that_changes_while_its_activity_is_being_made_is_caught_up_with(
    hub, sandbox, giulia, opportunity, child, postpone, settle
):
    first = await Milestone.get(ticket_id=child.id, position=1)
    await sandbox.plan("commit_then_delay", match=CREATE, args={"seconds": 0.3})
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    [lane] = await hub.engine.due_lanes()
    running = asyncio.create_task(hub.engine.run_lane(lane))
    await asyncio.sleep(0.1)

    due_on = await postpone(first, 2)
    await running
    await run_to_the_end(hub, action)

    assert day_of((await in_crm(sandbox))[1]) == str(due_on)


@impatient
async def test_a_change_made_while_the_crm_is_down_arrives_later(
    hub, sandbox, giulia, shown, complete, settle
):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=4)

    await complete(shown[0])
    assert (await Milestone.get(id=shown[0].id)).status == MilestoneStatus.COMPLETED
    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED


async def test_a_change_that_the_crm_refuses_waits_for_a_person_and_arrives_by_a_retry(
    hub, sandbox, giulia, shown, complete, settle
):
    await sandbox.plan("status", match=CHANGE, args={"status": 400, "message": "Attività bloccata"})
    await complete(shown[0])
    await settle()
    [action] = await Action.filter(kind=ActionKind.FOLLOW_MILESTONES, status=ActionStatus.WAITING)

    await retry_action(action.id, actor=giulia.id, events=hub.events)
    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_a_shadow_that_follows_names_the_change_of_its_milestone_as_the_cause(shown, complete, giulia):
    await complete(shown[0])

    wanted = await Event.filter(kind="SHADOW_CONTENT_CHANGED").order_by("-seq").first()
    cause = await Event.get(id=wanted.cause)
    assert (cause.kind, cause.entity_id) == ("MILESTONE_COMPLETED", shown[0].id)
    action = await Action.get(kind=ActionKind.FOLLOW_MILESTONES)
    opened = await Event.filter(stream_id=action.id, kind__in=["ACTION_OPENED", "ITEM_PLANNED"])
    assert {event.cause for event in opened} == {cause.id}


async def test_an_update_that_was_crossed_by_another_is_sent_once_more(hub, sandbox, shown, complete, settle):
    await complete(shown[0])
    await settle()
    update = await ActionItem.get(kind=ItemKind.UPDATE_ACTIVITY)
    await edit_record(sandbox, "Activity", update.crm_id, state=OPEN)
    async with hub.events.change(shown[0].tree_id, actor="system:test") as change:
        await ActivityUpdate(hub.crm).resend_after_race(change, update)

    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED
    shadow = await CrmActivity.get(milestone_id=shown[0].id)
    assert shadow.applied_revision == shadow.desired_revision
