"""A sale becomes one ticket, whenever the search shows it and even if somebody else imports it."""

import asyncio
from datetime import timedelta

from models import PollMark, Ticket
from tests.support.hub import add_operator, dump, hub_over, sell
from tests.support.polling import be_due, poll, sources


async def test_the_overlap_shows_a_sale_again_and_nothing_comes_of_it(hub, hub_url, sandbox):
    await sell(sandbox, "Start Office Digital")
    await poll(hub)
    before = dump(hub_url, without=("poll_mark", "crm_activity"))
    asked = len(await sandbox.calls("/Company/"))

    await poll(hub)

    assert dump(hub_url, without=("poll_mark", "crm_activity")) == before
    assert len(await sandbox.calls("/Company/")) == asked


async def test_a_sale_that_the_search_shows_late_is_found_within_the_overlap(hub, sandbox):
    await sandbox.switch(search_lag_seconds=1)
    late = await sell(sandbox, "Start Office Digital")
    await sandbox.switch(search_lag_seconds=0)
    later = await sell(sandbox, "Start Office Finance")
    await poll(hub)
    assert await sources() == {later}

    await asyncio.sleep(1)
    await poll(hub)

    assert await sources() == {late, later}


async def test_a_round_looks_back_as_far_as_the_search_may_lag_whatever_the_overlap(hub_url, sandbox):
    shortsighted = {"poll_overlap_seconds": 0, "lag_bound_seconds": 60}
    async with hub_over(hub_url, sandbox, **shortsighted) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        await hub.poller.poll()
        late = await sell(sandbox, "Start Office Digital")
        # As if a round had found a later sale, and this one had not been shown yet.
        await PollMark.all().update(high_water=hub.clock() + timedelta(seconds=30))

        await poll(hub)

        assert await sources() == {late}


async def test_two_processes_that_poll_at_once_make_one_ticket(hub, hub_url, sandbox, rivals):
    await sell(sandbox, "Start Office Digital")
    await be_due()

    await rivals.race(hub_url, sandbox, ("poll",), ("poll",))

    assert await Ticket.all().count() == 1


async def test_a_poller_and_an_operator_at_once_make_one_ticket(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital")

    _, imported = await asyncio.gather(poll(hub), hub.intake.import_activity(number, actor=giulia.id))

    assert (await Ticket.get()).id == imported.ticket_id


async def test_what_happened_while_no_process_listened_is_found_after_a_restart(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        await hub.poller.poll()
    number = await sell(sandbox, "Start Office Digital")

    async with hub_over(hub_url, sandbox) as hub:
        await poll(hub)

        assert await sources() == {number}
