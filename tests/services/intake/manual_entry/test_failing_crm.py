"""There is one sale and one ticket, whatever the CRM answers."""

import pytest

from models import Action, ActionItem, CrmActivity, Operator, Ticket
from services.actions import retry_action
from services.vocabulary import CrmActivityRole, ItemOutcome
from tests.support.entered_sales import CREATES, made_by_hand, make, press
from tests.support.hub import add_operator, make_responsible, run_to_the_end


@pytest.mark.parametrize("time_limit", [0.3])
@pytest.mark.parametrize(
    ("fault", "args"),
    [
        pytest.param("commit_then_drop", {}, id="loses its answer"),
        pytest.param("commit_then_delay", {"seconds": 0.6}, id="answers too late"),
        pytest.param("html_200", {"commit": True}, id="answers a page"),
        pytest.param("drop_before", {}, id="drops the line"),
        pytest.param("status", {"status": 503}, id="gives up"),
        pytest.param("status", {"status": 429, "retry_after": 0}, id="has had enough"),
    ],
)
async def test_after_any_answer_there_is_one_sale_and_one_ticket(hub, sandbox, giulia, fault, args):
    await sandbox.plan(fault, match=CREATES, args=args)

    item = await make(hub, giulia)

    (noted,) = await made_by_hand(sandbox)
    assert (item.outcome, item.crm_id) == (ItemOutcome.CREATED, noted["id"])
    assert (await CrmActivity.get(role=CrmActivityRole.SOURCE)).crm_id == noted["id"]
    assert (await Action.get(id=item.action_id)).ticket_id == (await Ticket.get()).id


@pytest.mark.parametrize("time_limit", [0.3])
async def test_a_search_that_lags_makes_no_second_sale(hub, sandbox, giulia):
    await sandbox.switch(search_lag_seconds=0.1)
    await sandbox.plan("commit_then_drop", match=CREATES)

    await make(hub, giulia)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1


async def test_a_refusal_of_the_crm_is_reported_and_another_press_tries_again(hub, sandbox, giulia):
    words = {"status": 400, "message": "Sottotipo non valido"}
    await sandbox.plan("status", match=CREATES, args=words)
    failed = await make(hub, giulia)

    item = await make(hub, giulia)

    assert (failed.outcome, item.outcome) == (ItemOutcome.FAILED, ItemOutcome.CREATED)
    assert failed.crm_words == "Sottotipo non valido"
    assert len(await made_by_hand(sandbox)) == 1


@pytest.mark.parametrize(
    "lag", [pytest.param(0, id="shown at once"), pytest.param(30, id="not shown yet by the search")]
)
async def test_a_failed_sale_that_was_recreated_and_is_retried_as_well_stays_one(hub, sandbox, giulia, lag):
    await sandbox.switch(search_lag_seconds=lag)
    await sandbox.plan("status", match=CREATES, args={"status": 400, "message": "No"})
    failed = await make(hub, giulia)
    await make(hub, giulia)

    retried = await retry_action(failed.action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, retried)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1
    assert (await Action.get(id=retried.id)).ticket_id == (await Ticket.get()).id


async def test_a_sale_that_could_not_be_written_here_waits_for_a_person_and_is_not_noted_twice(
    hub, sandbox, giulia
):
    await make_responsible(giulia, "SOD")
    portal = await add_operator(hub.events, "Portale")
    action = await press(hub, portal)
    await sandbox.plan("commit_then_drop", match=CREATES)
    lane = (await ActionItem.get(action_id=action.id)).lane
    await hub.engine.run_lane(lane)
    await Operator.filter(id=giulia.id).update(active=False)
    (item,) = await run_to_the_end(hub, action)
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION

    await Operator.filter(id=giulia.id).update(active=True)
    assert (await press(hub, portal)).id == action.id
    await run_to_the_end(hub, await retry_action(action.id, actor=giulia.id, events=hub.events))

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1
