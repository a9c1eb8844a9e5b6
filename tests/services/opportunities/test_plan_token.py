"""🟡 With the token of a preview, the button does what was shown or nothing."""

import pytest

from models import Action, ActionItem, Opportunity, Service, TicketLine
from services.actions import retry_action
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome
from tests.support.buttons import Button, codes, what_was_done, what_was_shown
from tests.support.hub import BREMBATE, add_operator, dump, make_responsible, run_to_the_end

CODES = ["TCK-T50-5155-01", "TCK-F40-5155-02", "TCK-KHW-5155-03", "TCK-CLB-5155-04"]


async def held_as(sandbox, code):
    return [one["id"] for one in await sandbox.records("Opportunity") if one["code"] == code]


async def retry(hub, item, operator):
    action = await retry_action(item.action_id, actor=operator.id, events=hub.events)
    await run_to_the_end(hub, action)
    return await ActionItem.get(id=item.id)


async def assert_stale(button, token, hub_url):
    before = dump(hub_url)

    answer = await button.press(token)

    assert (answer["action"], answer["problems"]) == (None, [{"code": "PLAN_STALE", "path": ["planToken"]}])
    assert dump(hub_url) == before


# What changed here since


async def test_a_token_is_stale_when_a_line_was_added(hub_url, button, closed_parent):
    shown = await button.preview()
    line = await TicketLine.filter(ticket_id=closed_parent.id).first()
    values = dict(line)
    values.pop("id")
    await TicketLine.create(**{**values, "position": 5})

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_the_price_of_a_line_changed(hub_url, button, closed_parent):
    shown = await button.preview()
    await TicketLine.filter(ticket_id=closed_parent.id, position=2).update(amount=1)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_somebody_else_answers_for_a_service(hub, hub_url, button):
    shown = await button.preview()
    await make_responsible(await add_operator(hub.events, "Sara", crm_user_id=2004), "F40")

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_a_line_got_its_opportunity(hub, hub_url, giulia, button, closed_parent):
    shown = await button.preview()
    chosen = [line.id for line in await TicketLine.filter(ticket_id=closed_parent.id, position__in=(1, 2, 3))]
    scope = {"ticketId": closed_parent.id, "ticketLineIds": chosen}
    await Button(hub, "generateOpportunities", giulia.id, scope).run(None)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_ticket_cancelled_since_is_refused_as_cancelled(hub, giulia, parent):
    button = Button(hub, "generateOpportunities", giulia.id, {"ticketId": parent.id, "override": "Subito"})
    shown = await button.preview()
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    assert codes(await button.press(shown["planToken"])) == ["TICKET_CANCELLED"]


async def test_a_service_that_lost_its_workflow_since_is_refused_for_that(button):
    shown = await button.preview()
    await Service.filter(code="KHW").update(workflow_code=None)

    assert codes(await button.press(shown["planToken"])) == ["SERVICE_WITHOUT_TEMPLATE"]


async def test_a_token_of_other_lines_is_stale(hub, hub_url, giulia, button, closed_parent):
    chosen = [line.id for line in await TicketLine.filter(ticket_id=closed_parent.id, position__in=(1, 2, 3))]
    scope = {"ticketId": closed_parent.id, "ticketLineIds": chosen}
    shown = await Button(hub, "generateOpportunities", giulia.id, scope).preview()

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_second_press_with_the_token_answers_the_action_that_runs(hub, hub_url, button):
    token = (await button.preview())["planToken"]

    first, second = await button.press(token), await button.press(token)
    assert first["action"] == second["action"]
    await run_to_the_end(hub, await Action.get())

    await assert_stale(button, token, hub_url)


# What changed in the CRM since


async def test_an_opportunity_that_appeared_since_the_preview_is_left_alone_for_a_person(sandbox, button):
    shown = await button.preview()
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    items = await button.run(shown["planToken"])

    assert [item.outcome for item in items] == [
        ItemOutcome.CREATED,
        ItemOutcome.NEEDS_ATTENTION,
        ItemOutcome.CREATED,
        ItemOutcome.CREATED,
    ]
    assert f"which showed none, the CRM holds {by_hand} as {CODES[1]}" in items[1].explanation
    assert await held_as(sandbox, CODES[1]) == [by_hand]
    assert not await Opportunity.filter(crm_id=by_hand).exists()


async def test_an_opportunity_that_appears_after_the_press_is_left_alone_as_well(hub, sandbox, button):
    shown = await button.preview()
    await button.press(shown["planToken"])
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    items = await run_to_the_end(hub, await Action.get())

    assert items[1].outcome == ItemOutcome.NEEDS_ATTENTION
    assert await held_as(sandbox, CODES[1]) == [by_hand]


async def test_a_retry_is_held_to_what_was_shown_as_well(hub, sandbox, giulia, button):
    shown = await button.preview()
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)
    [_, surprised, *_] = await button.run(shown["planToken"])

    still_there = await retry(hub, surprised, giulia)
    await sandbox.delete("Opportunity", by_hand)
    gone_again = await retry(hub, surprised, giulia)

    assert still_there.outcome == ItemOutcome.NEEDS_ATTENTION
    assert gone_again.outcome == ItemOutcome.CREATED


async def test_an_opportunity_that_was_to_be_adopted_and_is_gone_is_not_recreated(sandbox, button):
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)
    shown = await button.preview()
    await sandbox.delete("Opportunity", by_hand)

    items = await button.run(shown["planToken"])

    assert items[1].outcome == ItemOutcome.NEEDS_ATTENTION
    assert f"which showed {by_hand}, the CRM holds none" in items[1].explanation
    assert await held_as(sandbox, CODES[1]) == []


async def test_another_opportunity_than_the_one_shown_is_not_adopted(sandbox, button):
    first = await sandbox.add("Opportunity", title="Formazione", code=CODES[1], crossId=BREMBATE)
    shown = await button.preview()
    await sandbox.delete("Opportunity", first)
    await sandbox.add("Opportunity", title="Formazione", code=CODES[1], crossId=BREMBATE)

    items = await button.run(shown["planToken"])

    assert items[1].outcome == ItemOutcome.NEEDS_ATTENTION
    assert await Opportunity.all().count() == 3


async def test_without_a_token_the_same_opportunity_is_adopted(sandbox, button):
    """The control of the three above: it is the token that holds the run to what was shown."""
    await button.preview()
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    items = await button.run(None)

    assert (items[1].outcome, items[1].crm_id) == (ItemOutcome.ADOPTED, by_hand)


async def test_a_new_preview_shows_what_the_last_run_left_for_a_person(sandbox, button):
    shown = await button.preview()
    await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)
    await button.run(shown["planToken"])

    shown = await button.preview()
    items = await button.run(shown["planToken"])

    assert [one["outcome"] for one in shown["items"]] == ["UNCHANGED", "ADOPT", "UNCHANGED", "UNCHANGED"]
    assert what_was_shown(shown) == what_was_done(items)


@pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
async def test_what_we_sent_ourselves_is_no_surprise_after_a_lost_answer(sandbox, button):
    shown = await button.preview()
    await sandbox.plan("commit_then_drop", match={"controller": "Opportunity", "action": "create"}, times=2)

    items = await button.run(shown["planToken"])

    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    assert len(await ActionItem.all()) == len(CODES) == len(await Opportunity.all())
