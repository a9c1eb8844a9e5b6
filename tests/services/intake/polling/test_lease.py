"""One process polls at a time."""

import asyncio
from datetime import timedelta

from models import PollMark
from tests.support.hub import sell
from tests.support.polling import be_due, mark, poller_over, sources


async def be_held(hub, seconds):
    """Another process holds the round, with so many seconds left of its lease."""
    end = hub.clock() + timedelta(seconds=seconds)
    await PollMark.all().update(holder="somebody else", not_before=end)


async def test_a_round_that_is_not_due_is_not_held(hub, sandbox):
    asked = len(await sandbox.calls("Activity/Search"))

    wait = await hub.poller.poll()

    assert 0 < wait <= 60
    assert len(await sandbox.calls("Activity/Search")) == asked


async def test_while_one_holds_the_round_another_one_waits_for_the_lease(hub, sandbox):
    await be_held(hub, 30)
    number = await sell(sandbox, "Start Office Digital")

    wait = await hub.poller.poll()

    assert 0 < wait <= 30
    assert number not in await sources()


async def test_the_round_of_a_poller_that_died_goes_to_another_one(hub, sandbox):
    await be_held(hub, 0.1)
    number = await sell(sandbox, "Start Office Digital")
    await asyncio.sleep(0.1)

    await hub.poller.poll()

    assert await sources() == {number}


async def test_a_round_that_a_wrong_clock_set_off_for_years_is_held_at_once(hub, sandbox):
    await PollMark.all().update(not_before=hub.clock() + timedelta(days=3650))
    number = await sell(sandbox, "Start Office Digital")

    await hub.poller.poll()

    assert await sources() == {number}


async def test_an_earlier_beginning_takes_the_round_from_the_process_that_polls(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    later, earlier = hub.clock() + timedelta(hours=1), hub.clock() - timedelta(days=1)
    await PollMark.all().update(begins_at=later, high_water=later)
    await sandbox.plan("commit_then_delay", match={"controller": "Activity"}, args={"seconds": 0.4})
    await be_due()
    round_ = asyncio.create_task(hub.poller.poll())
    await asyncio.sleep(0.1)

    await poller_over(hub, since=earlier).poll()
    await round_
    await be_due()
    await poller_over(hub, since=earlier).poll()

    assert await sources() == {number}


async def test_a_long_round_keeps_its_lease(hub, sandbox):
    await sandbox.plan("commit_then_delay", match={"controller": "Activity"}, args={"seconds": 0.6})
    await be_due()
    asked = len(await sandbox.calls("Activity/Search"))

    round_ = asyncio.create_task(poller_over(hub, lease=0.3).poll())
    await asyncio.sleep(0.45)
    await hub.poller.poll()

    assert await round_ == 60
    assert len(await sandbox.calls("Activity/Search")) == asked + 1


async def test_a_poller_that_lost_its_lease_stops_and_leaves_the_mark_alone(hub, sandbox):
    await sell(sandbox, "Start Office Digital")
    await sandbox.plan("commit_then_delay", match={"controller": "Activity"}, args={"seconds": 0.6})
    await be_due()
    round_ = asyncio.create_task(poller_over(hub, lease=0.3).poll())
    await asyncio.sleep(0.05)

    await be_held(hub, 30)
    before = await mark()
    await round_

    after = await mark()
    assert (after.holder, after.high_water, after.not_before) == (
        "somebody else",
        before.high_water,
        before.not_before,
    )
    assert await sources() == set()


async def test_a_poller_that_is_stopped_hands_its_round_over(hub, sandbox):
    await sandbox.plan("commit_then_delay", match={"controller": "Activity"}, args={"seconds": 5})
    await be_due()
    round_ = asyncio.create_task(hub.poller.poll())
    await asyncio.sleep(0.1)

    round_.cancel()
    await asyncio.gather(round_, return_exceptions=True)

    assert ((await mark()).holder, (await mark()).not_before <= hub.clock()) == (None, True)
