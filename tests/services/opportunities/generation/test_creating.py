"""🟡 Each chosen line becomes one opportunity."""

from collections import Counter

from models import Action, KitLine, Operator, Opportunity, Service
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ActionStatus, ItemOutcome, OpportunityStatus
from tests.support.generated_opportunities import CODES, codes_in, line_ids
from tests.support.hub import (
    BREMBATE,
    add_operator,
    complete_all,
    dump,
    generate,
    make_responsible,
    run_to_the_end,
    sell,
    take_in,
)
from tests.support.refusals import refusal_of


async def test_a_ticket_cancelled_before_its_opportunities_were_made_gets_none(
    hub, sandbox, giulia, press, parent
):
    running = await press(parent, override_reason="Firma in arrivo")
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    items = await run_to_the_end(hub, running)

    assert {(item.outcome, item.explanation) for item in items} == {
        (ItemOutcome.SKIPPED, "The ticket was cancelled.")
    }
    assert await codes_in(sandbox) == []


async def test_each_line_becomes_one_opportunity_that_carries_the_code_of_its_future_child(
    hub, sandbox, giulia, closed_parent
):
    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [(item.outcome, item.reference) for item in items] == [
        (ItemOutcome.CREATED, code) for code in CODES
    ]
    assert await codes_in(sandbox) == sorted(CODES)
    mirrored = await Opportunity.filter(ticket_id=closed_parent.id).order_by("code")
    made = {one["id"]: one for one in await sandbox.records("Opportunity")}
    for one in mirrored:
        assert made[one.crm_id]["code"] == one.code
        assert (made[one.crm_id]["amount"], made[one.crm_id]["crossId"]) == (float(one.amount), BREMBATE)
        assert (one.status, one.child_ticket_id) == (OpportunityStatus.OPEN, None)


async def test_a_line_of_quantity_two_is_one_opportunity_of_twice_the_price(hub, sandbox, giulia):
    parent = await take_in(hub, await sell(sandbox, "Start Office Training"), actor=giulia.id)
    await complete_all(hub, parent.id, actor=giulia.id)

    await generate(hub, parent.id, actor=giulia.id)

    price = (await Service.get(code="F40")).price
    [made] = [one for one in await sandbox.records("Opportunity") if one["code"].startswith("TCK-F40-")]
    assert made["amount"] == float(price * 2)


async def test_a_service_on_two_lines_becomes_two_opportunities(hub, sandbox, giulia):
    again = await KitLine.filter(position=1).prefetch_related("kit", "service")
    sod = next(line for line in again if line.kit.code == "SOD")
    await KitLine.create(kit_id=sod.kit_id, position=5, service_id=sod.service_id, quantity=1, mandatory=True)
    parent = await take_in(hub, actor=giulia.id)
    await complete_all(hub, parent.id, actor=giulia.id)

    await generate(hub, parent.id, actor=giulia.id)

    assert await codes_in(sandbox) == sorted([*CODES, "TCK-T50-5155-05"])


async def test_an_opportunity_is_owned_by_who_answers_for_its_service_and_else_by_the_ticket_s_owner(
    hub, sandbox, giulia, closed_parent
):
    await make_responsible(await add_operator(hub.events, "Sara", crm_user_id=2004), "F40")

    await generate(hub, closed_parent.id, actor=giulia.id)

    owners = {one["code"]: one["ownerId"] for one in await sandbox.records("Opportunity")}
    assert owners == {code: 2004 if "F40" in code else 2002 for code in CODES}


async def test_who_is_not_active_any_more_owns_no_opportunity(hub, sandbox, giulia, closed_parent):
    sara = await add_operator(hub.events, "Sara", crm_user_id=2004)
    await make_responsible(sara, "F40")
    await Operator.filter(id=sara.id).update(active=False)

    await generate(hub, closed_parent.id, actor=giulia.id)

    assert {one["ownerId"] for one in await sandbox.records("Opportunity")} == {2002}


async def test_the_action_is_answered_at_once_and_says_who_pressed_for_what(giulia, press, closed_parent):
    action = await press(closed_parent)

    assert (action.status, action.item_count, action.finished_count) == (ActionStatus.RUNNING, 4, 0)
    assert (action.operator_id, action.ticket_id) == (giulia.id, closed_parent.id)
    assert action.company_id == closed_parent.company_id
    assert await Opportunity.all().count() == 0


async def test_one_look_up_serves_all_the_lines_of_an_action(hub, sandbox, giulia, closed_parent):
    before = len(await sandbox.calls("Opportunity/Search"))

    await generate(hub, closed_parent.id, actor=giulia.id)

    assert len(await sandbox.calls("Opportunity/Search")) == before + 1
    assert len(await sandbox.calls("Opportunity/CreateOrUpdate")) == 4


async def test_chosen_lines_are_made_and_the_others_left_for_later(hub, sandbox, giulia, closed_parent):
    chosen = await line_ids(closed_parent, 1, 2, 3)

    await generate(hub, closed_parent.id, actor=giulia.id, line_ids=chosen)
    assert await codes_in(sandbox) == sorted(CODES[:3])

    items = await generate(hub, closed_parent.id, actor=giulia.id)
    assert Counter(item.outcome for item in items) == {ItemOutcome.UNCHANGED: 3, ItemOutcome.CREATED: 1}
    assert await codes_in(sandbox) == sorted(CODES)


async def test_mandatory_lines_are_not_left_out_without_a_word(hub_url, press, closed_parent):
    before = dump(hub_url)

    refusal = await refusal_of(press(closed_parent, line_ids=await line_ids(closed_parent, 2, 4)))

    assert refusal.code == "MANDATORY_LINES_LEFT_OUT"
    assert "1 T50, 3 KHW" in refusal.message
    assert dump(hub_url) == before


async def test_mandatory_lines_are_left_out_with_a_reason_which_is_kept(hub, sandbox, giulia, closed_parent):
    chosen = await line_ids(closed_parent, 2, 4)

    await generate(
        hub, closed_parent.id, actor=giulia.id, line_ids=chosen, override_reason="Il resto a gennaio"
    )

    assert await codes_in(sandbox) == sorted([CODES[1], CODES[3]])
    assert (await Action.get()).reason == "Il resto a gennaio"


async def test_choosing_no_line_at_all_leaves_the_mandatory_ones_out(press, closed_parent):
    assert (await refusal_of(press(closed_parent, line_ids=[]))).code == "MANDATORY_LINES_LEFT_OUT"


async def test_a_line_of_another_ticket_is_refused(hub, sandbox, giulia, press, closed_parent):
    other = await take_in(hub, await sell(sandbox, "kit SOF"), actor=giulia.id)

    refusal = await refusal_of(press(closed_parent, line_ids=await line_ids(other, 1)))

    assert refusal.code == "UNKNOWN_LINE"
