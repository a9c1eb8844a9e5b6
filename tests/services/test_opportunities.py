"""🟡 One CRM opportunity for each line of a parent ticket: once, whatever fails and whenever."""

import asyncio
from collections import Counter

import pytest

from models import Action, ActionItem, KitLine, Operator, Opportunity, Service, TicketLine
from services.actions import ActionRunning, retry_action
from services.errors import Refusal
from services.opportunities import generate_opportunities
from services.tickets import cancel_ticket
from services.vocabulary import ActionStatus, ItemOutcome, OpportunityStatus
from tests.hub import (
    BREMBATE,
    add_operator,
    complete_all,
    dump,
    generate,
    make_responsible,
    run_to_the_end,
    sell,
    synchronise,
    take_in,
)

CODES = ["TCK-T50-5155-01", "TCK-F40-5155-02", "TCK-KHW-5155-03", "TCK-CLB-5155-04"]


@pytest.fixture
def press(hub, giulia):
    """Press the button, and only that."""

    async def press(ticket, **choice):
        return await generate_opportunities(ticket.id, actor=giulia.id, events=hub.events, **choice)

    return press


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


async def line_ids(ticket, *positions):
    lines = await TicketLine.filter(ticket_id=ticket.id, position__in=positions)
    return [line.id for line in lines]


async def codes_in(sandbox):
    return sorted(one["code"] for one in await sandbox.records("Opportunity"))


# What is not wanted any more


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


# What is made


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


# Which lines


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


# When


async def test_an_open_ticket_is_refused_and_writes_nothing(hub_url, press, parent):
    before = dump(hub_url)

    refusal = await refusal_of(press(parent))

    assert refusal.code == "TICKET_NOT_CLOSED"
    assert dump(hub_url) == before


async def test_an_open_ticket_goes_ahead_with_a_reason_which_is_kept(hub, sandbox, giulia, parent):
    await generate(hub, parent.id, actor=giulia.id, override_reason=" Il bando scade venerdì ")

    assert await codes_in(sandbox) == sorted(CODES)
    assert (await Action.get()).reason == "Il bando scade venerdì"


async def test_a_reason_that_was_not_needed_is_not_kept(press, closed_parent):
    assert (await press(closed_parent, override_reason="Per sicurezza")).reason is None


async def test_a_blank_reason_is_none(press, parent):
    assert (await refusal_of(press(parent, override_reason="  "))).code == "REASON_REQUIRED"


async def test_a_cancelled_ticket_is_refused_whatever_the_reason(hub, giulia, press, parent):
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    assert (await refusal_of(press(parent, override_reason="Comunque"))).code == "TICKET_CANCELLED"


async def test_a_child_is_refused(press, children):
    assert (await refusal_of(press(children[0]))).code == "NOT_A_PARENT"


async def test_a_ticket_without_lines_is_refused(press, closed_parent):
    await TicketLine.filter(ticket_id=closed_parent.id).delete()

    assert (await refusal_of(press(closed_parent))).code == "TICKET_WITHOUT_LINES"


@pytest.mark.parametrize(
    "workflow_code", [pytest.param(None, id="without one"), pytest.param("GONE", id="with one that is none")]
)
async def test_a_service_without_a_workflow_is_refused_by_name(hub_url, press, closed_parent, workflow_code):
    await Service.filter(code="KHW").update(workflow_code=workflow_code)
    before = dump(hub_url)

    refusal = await refusal_of(press(closed_parent))

    assert refusal.code == "SERVICE_WITHOUT_TEMPLATE"
    assert "KHW" in refusal.message
    assert dump(hub_url) == before


async def test_a_ticket_that_does_not_exist_is_refused(hub):
    refusal = await refusal_of(generate_opportunities("tck_none", actor="opr_1", events=hub.events))

    assert refusal.code == "UNKNOWN_TICKET"


# Pressed again


async def test_the_same_press_while_one_runs_answers_the_same_action(hub_url, press, closed_parent):
    first = await press(closed_parent)
    before = dump(hub_url)

    second = await press(closed_parent)

    assert second.id == first.id
    assert dump(hub_url) == before


async def test_ten_presses_at_once_answer_one_action(press, closed_parent):
    actions = await asyncio.gather(*(press(closed_parent) for _ in range(10)))

    assert len({action.id for action in actions}) == 1
    assert await ActionItem.all().count() == 4


async def test_two_processes_that_press_at_once_answer_one_action(
    hub, hub_url, sandbox, rivals, giulia, closed_parent
):
    order = ("generate", closed_parent.id, giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)

    assert first == second
    await run_to_the_end(hub, await Action.get(id=first))
    assert await codes_in(sandbox) == sorted(CODES)


async def test_a_press_that_overlaps_is_refused_with_the_action_that_runs(hub_url, press, closed_parent):
    running = await press(closed_parent, line_ids=await line_ids(closed_parent, 1, 2, 3))
    before = dump(hub_url)

    with pytest.raises(ActionRunning) as refused:
        await press(closed_parent)

    assert refused.value.action_id == running.id
    assert dump(hub_url) == before


async def test_a_press_for_other_lines_does_not_overlap(hub, sandbox, press, closed_parent):
    await press(closed_parent, line_ids=await line_ids(closed_parent, 1, 2, 3))

    other = await press(closed_parent, line_ids=await line_ids(closed_parent, 4), override_reason="Subito")
    await run_to_the_end(hub, other)

    assert await codes_in(sandbox) == sorted(CODES)


async def test_a_press_after_the_end_finds_everything_done_and_says_so(hub, sandbox, giulia, closed_parent):
    await generate(hub, closed_parent.id, actor=giulia.id)
    calls = len(await sandbox.calls("/"))

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * 4
    assert (await Action.get(id=items[0].action_id)).status == ActionStatus.COMPLETED
    assert len(await sandbox.calls("/")) == calls


# Whatever fails


CREATE = {"controller": "Opportunity", "action": "create"}
SEARCH = {"controller": "Opportunity", "action": "search"}

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


@impatient
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param("commit_then_drop", {"match": CREATE}, id="committed, then the line dropped"),
        pytest.param("commit_then_drop", {"match": CREATE, "times": 4}, id="four times"),
        pytest.param("drop_before", {"match": CREATE}, id="the line dropped before"),
        pytest.param("truncated_body", {"match": CREATE}, id="half an answer"),
        pytest.param("empty_body", {"match": CREATE}, id="an answer without an id"),
        pytest.param("html_502", {"match": CREATE, "args": {"commit": True}}, id="committed, then a page"),
        pytest.param("html_502", {"match": CREATE}, id="a page, nothing written"),
        pytest.param(
            "html_200", {"match": CREATE, "args": {"commit": True}}, id="committed, a page with 200"
        ),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 500, "commit": True}}, id="committed, then 500"
        ),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 429, "retry_after": 1}}, id="too many calls"
        ),
        pytest.param("revoke_tokens", {"match": CREATE}, id="a token that was revoked"),
        pytest.param("drop_before", {"match": SEARCH}, id="a look-up that was cut"),
        pytest.param("html_502", {"match": SEARCH, "times": 3}, id="a look-up that failed three times"),
    ],
)
async def test_whatever_fails_the_crm_ends_up_with_each_opportunity_once(
    hub, sandbox, giulia, closed_parent, fault, details
):
    await sandbox.plan(fault, **details)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert await codes_in(sandbox) == sorted(CODES)
    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    made = {one["code"]: one["id"] for one in await sandbox.records("Opportunity")}
    assert dict(await Opportunity.all().values_list("code", "crm_id")) == made


@impatient
async def test_a_search_that_lags_does_not_make_an_opportunity_twice(hub, sandbox, giulia, closed_parent):
    await sandbox.switch(search_lag_seconds=0.15)
    await sandbox.plan("commit_then_drop", match=CREATE)

    await generate(hub, closed_parent.id, actor=giulia.id)

    assert await codes_in(sandbox) == sorted(CODES)


@impatient
async def test_a_crm_that_drops_our_code_still_shows_whose_each_opportunity_is(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.switch(opportunity_code="dropped")
    await sandbox.plan("commit_then_drop", match=CREATE)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    titles = [one["title"] for one in await sandbox.records("Opportunity")]
    assert sorted(title.split("]")[0] for title in titles) == sorted(f"[IH:{code}" for code in CODES)


async def test_what_the_crm_holds_under_our_code_is_adopted(hub, sandbox, giulia, closed_parent):
    await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items] == [
        ItemOutcome.CREATED,
        ItemOutcome.ADOPTED,
        ItemOutcome.CREATED,
        ItemOutcome.CREATED,
    ]
    assert await codes_in(sandbox) == sorted(CODES)


async def test_an_opportunity_that_the_crm_refuses_fails_with_its_words_and_is_retried(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.plan("status", match=CREATE, args={"status": 400, "message": "Fase non valida"})
    items = await generate(hub, closed_parent.id, actor=giulia.id)
    assert [item.outcome for item in items] == [ItemOutcome.FAILED, *[ItemOutcome.CREATED] * 3]
    assert "Fase non valida" in items[0].explanation
    assert (await Action.get()).status == ActionStatus.WAITING

    action = await retry_action(items[0].action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, action)

    assert await codes_in(sandbox) == sorted(CODES)
    assert (await Action.get()).status == ActionStatus.COMPLETED


async def test_a_retry_makes_no_second_opportunity_for_a_line_that_was_given_one_meanwhile(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    items = await generate(hub, closed_parent.id, actor=giulia.id)
    by_hand = await sandbox.add("Opportunity", title="Transizione 5.0 Brembate", crossId=BREMBATE)
    await synchronise(hub, actor=giulia.id, ticket_id=closed_parent.id)
    assert (await Opportunity.get(ticket_line_id=items[0].key)).crm_id == by_hand

    action = await retry_action(items[0].action_id, actor=giulia.id, events=hub.events)
    items = await run_to_the_end(hub, action)

    assert items[0].crm_id == by_hand
    assert await Opportunity.filter(ticket_line_id=items[0].key).count() == 1
    assert len(await sandbox.records("Opportunity")) == 4


@impatient
async def test_an_action_interrupted_anywhere_is_finished_by_the_next_process(
    hub, sandbox, giulia, closed_parent
):
    """What a crash leaves behind is a row; here the item is claimed and the request has been committed."""
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    await sandbox.plan("commit_then_drop", match=CREATE)
    [lane] = await hub.engine.due_lanes()
    assert await hub.engine.run_lane(lane) > 0
    assert len(await sandbox.records("Opportunity")) == 1

    items = await run_to_the_end(hub, action)

    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    assert await codes_in(sandbox) == sorted(CODES)
