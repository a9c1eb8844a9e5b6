"""🟣 What the button would do is shown before, and with its token it does that or nothing."""

import pytest

from models import Action, CrmActivity, Milestone, Operator, Opportunity, Ticket
from services.tickets.cancellation import cancel_ticket
from services.tickets.rescheduling import reschedule_milestone
from services.tickets.workflow import cancel_milestone
from services.vocabulary import ItemOutcome
from tests.support.buttons import Button, calls_but_logins, codes, what_was_done, what_was_shown
from tests.support.hub import dump, run_to_the_end


@pytest.fixture
def button(hub, giulia, opportunity):
    return Button(hub, "generateActivities", giulia.id, {"opportunityId": opportunity.id})


@pytest.fixture
async def child(opportunity):
    return await Ticket.get(id=opportunity.child_ticket_id)


@pytest.fixture
async def stages(child):
    """The milestones of the child."""
    return await Milestone.filter(ticket_id=child.id).order_by("position")


@pytest.fixture
def note_by_hand(sandbox, opportunity, child):
    """An activity under our reference, as a restored database finds it."""

    async def note(position):
        subject = f"[IH:{child.code}:{position}] A mano"
        return await sandbox.add("Activity", subject=subject, opportunityId=opportunity.crm_id)

    return note


async def assert_stale(button, token, hub_url):
    before = dump(hub_url)

    assert codes(await button.press(token)) == ["PLAN_STALE"]
    assert dump(hub_url) == before


async def test_what_is_shown_is_what_is_done_with_so_many_calls(
    hub, sandbox, giulia, button, stages, note_by_hand
):
    by_hand = await note_by_hand(2)
    await cancel_milestone(stages[2].id, "Non serve", actor=giulia.id, events=hub.events)
    shown = await button.preview()
    before = len(await calls_but_logins(sandbox))

    items = await button.run(shown["planToken"])

    outcomes = [one["outcome"] for one in shown["items"]]
    assert outcomes == ["CREATE", "ADOPT", "SKIP", *["CREATE"] * (len(stages) - 3)]
    assert [one["reason"] for one in shown["items"]][:4] == [None, "ALREADY_THERE", "CALLED_OFF", None]
    assert shown["items"][1]["crmId"] == str(by_hand)
    assert what_was_shown(shown) == what_was_done(items)
    assert len(await calls_but_logins(sandbox)) - before == shown["crmCalls"]


async def test_what_differs_is_shown_with_the_fields_and_brought_up_to_date(sandbox, giulia, button, stages):
    await button.run(None)
    await Operator.filter(id=giulia.id).update(crm_user_id=2003)

    shown = await button.preview()
    before = len(await calls_but_logins(sandbox))
    items = await button.run(shown["planToken"])

    assert [one["outcome"] for one in shown["items"]] == ["UPDATE"] * (1 + len(stages))
    assert shown["items"][1]["explanation"] == "It differs in owner_crm_id."
    assert shown["items"][1]["reason"] == "DIFFERS"
    assert shown["items"][1]["changes"] == [{"name": "ownerCrmId", "before": "2002", "after": "2003"}]
    assert what_was_shown(shown) == what_was_done(items)
    assert len(await calls_but_logins(sandbox)) - before == shown["crmCalls"] == 1 + 2 * len(stages)


async def test_an_update_that_is_on_its_way_is_shown_so(hub, giulia, button, stages):
    await button.run(None)
    due_on = hub.calendar.add(stages[0].due_on, 2)
    await reschedule_milestone(
        stages[0].id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    shown = await button.preview()

    assert shown["items"][1]["outcome"] == "UNCHANGED"
    assert shown["items"][1]["explanation"] == "Already on its way."
    assert shown["items"][1]["reason"] == "UNDER_WAY"
    assert shown["items"][1]["changes"] == []


async def test_a_token_is_stale_when_a_milestone_was_re_dated(hub, hub_url, giulia, button, stages):
    shown = await button.preview()
    due_on = hub.calendar.add(stages[0].due_on, 2)
    await reschedule_milestone(
        stages[0].id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_a_milestone_was_cancelled(hub, hub_url, giulia, button, stages):
    shown = await button.preview()
    await cancel_milestone(stages[0].id, "Non serve", actor=giulia.id, events=hub.events)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_an_update_that_was_on_its_way_has_arrived(
    hub, hub_url, giulia, button, stages
):
    await button.run(None)
    due_on = hub.calendar.add(stages[0].due_on, 2)
    await reschedule_milestone(
        stages[0].id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
    )
    shown = await button.preview()
    await run_to_the_end(hub, await Action.first())

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_of_another_opportunity_is_stale(hub, hub_url, giulia, button, children):
    other = await Opportunity.get(child_ticket_id=children[1].id)
    shown = await Button(hub, "generateActivities", giulia.id, {"opportunityId": other.id}).preview()

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_ticket_cancelled_since_is_refused_as_cancelled(hub, giulia, button, child):
    shown = await button.preview()
    await cancel_ticket(child.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    assert codes(await button.press(shown["planToken"])) == ["TICKET_CANCELLED"]
    assert codes(await button.preview()) == ["TICKET_CANCELLED"]


async def test_an_activity_that_appeared_since_the_preview_is_left_alone_for_a_person(
    button, stages, note_by_hand
):
    shown = await button.preview()
    by_hand = await note_by_hand(2)

    items = await button.run(shown["planToken"])

    assert items[1].outcome == ItemOutcome.NEEDS_ATTENTION
    assert f"the CRM holds {by_hand}" in items[1].explanation
    assert not await CrmActivity.filter(milestone_id=stages[1].id).exists()
    assert {item.outcome for item in items if item is not items[1]} == {ItemOutcome.CREATED}


async def test_without_a_token_the_same_activity_is_adopted(button, note_by_hand):
    await button.preview()
    by_hand = await note_by_hand(2)

    items = await button.run(None)

    assert (items[1].outcome, items[1].crm_id) == (ItemOutcome.ADOPTED, by_hand)
