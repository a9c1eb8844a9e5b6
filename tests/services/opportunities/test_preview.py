"""🟡 What the button would do is shown before, and with its token it does that or nothing."""

import pytest

from models import Action, ActionItem, Opportunity, Service, TicketLine
from services.actions import CallRate, retry_action
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome, Role
from tests.support.buttons import Button, calls_but_logins, codes, what_was_done, what_was_shown
from tests.support.hub import BREMBATE, add_operator, dump, hub_over, make_responsible, run_to_the_end

CODES = ["TCK-T50-5155-01", "TCK-F40-5155-02", "TCK-KHW-5155-03", "TCK-CLB-5155-04"]


@pytest.fixture
def button(hub, giulia, closed_parent):
    return Button(hub, "generateOpportunities", giulia.id, {"ticketId": closed_parent.id})


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


# What is shown


async def test_each_line_is_shown_with_what_becomes_of_it(sandbox, button):
    by_hand = await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    shown = await button.preview()

    assert [(one["reference"], one["outcome"], one["crmId"]) for one in shown["items"]] == [
        (CODES[0], "CREATE", None),
        (CODES[1], "ADOPT", str(by_hand)),
        (CODES[2], "CREATE", None),
        (CODES[3], "CREATE", None),
    ]
    assert shown["items"][0]["label"].startswith("[T50] Transizione 5.0")
    assert (shown["crmRead"], shown["problems"]) == (True, [])


async def test_what_is_shown_is_what_is_done_with_so_many_calls(sandbox, button):
    await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)
    for number in range(2):
        await sandbox.add("Opportunity", title=f"Doppione {number}", code=CODES[2], crossId=BREMBATE)
    shown = await button.preview()
    before = len(await calls_but_logins(sandbox))

    items = await button.run(shown["planToken"])

    assert what_was_shown(shown) == what_was_done(items)
    assert [item["outcome"] for item in shown["items"]] == ["CREATE", "ADOPT", "BLOCKED", "CREATE"]
    assert len(await calls_but_logins(sandbox)) - before == shown["crmCalls"] == 5


async def test_what_is_there_already_is_shown_as_unchanged_and_takes_no_call(sandbox, button):
    await button.run(None)
    before = len(await calls_but_logins(sandbox))

    shown = await button.preview()

    assert {one["outcome"] for one in shown["items"]} == {"UNCHANGED"}
    assert {one["reason"] for one in shown["items"]} == {"UP_TO_DATE"}
    assert (shown["crmCalls"], shown["estimatedSeconds"], shown["crmRead"]) == (0, 0, False)
    assert len(await calls_but_logins(sandbox)) == before


async def test_the_duration_is_what_the_calls_take_under_the_limit(hub_url, sandbox, giulia, closed_parent):
    async with hub_over(hub_url, sandbox, crm_calls_per_minute=10) as slow_hub:
        button = Button(slow_hub, "generateOpportunities", giulia.id, {"ticketId": closed_parent.id})

        shown = await button.preview()

    interval = CallRate(10).interval
    assert shown["crmCalls"] == 9
    assert 9 * interval <= shown["estimatedSeconds"] <= 11 * interval


async def test_what_the_button_refuses_the_preview_refuses(hub, giulia, parent):
    button = Button(hub, "generateOpportunities", giulia.id, {"ticketId": parent.id})

    shown = await button.preview()

    assert codes(shown) == codes(await button.press(None)) == ["TICKET_NOT_CLOSED"]
    assert (shown["items"], shown["planToken"], shown["crmCalls"]) == (None, None, None)


async def test_where_no_line_is_chosen_nothing_is_shown(hub, giulia, parent):
    scope = {"ticketId": parent.id, "ticketLineIds": [], "override": "Per ora niente"}

    shown = await Button(hub, "generateOpportunities", giulia.id, scope).preview()

    assert (shown["items"], shown["crmCalls"], shown["estimatedSeconds"]) == ([], 0, 0)
    assert shown["problems"] == []


async def test_a_reason_lifts_the_rules_in_the_preview_as_well(hub, giulia, parent):
    scope = {"ticketId": parent.id, "override": "Il bando scade venerdì"}
    button = Button(hub, "generateOpportunities", giulia.id, scope)

    shown = await button.preview()
    items = await button.run(shown["planToken"])

    assert what_was_shown(shown) == what_was_done(items)
    assert (await Action.get()).reason == "Il bando scade venerdì"


async def test_a_line_that_an_action_works_on_is_shown_as_blocked_by_its_action_and_there_is_no_token(button):
    running = (await button.press(None))["action"]["id"]

    shown = await button.preview()

    assert {one["outcome"] for one in shown["items"]} == {"BLOCKED"}
    assert {one["explanation"] for one in shown["items"]} == {f"The action {running} is running on it."}
    assert shown["planToken"] is None


async def test_a_viewer_is_shown_nothing(button):
    with pytest.raises(AssertionError, match="requires the role OPERATOR"):
        await button.preview(role=Role.VIEWER)


# A CRM that does not help


async def test_a_crm_that_does_not_answer_is_a_problem(sandbox, hub_url, button):
    await sandbox.plan("html_502", match={"controller": "Opportunity"})
    before = dump(hub_url)

    shown = await button.preview()

    assert codes(shown) == ["CRM_UNAVAILABLE"]
    assert dump(hub_url) == before


async def test_a_crm_that_takes_too_long_is_a_problem_before_patience_ends(sandbox, hub, button, monkeypatch):
    await sandbox.plan("delay_then_commit", match={"controller": "Opportunity"}, args={"seconds": 1.5})
    monkeypatch.setattr(hub.previews, "_patience", 0.1)

    assert codes(await button.preview()) == ["CRM_UNAVAILABLE"]


async def test_a_crm_that_can_only_be_read_row_by_row_is_left_alone_and_what_that_takes_is_told(
    sandbox, button
):
    await sandbox.switch(searchable_fields={"Opportunity": []})
    for number in range(12):
        await sandbox.add("Opportunity", title=f"Altro {number}", crossId=BREMBATE)
    before = len(await calls_but_logins(sandbox))

    shown = await button.preview()

    assert (shown["crmRead"], codes(shown)) == (False, [])
    assert {one["outcome"] for one in shown["items"]} == {"CREATE"}
    # The refused search, and the ids that it takes to read everything.
    assert len(await calls_but_logins(sandbox)) - before == 2
    rows = len(await sandbox.records("Opportunity"))
    assert rows > 10
    assert shown["crmCalls"] == 2 + rows + 8


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
