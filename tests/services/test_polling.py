"""The poller hears of every sale once, whatever the CRM, a bug or another poller does meanwhile."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from structlog.testing import capture_logs

from models import CallCircuit, CallSlot, CrmActivity, IntakeItem, PollMark, Ticket
from server.wiring import working_in_background
from services.actions import CallLimiter
from services.intake import Intake
from services.polling import Poller, Rhythm
from services.vocabulary import BreakerState, IntakeReason, IntakeStatus
from tests.hub import (
    ACTIVITY_OF_THE_STORY,
    INTAKE_SUB_TYPE,
    add_operator,
    dump,
    edit_record,
    hub_over,
    sell,
)

NAMELESS = 844206
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def be_due():
    await PollMark.all().update(holder=None, not_before=LONG_AGO)


async def be_held(hub, seconds):
    """Somebody else holds the round, and was last heard of as long ago as leaves the lease so many seconds."""
    end = hub.clock() + timedelta(seconds=seconds)
    await PollMark.all().update(holder="somebody else", not_before=end)


async def poll(hub):
    """A round, as if one were due."""
    await be_due()
    return await hub.poller.poll()


@pytest.fixture
async def hub(hub, giulia):
    """One that has begun to listen, and whose Giulia owns what she sells."""
    await hub.poller.poll()
    return hub


def poller_over(hub, **rhythm):
    return Poller(
        crm=hub.crm,
        intake=hub.intake,
        sub_type_id=INTAKE_SUB_TYPE,
        rhythm=Rhythm(**rhythm),
        clock=hub.clock,
    )


async def sources():
    return set(await CrmActivity.all().values_list("crm_id", flat=True))


async def mark():
    return await PollMark.get()


# What it takes in


async def test_a_sale_noted_in_the_crm_becomes_a_ticket_by_itself(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")

    await poll(hub)

    ticket = await Ticket.get()
    assert ticket.code.startswith("TCK-SOD-")
    assert await sources() == {number}


async def test_a_sale_that_leaves_something_open_waits_in_the_inbox(hub, sandbox):
    number = await sell(sandbox, "Vendita")

    await poll(hub)

    item = await IntakeItem.get()
    assert (item.crm_activity_id, item.reason) == (number, IntakeReason.NO_KIT)


async def test_what_was_sold_before_the_first_round_is_history_even_when_it_changes(hub, sandbox):
    await edit_record(sandbox, "Activity", ACTIVITY_OF_THE_STORY, description="SOD, richiamare")

    await poll(hub)

    assert await Ticket.all().count() == 0


async def test_the_beginning_can_be_set_to_an_earlier_day(hub_url, sandbox):
    since = (datetime.now(UTC) - timedelta(days=4)).date()
    async with hub_over(hub_url, sandbox, poll_since=since) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)

        await hub.poller.poll()

        assert ACTIVITY_OF_THE_STORY in await sources()


async def test_the_beginning_can_be_set_to_an_earlier_day_afterwards(hub):
    await be_due()

    await poller_over(hub, since=datetime.now(UTC) - timedelta(days=4)).poll()

    assert ACTIVITY_OF_THE_STORY in await sources()


async def test_a_crm_that_cannot_filter_by_date_does_not_open_the_whole_past(hub, sandbox):
    await sandbox.switch(searchable_fields={"Activity": ["subTypeId"]})
    number = await sell(sandbox, "Start Office Digital")

    await poll(hub)

    assert await sources() == {number}


async def test_another_sub_type_is_left_alone_whatever_the_crm_returns(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital", subTypeId=63706)

    await poll(hub)

    assert await Ticket.all().count() == await IntakeItem.filter(crm_activity_id=number).count() == 0


async def test_our_own_echo_is_left_alone_and_does_not_hold_the_mark(hub, sandbox):
    await sell(sandbox, "[IH:TCK-F40-5155-01:2] SOD")
    before = await mark()

    await poll(hub)

    assert await Ticket.all().count() == 0
    assert (await mark()).high_water > before.high_water


# By ids, where the search can tell neither sub-type nor date


def by_id(hub, **rhythm):
    rhythm = Rhythm(**{"overlap": 0.0, **rhythm})
    return Poller(
        crm=hub.crm,
        intake=hub.intake,
        sub_type_id=INTAKE_SUB_TYPE,
        rhythm=rhythm,
        clock=hub.clock,
        by_id=True,
    )


async def poll_by_id(hub, **rhythm):
    await be_due()
    return await by_id(hub, **rhythm).poll()


@pytest.fixture
async def blind_search(sandbox):
    await sandbox.switch(searchable_fields={"Activity": []}, unsearchable_filters="empty")


async def test_a_sale_is_heard_by_its_id_where_the_search_finds_nothing(hub, sandbox, blind_search):
    number = await sell(sandbox, "Start Office Digital")
    await sell(sandbox, "Start Office Digital", subTypeId=63706)

    await poll(hub)
    unheard = await sources()
    await poll_by_id(hub)

    assert (unheard, await sources()) == (set(), {number})


async def test_what_was_heard_by_its_id_is_not_read_again_once_the_overlap_is_over(
    hub, sandbox, blind_search
):
    await sell(sandbox, "Start Office Digital")
    await poll_by_id(hub)
    last = await sell(sandbox, "Start Office Finance")
    await poll_by_id(hub)

    before = len(await sandbox.calls("/Activity/"))
    await poll_by_id(hub)

    (asked,) = (await sandbox.calls("/Activity/"))[before:]
    assert (asked["path"], asked["action"]) == ("/api/v1/Activity/SearchIds", "search_ids")
    assert (await mark()).highest_id == last


async def test_a_young_id_is_read_again_because_a_lower_one_may_still_be_hidden(hub, sandbox, blind_search):
    await poll_by_id(hub)
    before = (await mark()).highest_id
    await sell(sandbox, "Start Office Digital")

    await poll_by_id(hub, overlap=300.0)

    assert await Ticket.all().count() == 1
    assert (await mark()).highest_id == before


async def test_the_ids_of_the_past_are_read_back_to_the_beginning_and_no_further(hub, sandbox, blind_search):
    earlier = datetime.now(UTC) - timedelta(days=4)
    await be_due()

    await by_id(hub, since=earlier).poll()

    assert ACTIVITY_OF_THE_STORY in await sources()
    assert len(await sandbox.calls("GetFull")) < len(await sandbox.records("Activity"))


async def test_what_was_read_before_the_crm_failed_is_not_read_again(hub, sandbox, blind_search):
    known = await sell(sandbox, "Start Office Digital")
    await poll_by_id(hub)
    first = await sell(sandbox, "Start Office Digital")
    last = await sell(sandbox, "Start Office Finance", companyId=408102)
    fault = {"controller": "Activity", "action": "get", "nth": 2}
    await sandbox.plan("status", match=fault, args={"status": 500}, times=1)

    await poll_by_id(hub)
    heard = await sources(), (await mark()).highest_id
    await poll_by_id(hub)

    assert heard == ({known, first}, first)
    assert (await sources(), (await mark()).highest_id) == ({known, first, last}, last)


async def test_the_mark_of_ids_does_not_pass_a_sale_that_failed(hub, sandbox, blind_search):
    await poll_by_id(hub)
    number = await sell(sandbox, "Start Office Digital")
    await sell(sandbox, "Start Office Finance", companyId=408102)
    await sandbox.plan("status", match={"controller": "Company"}, args={"status": 500}, times=1)

    await poll_by_id(hub)

    assert len(await sources()) == 1
    assert (await mark()).highest_id < number
    await poll_by_id(hub)
    assert len(await sources()) == 2


# Once


async def test_the_overlap_shows_a_sale_again_and_nothing_comes_of_it(hub, hub_url, sandbox):
    await sell(sandbox, "Start Office Digital")
    await poll(hub)
    before = dump(hub_url, without=("poll_mark",))
    asked = len(await sandbox.calls("/Company/"))

    await poll(hub)

    assert dump(hub_url, without=("poll_mark",)) == before
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
        # As if a round had heard of a later sale, and this one had not been shown yet.
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


async def test_what_happened_while_nobody_listened_is_heard_after_a_restart(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        await hub.poller.poll()
    number = await sell(sandbox, "Start Office Digital")

    async with hub_over(hub_url, sandbox) as hub:
        await poll(hub)

        assert await sources() == {number}


# The inbox


async def test_a_waiting_sale_that_is_corrected_in_the_crm_becomes_a_ticket_by_itself(hub, sandbox):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")

    await poll(hub)

    item = await IntakeItem.get()
    assert (item.status, item.ticket_id) == (IntakeStatus.RESOLVED, (await Ticket.get()).id)


async def test_an_old_sale_that_waits_is_followed_like_a_new_one(hub, sandbox, giulia):
    await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await edit_record(sandbox, "Activity", NAMELESS, description="Start Office Digital")

    await poll(hub)

    assert await sources() == {NAMELESS}


async def test_a_waiting_sale_that_did_not_change_is_not_looked_at_again(hub, sandbox):
    await sell(sandbox, "Vendita")
    await poll(hub)
    asked = len(await sandbox.calls("/Company/"))

    await poll(hub)

    assert len(await sandbox.calls("/Company/")) == asked


async def test_a_dismissed_sale_stays_dismissed_even_when_it_changes(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    item = await hub.intake.dismiss((await IntakeItem.get()).id, actor=giulia.id)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")

    await poll(hub)

    assert (await IntakeItem.get()).version == item.version
    assert await Ticket.all().count() == 0


async def test_a_sale_dismissed_while_its_company_is_asked_for_stays_dismissed(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")
    record = await hub.crm.get_activity(number)
    item = await hub.intake.dismiss((await IntakeItem.get()).id, actor=giulia.id)

    imported = await hub.intake.take_in(record, actor="system:poller")

    assert imported.intake_item_id == item.id
    assert await Ticket.all().count() == 0


# The mark


async def test_the_mark_moves_to_the_newest_change_and_stays_there(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    record = await hub.crm.get_activity(number)

    await poll(hub)
    await poll(hub)

    assert (await mark()).high_water == record.modified_at


async def test_one_sale_that_breaks_us_stops_neither_the_others_nor_itself_for_good(
    hub, sandbox, monkeypatch
):
    broken = await sell(sandbox, "Start Office Digital")
    fine = await sell(sandbox, "Start Office Finance", companyId=408102)
    take_in = Intake.take_in

    async def stumble(self, record, *, actor):
        if record.id == broken:
            raise ZeroDivisionError
        return await take_in(self, record, actor=actor)

    with monkeypatch.context() as bug, capture_logs() as logs:
        bug.setattr(Intake, "take_in", stumble)
        await poll(hub)
        await poll(hub)

    assert await sources() == {fine}
    assert (await mark()).high_water <= (await hub.crm.get_activity(broken)).modified_at
    assert [log["crm_activity_id"] for log in logs if log["event"] == "sale_not_taken_in"] == [broken]

    await poll(hub)

    assert await sources() == {broken, fine}
    assert (await mark()).high_water == (await hub.crm.get_activity(fine)).modified_at


async def test_a_sale_whose_company_cannot_be_read_now_is_taken_in_later(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    await sandbox.plan("status", match={"controller": "Company"}, args={"status": 500}, times=1)
    await poll(hub)
    assert await sources() == set()

    await poll(hub)

    assert await sources() == {number}


# A CRM that fails


@pytest.mark.parametrize(
    ("fault", "args", "least"),
    [
        pytest.param("drop_before", {}, 60, id="drops the line"),
        pytest.param("html_502", {}, 60, id="is behind a broken proxy"),
        pytest.param("truncated_body", {}, 60, id="stops in the middle"),
        pytest.param("status", {"status": 429, "retry_after": 400}, 400, id="has had enough"),
    ],
)
async def test_a_crm_that_fails_is_asked_again_later_and_nothing_is_lost(hub, sandbox, fault, args, least):
    before = await mark()
    number = await sell(sandbox, "Start Office Digital")
    await sandbox.plan(fault, match={"controller": "Activity"}, args=args, times=None)

    wait = await poll(hub)

    assert wait >= least
    assert ((await mark()).high_water, (await mark()).failures) == (before.high_water, 1)
    await forgive(sandbox)
    await end_the_pause()
    await poll(hub)
    assert (await sources(), (await mark()).failures) == ({number}, 0)


async def forgive(sandbox):
    async with aiohttp.ClientSession() as session:
        await session.delete(f"{sandbox.control}/control/faults")


async def end_the_pause():
    await CallSlot.all().update(paused_until=0.0)


async def close_the_circuit():
    """What time does in life: after five failures in a row nobody calls for a while."""
    await CallCircuit.all().delete()


async def test_a_crm_that_stays_down_is_asked_less_and_less_and_told_once(hub, sandbox):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)

    with capture_logs() as logs:
        waits = [await poll(hub) for _ in range(5)]
        await forgive(sandbox)
        await close_the_circuit()
        waits.append(await poll(hub))

    assert waits == [60, 120, 240, 480, 600, 60]
    told = [log["event"] for log in logs if log["event"].startswith("poll_")]
    assert told == ["poll_failing", "poll_recovered"]


async def test_its_last_failure_shows_in_the_health_and_not_that_the_crm_is_left_alone(hub, sandbox):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)

    for _ in range(6):
        await poll(hub)

    health = await hub.lookout.health()
    assert health.breaker is BreakerState.OPEN
    [failure] = health.last_errors
    assert failure.label == "Polling for sales"
    assert failure.words.startswith("GET Activity/Search ")


# One at a time


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


async def test_an_earlier_beginning_takes_the_round_from_whoever_is_at_it(hub, sandbox):
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


# As a part of the hub


async def test_a_working_hub_polls_at_its_interval(hub_url, sandbox):
    async with hub_over(hub_url, sandbox, poll_seconds=0.05) as hub, working_in_background(hub):
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        while not await PollMark.filter(holder=None).exists():
            await asyncio.sleep(0.02)

        number = await sell(sandbox, "Start Office Digital")

        async with asyncio.timeout(5):
            while await sources() != {number}:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("interval", "patience", "asks"),
    [pytest.param(0, 0.5, False, id="zero"), pytest.param(0.05, 10.0, True, id="control: more than zero")],
)
async def test_an_interval_of_zero_switches_polling_off(hub_url, sandbox, interval, patience, asks):
    async with hub_over(hub_url, sandbox, poll_seconds=interval) as hub, working_in_background(hub):
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not await sandbox.calls("Activity"):
                    await asyncio.sleep(0.02)

    assert bool(await sandbox.calls("Activity")) is asks


async def test_polling_leaves_the_first_calls_to_people_who_wait(hub, sandbox, monkeypatch):
    priorities = []
    take = CallLimiter.take

    async def note(self, priority):
        priorities.append(priority.name)
        return await take(self, priority)

    monkeypatch.setattr(CallLimiter, "take", note)
    await sell(sandbox, "Start Office Digital")

    await poll(hub)

    assert set(priorities) == {"BACKGROUND"}
