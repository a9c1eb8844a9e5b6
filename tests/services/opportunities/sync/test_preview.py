"""🟠 What the button would do is shown before, and with its token it does that or nothing."""

from datetime import timedelta

import pytest

from models import Opportunity, Ticket, TicketLine
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome
from tests.support.buttons import Button, calls_but_logins, codes, what_was_done, what_was_shown
from tests.support.hub import BREMBATE, VALDARNO, dump, edit_record, generate, sell, take_in

WON, LOST = 3, 4


@pytest.fixture
def button_for(hub, giulia):
    def button_for(**scope):
        return Button(hub, "syncOpportunities", giulia.id, scope)

    return button_for


@pytest.fixture
def button(button_for, closed_parent):
    return button_for(companyId=closed_parent.company_id)


@pytest.fixture
async def generated(hub, giulia, closed_parent):
    """The opportunities of the first three lines; the fourth line is free."""
    lines = await TicketLine.filter(ticket_id=closed_parent.id, position__lt=4)
    await generate(hub, closed_parent.id, actor=giulia.id, line_ids=[line.id for line in lines])
    made = Opportunity.filter(ticket_id=closed_parent.id)
    # Of what was just made, a read would ask again.
    await made.update(created_at=hub.clock() - timedelta(hours=1))
    return await made.order_by("code")


async def assert_stale(button, token, hub_url):
    before = dump(hub_url)

    assert codes(await button.press(token)) == ["PLAN_STALE"]
    assert dump(hub_url) == before


def about(crm_id, items):
    [item] = [item for item in items if item.crm_id == crm_id]
    return item


# What is shown


async def test_what_is_shown_is_what_is_done_with_so_many_calls(sandbox, button, generated, by_hand):
    won, lost, gone = generated
    await edit_record(sandbox, "Opportunity", won.crm_id, amount=9999, status=WON)
    await edit_record(sandbox, "Opportunity", lost.crm_id, status=LOST)
    await sandbox.delete("Opportunity", gone.crm_id)
    await by_hand("Collaborazione")
    await by_hand("Chissà che cosa")
    shown = await button.preview()
    before = len(await calls_but_logins(sandbox))

    items = await button.run(shown["planToken"])

    assert shown["crmRead"]
    assert what_was_shown(shown) == what_was_done(items)
    assert len(await calls_but_logins(sandbox)) - before == shown["crmCalls"] <= 10
    outcomes = {one["crmId"]: one["outcome"] for one in shown["items"]}
    assert outcomes[str(won.crm_id)] == "CREATE"
    assert {"UPDATE", "CREATE", "SKIP"} <= set(outcomes.values())


async def test_what_an_update_changes_is_shown_from_what_to_what_and_why(sandbox, button, generated):
    changed, lost, gone = generated
    await edit_record(sandbox, "Opportunity", changed.crm_id, amount=9999, title="Un altro titolo")
    await button.run(None)
    await edit_record(sandbox, "Opportunity", changed.crm_id, amount=8888.5)
    await edit_record(sandbox, "Opportunity", lost.crm_id, status=LOST)
    await sandbox.delete("Opportunity", gone.crm_id)

    shown = {one["crmId"]: one for one in (await button.preview())["items"]}

    assert shown[str(changed.crm_id)]["reason"] == "DIFFERS"
    assert shown[str(changed.crm_id)]["changes"] == [
        {"name": "amount", "before": "9999.00", "after": "8888.50"}
    ]
    assert shown[str(lost.crm_id)]["reason"] == "LOST"
    assert shown[str(lost.crm_id)]["changes"] == [
        {"name": "status", "before": "OPEN", "after": "LOST"},
        {"name": "flag", "before": None, "after": "LOST"},
    ]
    assert shown[str(gone.crm_id)]["reason"] == "DELETED"
    assert {"name": "missing", "before": "false", "after": "true"} in shown[str(gone.crm_id)]["changes"]


async def test_a_preview_of_one_ticket_shows_what_lies_within_it(hub, sandbox, giulia, button_for, generated):
    other = await take_in(hub, await sell(sandbox, "Start Office Training"), actor=giulia.id)
    button = button_for(ticketId=other.id)

    shown = await button.preview()
    items = await button.run(shown["planToken"])

    assert what_was_shown(shown) == what_was_done(items)
    assert not {one["crmId"] for one in shown["items"]} & {str(one.crm_id) for one in generated}


async def test_a_preview_of_all_companies_rests_on_our_mirror_alone(sandbox, hub_url, button_for, generated):
    before, calls = dump(hub_url), len(await sandbox.calls(""))

    shown = await button_for().preview()

    assert (await sandbox.calls(""))[calls:] == []
    assert dump(hub_url) == before
    assert (shown["crmRead"], shown["crmCalls"]) == (False, 2)
    assert [one["outcome"] for one in shown["items"]] == ["UPDATE", "CREATE", "CREATE", "CREATE"]
    assert 0 <= shown["mirrorAgeSeconds"] < 60


async def test_a_company_that_is_being_synchronised_is_shown_as_blocked_and_there_is_no_token(
    button, generated
):
    running = (await button.press(None))["action"]["id"]

    shown = await button.preview()

    assert shown["items"][0]["outcome"] == "BLOCKED"
    assert running in shown["items"][0]["explanation"]
    assert shown["planToken"] is None


async def test_what_the_button_refuses_the_preview_refuses(button_for, closed_parent):
    button = button_for(companyId=closed_parent.company_id, ticketId=closed_parent.id)

    assert codes(await button.preview()) == codes(await button.press(None)) == ["AMBIGUOUS_SCOPE"]


# What changed here since


async def test_a_token_is_stale_when_a_line_was_filled_since(hub, hub_url, giulia, button, closed_parent):
    shown = await button.preview()
    await generate(hub, closed_parent.id, actor=giulia.id)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_is_stale_when_a_parent_was_cancelled(hub, hub_url, giulia, button_for, parent):
    button = button_for(companyId=parent.company_id)
    shown = await button.preview()
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_of_all_companies_is_stale_when_there_is_one_more(
    hub, sandbox, hub_url, giulia, button_for, generated
):
    button = button_for()
    shown = await button.preview()
    sale = await sell(sandbox, "Start Office Training", companyId=VALDARNO)
    await take_in(hub, sale, actor=giulia.id)

    await assert_stale(button, shown["planToken"], hub_url)


async def test_a_token_survives_progress_that_decides_nothing(hub, giulia, button_for, parent):
    button = button_for(companyId=parent.company_id)
    shown = await button.preview()
    await Ticket.filter(id=parent.id).update(status="IN_PROGRESS")

    assert codes(await button.press(shown["planToken"])) == []


# What changed in the CRM since


async def test_what_differs_from_the_preview_is_left_alone_for_a_person(sandbox, button, generated):
    changed, *others = generated
    shown = await button.preview()
    await edit_record(sandbox, "Opportunity", changed.crm_id, amount=1)

    company, *items = await button.run(shown["planToken"])

    left = about(changed.crm_id, items)
    assert (company.outcome, left.outcome) == (ItemOutcome.NEEDS_ATTENTION, ItemOutcome.NEEDS_ATTENTION)
    assert "differs from the preview" in left.explanation
    as_before = await Opportunity.get(id=changed.id)
    assert (as_before.amount, as_before.child_ticket_id) == (changed.amount, None)
    assert {about(one.crm_id, items).outcome for one in others} == {ItemOutcome.CREATED}


async def test_a_stranger_that_appeared_since_is_not_adopted(button, generated, by_hand):
    shown = await button.preview()
    crm_id = await by_hand("Collaborazione")

    items = await button.run(shown["planToken"])

    assert about(crm_id, items).outcome == ItemOutcome.NEEDS_ATTENTION
    assert not await Opportunity.filter(crm_id=crm_id).exists()


async def test_without_a_token_the_same_stranger_is_adopted(button, generated, by_hand):
    await button.preview()
    crm_id = await by_hand("Collaborazione")

    items = await button.run(None)

    assert about(crm_id, items).outcome == ItemOutcome.CREATED
    assert await Opportunity.filter(crm_id=crm_id).exists()


async def test_a_stranger_that_was_to_be_adopted_and_is_gone_is_reported(sandbox, button, generated, by_hand):
    crm_id = await by_hand("Collaborazione")
    shown = await button.preview()
    await sandbox.delete("Opportunity", crm_id)

    company, *items = await button.run(shown["planToken"])

    assert company.outcome == ItemOutcome.NEEDS_ATTENTION
    assert {item.outcome for item in items} == {ItemOutcome.CREATED}


async def test_what_the_mirror_predicted_is_done_and_what_the_crm_adds_is_left_for_a_person(
    sandbox, button_for, generated, by_hand
):
    refreshed, lost, _ = generated
    button = button_for()
    shown = await button.preview()
    await edit_record(sandbox, "Opportunity", refreshed.crm_id, amount=1)
    await edit_record(sandbox, "Opportunity", lost.crm_id, status=LOST)
    stranger = await by_hand("Collaborazione")

    _, *items = await button.run(shown["planToken"])

    assert about(refreshed.crm_id, items).outcome == ItemOutcome.CREATED
    assert (await Opportunity.get(id=refreshed.id)).amount == 1
    assert about(lost.crm_id, items).outcome == ItemOutcome.NEEDS_ATTENTION
    assert about(stranger, items).outcome == ItemOutcome.NEEDS_ATTENTION
    assert not await Opportunity.filter(crm_id=stranger).exists()


# A CRM that does not help


async def test_a_company_that_can_only_be_read_row_by_row_is_predicted_from_the_mirror(
    sandbox, button, generated, by_hand
):
    await sandbox.switch(searchable_fields={"Opportunity": []})
    for number in range(10):
        await by_hand(f"Altro {number}", crossId=BREMBATE)
    before = len(await calls_but_logins(sandbox))

    shown = await button.preview()

    assert (shown["crmRead"], codes(shown)) == (False, [])
    assert len(await calls_but_logins(sandbox)) - before <= 10


async def test_a_crm_that_does_not_answer_is_a_problem(sandbox, button, generated):
    await sandbox.plan("html_502", match={"controller": "Opportunity"})

    assert codes(await button.preview()) == ["CRM_UNAVAILABLE"]
