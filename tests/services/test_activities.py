"""🟣 One CRM activity for each milestone of a child ticket, which then follows its milestone."""

import asyncio

import pytest

from models import Action, ActionItem, CrmActivity, Event, Milestone, Operator, Opportunity, Task, Ticket
from services import milestones
from services.actions import retry_action
from services.activities import generate_activities
from services.errors import Refusal
from services.shadows import UPDATE, ActivityUpdate
from services.tickets import cancel_ticket
from services.vocabulary import ActionKind, ActionStatus, CrmActivityRole, ItemOutcome, MilestoneStatus
from tests.hub import (
    BREMBATE,
    INTAKE_SUB_TYPE,
    complete_all,
    dump,
    edit_record,
    run_to_the_end,
    show_milestones,
    synchronise,
)

OPEN, COMPLETED = 1, 2
CREATE = {"controller": "Activity", "action": "create"}
CHANGE = {"controller": "Activity", "action": "update"}

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


@pytest.fixture
async def child(opportunity):
    return await Ticket.get(id=opportunity.child_ticket_id)


@pytest.fixture
async def shown(hub, giulia, opportunity, child):
    """The milestones of the first child, each with its activity in the CRM."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Milestone.filter(ticket_id=child.id).order_by("position")


@pytest.fixture
def settle(hub):
    """Let the engine carry out whatever is open."""

    async def settle():
        await run_to_the_end(hub, await Action.all().order_by("-id").first())

    return settle


@pytest.fixture
def complete(hub, giulia):
    async def complete(milestone):
        for task in await Task.filter(milestone_id=milestone.id).order_by("position"):
            await milestones.complete_task(task.id, actor=giulia.id, events=hub.events)

    return complete


@pytest.fixture
def postpone(hub, giulia):
    async def postpone(milestone, days):
        due_on = hub.calendar.add((await Milestone.get(id=milestone.id)).due_on, days)
        await milestones.reschedule_milestone(
            milestone.id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
        )
        return due_on

    return postpone


async def in_crm(sandbox):
    """The activities that we made, by the position of their milestone."""
    ours = [one for one in await sandbox.records("Activity") if one["subject"].startswith("[IH:")]
    found = {int(one["subject"].partition("]")[0].rpartition(":")[2]): one for one in ours}
    assert len(found) == len(ours), "Some milestone has two activities."
    return found


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


def day_of(record):
    return record["activityDate"][:10]


# What is made


async def test_each_milestone_gets_one_activity_in_order_dated_by_its_due_date(
    hub, sandbox, giulia, opportunity, child
):
    items = await show_milestones(hub, opportunity, actor=giulia.id)

    rows = await Milestone.filter(ticket_id=child.id).order_by("position")
    assert [(item.outcome, item.reference) for item in items] == [
        (ItemOutcome.CREATED, f"{child.code}:{row.position}") for row in rows
    ]
    made = await in_crm(sandbox)
    for row in rows:
        record = made[row.position]
        assert record["subject"] == f"[IH:{child.code}:{row.position}] {row.title}"
        assert day_of(record) == str(row.due_on)
        assert (record["opportunityId"], record["companyId"]) == (opportunity.crm_id, BREMBATE)
        assert (record["ownerId"], record["state"]) == (2002, OPEN)
    assert sorted(made, key=lambda position: made[position]["id"]) == sorted(made)


async def test_no_shadow_is_of_the_sub_type_that_intake_watches_and_none_is_ever_taken_in(
    hub, sandbox, giulia, shown
):
    made = await in_crm(sandbox)
    assert INTAKE_SUB_TYPE not in {record["subTypeId"] for record in made.values()}

    for record in made.values():
        await edit_record(
            sandbox,
            "Activity",
            record["id"],
            subTypeId=INTAKE_SUB_TYPE,
            subject="Start Office Digital",
            description="senza marcatore",
        )
        refusal = await refusal_of(hub.intake.import_activity(record["id"], actor=giulia.id))
        assert refusal.code == "OWN_ECHO"


async def test_a_milestone_finished_before_is_shown_as_completed(hub, sandbox, giulia, opportunity, child):
    await complete_all(hub, child.id, actor=giulia.id)

    await show_milestones(hub, opportunity, actor=giulia.id)

    assert {record["state"] for record in (await in_crm(sandbox)).values()} == {COMPLETED}


async def test_a_cancelled_milestone_is_skipped(hub, sandbox, giulia, opportunity, child):
    second = await Milestone.get(ticket_id=child.id, position=2)
    await milestones.cancel_milestone(second.id, "Non serve", actor=giulia.id, events=hub.events)

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert (items[1].outcome, items[1].explanation) == (ItemOutcome.SKIPPED, "The milestone is cancelled.")
    assert 2 not in await in_crm(sandbox)


# Made again


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
    assert await ActionItem.filter(kind=UPDATE, outcome=ItemOutcome.UPDATED).count() == 1
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


# What is refused


async def test_an_opportunity_without_a_child_is_refused(hub, hub_url, giulia, opportunity):
    await Opportunity.filter(id=opportunity.id).update(child_ticket_id=None)
    before = dump(hub_url)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "OPPORTUNITY_WITHOUT_CHILD"
    assert dump(hub_url) == before


async def test_a_cancelled_child_is_refused(hub, giulia, opportunity, child):
    await cancel_ticket(child.id, "Non serve", children=None, actor=giulia.id, events=hub.events)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "TICKET_CANCELLED"


async def test_an_opportunity_that_the_crm_no_longer_has_is_refused(hub, sandbox, giulia, opportunity):
    await sandbox.delete("Opportunity", opportunity.crm_id)
    await synchronise(hub, actor=giulia.id)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "OPPORTUNITY_MISSING"


async def test_an_opportunity_that_does_not_exist_is_refused(hub):
    refusal = await refusal_of(generate_activities("opp_none", actor="opr_1", events=hub.events))

    assert refusal.code == "UNKNOWN_OPPORTUNITY"


# Following the milestone


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

    wanted = await Event.filter(kind="SHADOW_WANTED").order_by("-seq").first()
    cause = await Event.get(id=wanted.cause)
    assert (cause.kind, cause.entity_id) == ("MILESTONE_COMPLETED", shown[0].id)
    action = await Action.get(kind=ActionKind.FOLLOW_MILESTONES)
    opened = await Event.filter(stream_id=action.id, kind__in=["ACTION_OPENED", "ITEM_PLANNED"])
    assert {event.cause for event in opened} == {cause.id}


# What is not wanted any more


async def test_a_milestone_cancelled_before_its_activity_was_made_gets_none(
    hub, sandbox, giulia, opportunity, child
):
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    first = await Milestone.filter(ticket_id=child.id).order_by("position").first()
    await milestones.cancel_milestone(first.id, "Non serve", actor=giulia.id, events=hub.events)

    items = await run_to_the_end(hub, action)

    assert (items[0].outcome, items[0].explanation) == (ItemOutcome.SKIPPED, "The milestone was cancelled.")
    assert {item.outcome for item in items[1:]} == {ItemOutcome.CREATED}
    assert len(await in_crm(sandbox)) == len(items) - 1


async def test_a_ticket_cancelled_before_its_activities_were_made_gets_none(
    hub, sandbox, giulia, opportunity, child
):
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    await cancel_ticket(child.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    items = await run_to_the_end(hub, action)

    assert {item.outcome for item in items} == {ItemOutcome.SKIPPED}
    assert await in_crm(sandbox) == {}


# Two at once


async def test_an_update_that_was_crossed_by_another_is_sent_once_more(hub, sandbox, shown, complete, settle):
    await complete(shown[0])
    await settle()
    update = await ActionItem.get(kind=UPDATE)
    await edit_record(sandbox, "Activity", update.crm_id, state=OPEN)
    async with hub.events.change(shown[0].tree_id, actor="system:test") as change:
        await ActivityUpdate(hub.crm).say_again(change, update)

    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED
    shadow = await CrmActivity.get(milestone_id=shown[0].id)
    assert shadow.applied_revision == shadow.desired_revision


# Whatever fails


@impatient
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param(
            "commit_then_drop", {"match": CREATE, "times": 2}, id="committed, then the line dropped"
        ),
        pytest.param("drop_before", {"match": CREATE}, id="the line dropped before"),
        pytest.param("truncated_body", {"match": CREATE}, id="half an answer"),
        pytest.param("html_502", {"match": CREATE, "args": {"commit": True}}, id="committed, then a page"),
        pytest.param("html_200", {"match": CREATE}, id="a page with 200, nothing written"),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 429, "retry_after": 1}}, id="too many calls"
        ),
        pytest.param(
            "drop_before",
            {"match": {"controller": "Activity", "action": "search"}},
            id="a look-up that was cut",
        ),
    ],
)
async def test_whatever_fails_the_crm_ends_up_with_each_activity_once(
    hub, sandbox, giulia, opportunity, child, settle, fault, details
):
    await sandbox.plan(fault, **details)

    items = await show_milestones(hub, opportunity, actor=giulia.id)
    await settle()

    made = await in_crm(sandbox)
    assert len(made) == len(items) == await Milestone.filter(ticket_id=child.id).count()
    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    shadows = await CrmActivity.filter(role=CrmActivityRole.SHADOW)
    assert {shadow.crm_id for shadow in shadows} == {record["id"] for record in made.values()}
    assert all(shadow.applied_revision == shadow.desired_revision for shadow in shadows)


@impatient
async def test_a_search_that_lags_does_not_make_an_activity_twice(hub, sandbox, giulia, opportunity, child):
    await sandbox.switch(search_lag_seconds=0.15)
    await sandbox.plan("commit_then_drop", match=CREATE)

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert len(await in_crm(sandbox)) == len(items)


async def test_an_update_that_the_crm_drops_after_doing_it_is_simply_sent_again(
    sandbox, shown, complete, settle
):
    await sandbox.plan("commit_then_drop", match=CHANGE)

    await complete(shown[0])
    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED
    assert len(await in_crm(sandbox)) == len(shown)
