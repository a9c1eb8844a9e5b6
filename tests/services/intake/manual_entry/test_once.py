"""The same request makes one sale, also beside the poller."""

import asyncio

import pytest

from models import Action, ActionItem, IntakeItem, PollMark, Ticket
from services.vocabulary import ActionStatus
from tests.support.entered_sales import CREATES, made_by_hand, make, press
from tests.support.hub import BREMBATE, VALDARNO, add_operator, dump, run_to_the_end
from tests.support.refusals import refusal_of


async def test_a_second_press_at_the_same_moment_gives_the_same_action(hub, sandbox, giulia):
    actions = await asyncio.gather(*(press(hub, giulia) for _ in range(10)))
    await run_to_the_end(hub, actions[0])

    assert len({action.id for action in actions}) == 1
    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1


async def test_a_second_press_after_the_end_gives_the_same_action(hub, hub_url, giulia):
    item = await make(hub, giulia)
    before = dump(hub_url)

    assert (await press(hub, giulia)).id == item.action_id
    assert dump(hub_url) == before


async def test_a_second_press_needs_no_crm(hub, sandbox, giulia):
    action = await press(hub, giulia)
    await sandbox.plan("drop_before", times=None)

    assert (await press(hub, giulia)).id == action.id


async def test_processes_that_press_at_once_make_one_sale(hub, hub_url, sandbox, giulia, rivals):
    order = ("create ticket", BREMBATE, "SOD", giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)
    await run_to_the_end(hub, await Action.get(id=first))

    assert first == second
    assert len(await made_by_hand(sandbox)) == 1


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"notes": "la seconda sede"}, id="other notes"),
        pytest.param({"kit_code": "SOF"}, id="another kit"),
        pytest.param({"crm_company_id": VALDARNO}, id="another company"),
        pytest.param({"request_key": "due"}, id="a key of its own"),
    ],
)
async def test_what_is_not_the_same_request_is_another_sale(hub, sandbox, giulia, difference):
    await make(hub, giulia)

    await make(hub, giulia, **difference)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 2


async def test_two_operators_who_sell_the_same_make_two_sales(hub, sandbox, giulia):
    luca = await add_operator(hub.events, "Luca", crm_user_id=2003)

    await make(hub, giulia, request_key="uno")
    await make(hub, luca, request_key="uno")

    assert len(await made_by_hand(sandbox)) == 2


async def test_a_key_means_one_request_and_no_other(hub, hub_url, giulia):
    await make(hub, giulia, request_key="uno")
    before = dump(hub_url)

    refusal = await refusal_of(press(hub, giulia, request_key="uno", kit_code="SOF"))

    assert (refusal.code, refusal.path) == ("REQUEST_KEY_REUSED", ("requestKey",))
    assert dump(hub_url) == before


@pytest.mark.parametrize("time_limit", [0.3])
async def test_the_poller_takes_what_was_made_by_hand_for_ours_before_and_after_the_ticket(
    hub, sandbox, giulia
):
    await hub.poller.poll()
    await sandbox.plan("commit_then_drop", match=CREATES)
    action = await press(hub, giulia)
    await hub.engine.run_lane((await ActionItem.get(action_id=action.id)).lane)
    assert (await Ticket.all().count(), len(await made_by_hand(sandbox))) == (0, 1)

    await poll(hub)
    await run_to_the_end(hub, action)
    await poll(hub)

    assert await Ticket.all().count() == 1
    assert not await IntakeItem.filter(status="WAITING").exists()


@pytest.mark.parametrize("time_limit", [0.3])
async def test_control_without_the_ledger_the_poller_would_open_the_ticket_before_the_answer(
    hub, sandbox, giulia, monkeypatch
):
    """The same where no activity counts as ours, so that the test above is known to be able to fail."""

    async def refuse_nothing(record, *, a_person_decided):
        pass

    monkeypatch.setattr("services.intake.imports.refuse_own_sale", refuse_nothing)
    await hub.poller.poll()
    await sandbox.plan("commit_then_drop", match=CREATES)
    action = await press(hub, giulia, notes="Firma entro venerdì")
    await hub.engine.run_lane((await ActionItem.get(action_id=action.id)).lane)

    await poll(hub)

    assert (await Action.get(id=action.id)).status == ActionStatus.RUNNING
    assert (await Ticket.get()).notes != "Firma entro venerdì"


async def poll(hub):
    await PollMark.all().update(not_before=hub.clock())
    await hub.poller.poll()


async def test_importing_what_was_made_by_hand_gives_its_ticket(hub, giulia):
    item = await make(hub, giulia)

    imported = await hub.intake.import_activity(item.crm_id, actor=giulia.id)

    assert imported.ticket_id == (await Ticket.get()).id
