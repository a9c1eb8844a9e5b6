"""🟡 What the button would do is shown before."""

import pytest

from models import Action
from services.actions import CallRate
from services.vocabulary import Role
from tests.support.buttons import Button, calls_but_logins, codes, what_was_done, what_was_shown
from tests.support.hub import BREMBATE, dump, hub_over

CODES = ["TCK-T50-5155-01", "TCK-F40-5155-02", "TCK-KHW-5155-03", "TCK-CLB-5155-04"]


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


async def test_a_crm_that_can_only_be_read_row_by_row_is_left_alone_and_the_cost_is_reported(sandbox, button):
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
