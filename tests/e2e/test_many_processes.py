"""Several processes work on one PostgreSQL database: nothing is lost, and nothing is created twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import pairwise
from time import monotonic, time

import pytest

from models import ActionItem, Operator, Task, Ticket
from server.wiring import Hub
from services.actions import CallRate
from services.operators import create_token
from services.tickets import workflow as milestones
from services.vocabulary import ItemOutcome, Role
from tests.support.graphql_client import Client
from tests.support.hub import add_operator, complete_all, enlarge, hub_over, sell, take_in
from tests.support.many_processes import HEARTBEAT, House, finished, press, something_is_being_sent, until
from tests.support.running_hub import ON_THE_WAY, stop

pytestmark = [pytest.mark.only_on("postgres"), pytest.mark.postgres]

SALES = 4
SLOW = 0.15
"""Seconds that the CRM takes for an answer, so that there is a middle to be struck in."""

PREVIEW = """query ($id: ID!) {
  previewImportActivity(crmActivityId: $id) { preview { outcome } problems { code } } }"""
NOBODYS_ACTIVITY = "999999"

PROGRESS = "subscription ($id: ID!) { milestoneProgress(ticketId: $id) { state } }"


@pytest.fixture
async def hub(house: House) -> AsyncIterator[Hub]:
    """A hub in the test's own process, which presses buttons and looks, and leaves all work to others."""
    async with hub_over(house.database_url, house.sandbox) as hub:
        yield hub


@pytest.fixture
async def giulia(hub: Hub) -> Operator:
    return await add_operator(hub.events, "Giulia", crm_user_id=2002)


@pytest.fixture
async def tickets(hub: Hub, house: House, giulia: Operator) -> list[Ticket]:
    """Parents whose yellow buttons wait to be pressed."""
    await house.sandbox.switch(latency_seconds=0)
    sold = [await sell(house.sandbox, "Start Office Digital") for _ in range(SALES)]
    parents = [await take_in(hub, number, actor=giulia.id) for number in sold]
    for parent in parents:
        await complete_all(hub, parent.id, actor=giulia.id)
    await house.sandbox.switch(latency_seconds=SLOW)
    return parents


def assert_each_once(items: list[ActionItem], orders: list[str]) -> None:
    assert {item.outcome for item in items} <= {ItemOutcome.CREATED, ItemOutcome.ADOPTED}
    assert sorted(item.reference for item in items) == orders


async def test_what_one_process_is_asked_for_all_of_them_do_once(hub, house, tickets, giulia):
    with ExitStack() as stack:
        for start in (house.server, house.worker, house.worker, house.server):
            stack.enter_context(start())
        items = await finished(await press(hub.events, tickets, giulia.id))

    assert_each_once(items, await house.orders())


async def test_processes_that_start_together_log_in_once(hub, house, tickets, giulia):
    await house.sandbox.revoke_tokens()
    logins = len(await house.sandbox.calls("Auth/Login"))

    with house.worker(), house.worker(), house.worker():
        await finished(await press(hub.events, tickets, giulia.id))

    assert len(await house.sandbox.calls("Auth/Login")) == logins + 1


@pytest.mark.parametrize("struck", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_a_live_worker_takes_over_within_the_heartbeat(hub, house, tickets, giulia, struck):
    with house.worker() as busy, ExitStack() as stack:
        actions = await press(hub.events, tickets, giulia.id)
        await until(something_is_being_sent)
        stack.enter_context(house.worker())
        busy.send(struck)
        done_by_then = await ActionItem.filter(outcome__not_isnull=True).count()
        began = monotonic()
        await until(lambda: more_is_done_than(done_by_then))
        waited = monotonic() - began
        items = await finished(actions)
        if struck is signal.SIGSTOP:
            busy.send(signal.SIGCONT)
            await until_quiet()

    assert waited < HEARTBEAT + 2 * SLOW + 1
    assert_each_once(items, await house.orders())


async def more_is_done_than(count: int) -> bool:
    return await ActionItem.filter(outcome__not_isnull=True).count() > count


async def until_quiet() -> None:
    """Give a process that woke up time for whatever it still has in mind."""
    await asyncio.sleep(1)


async def test_a_worker_that_is_stopped_hands_over_at_once(hub, house, tickets, giulia):
    slow = str(10 * HEARTBEAT)

    with house.worker(HUB_HEARTBEAT_SECONDS=slow) as first:
        actions = await press(hub.events, tickets, giulia.id)
        await until(something_is_being_sent)
        with house.worker(HUB_HEARTBEAT_SECONDS=slow):
            began = monotonic()
            await asyncio.to_thread(stop, first)
            items = await finished(actions)
            waited = monotonic() - began

    assert waited < 5 * HEARTBEAT
    assert_each_once(items, await house.orders())


@pytest.mark.parametrize("mode", ["immediate", "fast"])
async def test_a_restart_of_postgresql_under_load_loses_nothing(hub, house, tickets, giulia, databases, mode):
    with house.server(), house.worker(), house.worker():
        actions = await press(hub.events, tickets, giulia.id)
        await until(something_is_being_sent)
        await asyncio.to_thread(databases.server.stop, mode)
        await asyncio.to_thread(databases.server.start)
        items = await finished(actions)

    assert_each_once(items, await house.orders())


async def test_a_watcher_at_one_process_gets_what_another_one_changed(hub, house, giulia):
    parent = await take_in(hub, await sell(house.sandbox, "Start Office Digital"), actor=giulia.id)
    token = await create_token(giulia.id, Role.OPERATOR, "tests", None, actor="test", events=hub.events)
    task = await Task.filter(ticket_id=parent.id).order_by("id").first()

    with house.server() as server:
        client = Client(server.address, token.secret)
        with client.subscribed(PROGRESS, id=parent.id) as received:
            assert (await asyncio.to_thread(next, received))["state"] == "SNAPSHOT"
            began = monotonic()
            await milestones.complete_task(task.id, actor=giulia.id, events=hub.events)
            change = await asyncio.to_thread(next, received)
            waited = monotonic() - began

    assert change["state"] == "CHANGE"
    # A watcher that was not woken would look by itself, but only after five seconds.
    assert waited < 2


async def test_four_processes_keep_to_one_budget(hub, house, tickets, giulia):
    await house.sandbox.switch(latency_seconds=0)
    rate = CallRate(60)
    begun = len(await house.calls())

    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(house.worker(HUB_CRM_CALLS_PER_MINUTE=str(rate.calls)))
        items = await finished(await press(hub.events, tickets, giulia.id))

    calls = (await house.calls())[begun:]
    assert len(calls) > rate.burst
    for first, start in enumerate(calls):
        for last in range(first, len(calls)):
            passed = calls[last] - start + ON_THE_WAY
            assert last - first + 1 <= rate.burst + passed / rate.interval
    assert_each_once(items, await house.orders())


async def test_beside_two_hundred_items_a_person_s_call_waits_less_than_three_seconds(hub, house, giulia):
    parent = await take_in(hub, await sell(house.sandbox, "Start Office Digital"), actor=giulia.id)
    await enlarge(parent, lines=200)
    await complete_all(hub, parent.id, actor=giulia.id)
    token = await create_token(giulia.id, Role.OPERATOR, "tests", None, actor="test", events=hub.events)
    as_shipped = {"HUB_CRM_CALLS_PER_MINUTE": "40"}

    waits = []
    with house.server(**as_shipped) as server, house.worker(**as_shipped):
        client = Client(server.address, token.secret)
        [action_id] = await press(hub.events, [parent], giulia.id)
        await until(lambda: more_is_done_than(1))
        for _ in range(3):
            asked_at, before = time(), len(await house.calls(f"Activity/{NOBODYS_ACTIVITY}"))
            await asyncio.to_thread(client.graphql, PREVIEW, id=NOBODYS_ACTIVITY)
            calls = (await house.calls(f"Activity/{NOBODYS_ACTIVITY}"))[before:]
            waits += [later - earlier for earlier, later in pairwise([asked_at, *calls])]
        left = await ActionItem.filter(action_id=action_id, outcome=None).count()

    assert len(waits) == 6
    assert max(waits) < 3
    assert left > 180
