import asyncio
from contextlib import aclosing
from datetime import UTC, date, datetime

import pytest

from models import Company, Event, Operator
from models.identity import new_id
from services.events import Broadcast, EventLog, Feeds, FollowState, Rhythm
from tests.support.background import tasks_that_go_on
from tests.support.hub import SteppedClock
from tests.support.live_trees import ROME

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def broadcast():
    return Broadcast()


@pytest.fixture
def events(db, broadcast):
    return EventLog(clock=lambda: NOW, broadcast=broadcast)


def feeds_on(broadcast, *, today=lambda: date(2026, 11, 22), **rhythm):
    return Feeds(broadcast, today=today, rhythm=Rhythm(**rhythm))


@pytest.fixture
def feeds(broadcast):
    return feeds_on(broadcast)


async def see(events, *names):
    async with events.change("intake", actor="test") as change:
        for name in names:
            await change.create(
                Company(crm_id=hash(name), name=name, refreshed_at=NOW), kind="COMPANY_CREATED"
            )


async def event_at(seq):
    return (await Event.get(stream_id="intake", seq=seq)).id


async def receive(follower, count):
    async with asyncio.timeout(60):
        return [await anext(follower) for _ in range(count)]


def names_in(follows):
    """The names in each commit of these follows."""
    return [[event.after["name"] for event in commit.events] for one in follows for commit in one.commits]


async def until_seq(follower, seq):
    """Everything up to a place, however the commits were read together."""
    received = []
    async with asyncio.timeout(60):
        while not received or received[-1].place.seq < seq:
            received.append(await anext(follower))
    return received


async def test_a_watcher_begins_at_the_present_and_then_gets_each_commit_once(events, feeds):
    await see(events, "A", "B")
    follower = feeds.follow("intake")

    [snapshot] = await receive(follower, 1)
    await see(events, "C", "D")
    await see(events, "E")
    received = await until_seq(follower, 5)

    assert (snapshot.state, snapshot.place.seq, snapshot.previous) == (FollowState.SNAPSHOT, 2, None)
    assert names_in(received) == [["C", "D"], ["E"]]
    assert [one.previous.seq for one in received] == [2, *(one.place.seq for one in received[:-1])]


async def test_a_watcher_that_comes_back_gets_what_it_missed_and_continues(events, feeds):
    for name in "ABC":
        await see(events, name)
    follower = feeds.follow("intake", after=await event_at(1))

    missed = await receive(follower, 1)
    await see(events, "D")
    live = await receive(follower, 1)

    assert names_in(missed) == [["B"], ["C"]]
    assert [(one.previous.seq, one.place.seq) for one in missed + live] == [(1, 3), (3, 4)]
    assert names_in(live) == [["D"]]


async def test_a_cursor_in_the_middle_of_a_commit_repeats_the_whole_commit(events, feeds):
    await see(events, "A", "B", "C")
    await see(events, "D")

    [missed] = await receive(feeds.follow("intake", after=await event_at(2)), 1)

    assert names_in([missed]) == [["A", "B", "C"], ["D"]]


@pytest.mark.parametrize("cursor", [pytest.param(new_id("evt"), id="of no event"), "", "\x00", "2147483648"])
async def test_a_cursor_that_the_log_does_not_know_has_expired(events, feeds, cursor):
    await see(events, "A")

    received = [one async for one in feeds.follow("intake", after=cursor)]

    assert [(one.state, one.place.seq, one.place.cursor) for one in received] == [
        (FollowState.EXPIRED, 1, cursor)
    ]


async def test_a_cursor_of_another_stream_has_expired(events, feeds):
    await see(events, "A")
    async with events.change("access", actor="test") as change:
        await change.create(
            Operator(name="G", email="g@example.it", role="VIEWER", created_at=NOW), kind="OPERATOR_SAVED"
        )
    elsewhere = (await Event.get(stream_id="access")).id

    received = [one.state async for one in feeds.follow("intake", after=elsewhere)]

    assert received == [FollowState.EXPIRED]


async def test_a_log_longer_than_the_patience_can_be_watched_and_resumed(events, broadcast):
    for name in "ABCDE":
        await see(events, name)
    feeds = feeds_on(broadcast, patience=2)
    fresh, resumed = feeds.follow("intake"), feeds.follow("intake", after=await event_at(1))

    snapshot, missed = await receive(fresh, 1), await receive(resumed, 1)
    await see(events, "F")

    assert snapshot[0].place.seq == 5
    assert names_in(missed) == [["B"], ["C"], ["D"], ["E"]]
    assert names_in(await receive(fresh, 1) + await receive(resumed, 1)) == [["F"], ["F"]]


async def test_a_process_that_was_not_woken_reads_the_log_before_it_answers(events):
    deaf = feeds_on(Broadcast(), resync=60)
    await receive(deaf.follow("intake"), 1)
    for name in "AB":
        await see(events, name)

    resumed = await receive(deaf.follow("intake", after=await event_at(1)), 1)
    snapshot = await receive(deaf.follow("intake"), 1)

    assert names_in(resumed) == [["B"]]
    assert snapshot[0].place.seq == 2


async def test_a_watcher_that_leaves_does_not_end_one_that_is_still_coming(events, feeds):
    await see(events, "A")
    leaving, coming = feeds.follow("intake"), feeds.follow("intake")
    await receive(leaving, 1)
    first = asyncio.create_task(anext(coming))
    await asyncio.sleep(0)

    await leaving.aclose()

    async with asyncio.timeout(60):
        assert (await first).place.seq == 1


async def test_a_watcher_that_is_too_slow_receives_lagged_and_can_resume(events, broadcast):
    feeds = feeds_on(broadcast, patience=2)
    follower = feeds.follow("intake")
    await receive(follower, 1)
    for name in "ABCD":
        await see(events, name)
        await asyncio.sleep(0.02)

    rest = [one async for one in follower]
    resumed = await receive(feeds.follow("intake", after=await event_at(1)), 1)

    assert [one.state for one in rest] == [FollowState.LAGGED]
    assert rest[0].place.seq == 0
    assert names_in(resumed) == [["B"], ["C"], ["D"]]


async def test_a_lost_wake_up_is_made_good_by_reading_now_and_then(events):
    follower = feeds_on(Broadcast(), resync=0.05).follow("intake")
    await receive(follower, 1)

    await see(events, "A")

    assert names_in(await receive(follower, 1)) == [["A"]]


@pytest.fixture
def log_reads(monkeypatch):
    """The reads of the log so far; while `down` is set, they fail."""
    import services.events.feed as feed_module

    original = feed_module.commits_after

    class LogReads(list):
        down = False

    reads = LogReads()

    async def counting(*args):
        reads.append(args)
        if reads.down:
            raise OSError("the database is away")
        return await original(*args)

    monkeypatch.setattr(feed_module, "commits_after", counting)
    return reads


async def test_a_thousand_watchers_cost_one_read_of_the_log_for_each_change(events, feeds, log_reads):
    followers = [feeds.follow("intake") for _ in range(1000)]
    await asyncio.gather(*(anext(one) for one in followers))
    log_reads.clear()

    await see(events, "A")
    received = await asyncio.gather(*(anext(one) for one in followers))

    assert {str(names_in([one])) for one in received} == {"[['A']]"}
    assert len(log_reads) == 1


async def test_what_is_done_once_for_a_batch_is_done_once_for_all_its_watchers(events, feeds):
    followers = [feeds.follow("intake") for _ in range(3)]
    await asyncio.gather(*(anext(one) for one in followers))
    await see(events, "A")
    received = await asyncio.gather(*(anext(one) for one in followers))
    done = []

    async def work():
        done.append("work")
        await asyncio.sleep(0.01)
        return "result"

    first = asyncio.create_task(received[0].batch.once("key", work))
    await asyncio.sleep(0)
    first.cancel()
    results = await asyncio.gather(*(one.batch.once("key", work) for one in received))

    assert results == ["result"] * 3
    assert done == ["work"]


async def test_silence_is_vouched_for_by_a_read_of_the_log(events, broadcast, log_reads):
    await see(events, "A")
    follower = feeds_on(broadcast, resync=60, alive=0.05).follow("intake")
    await receive(follower, 1)

    first, second = await receive(follower, 2)

    assert [(one.state, one.place.seq, one.previous.seq) for one in (first, second)] == [
        (FollowState.ALIVE, 1, 1)
    ] * 2
    assert log_reads.count(("intake", 1)) >= 2


async def test_silence_is_not_reported_while_the_log_cannot_be_read(events, broadcast, log_reads):
    follower = feeds_on(broadcast, resync=0.02, alive=0.1).follow("intake")
    await receive(follower, 1)
    log_reads.down = True
    log_reads.clear()
    received = asyncio.create_task(anext(follower))
    async with asyncio.timeout(60):
        while len(log_reads) < 2:
            await asyncio.sleep(0.02)
    if received.done():  # It was reported before the log went away.
        received = asyncio.create_task(anext(follower))
    await asyncio.sleep(0.4)
    silent = not received.done()

    log_reads.down = False
    alive = await asyncio.wait_for(received, 60)

    assert silent
    assert alive.state is FollowState.ALIVE


@pytest.mark.parametrize(
    ("before", "midnight"),
    [
        pytest.param(datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 29), id="before summer time"),
        pytest.param(datetime(2026, 10, 24, 21, 59, tzinfo=UTC), date(2026, 10, 25), id="before winter time"),
    ],
)
async def test_at_the_calendars_midnight_watchers_get_the_new_day_once(events, broadcast, before, midnight):
    clock = SteppedClock(before)
    today = lambda: ROME.today(clock())  # noqa: E731
    follower = feeds_on(broadcast, today=today, resync=0.02, alive=60).follow("intake")
    await receive(follower, 1)
    received = asyncio.create_task(anext(follower))
    await asyncio.sleep(0.1)
    early = received.done()

    clock.advance(minutes=2)
    alive = await asyncio.wait_for(received, 30)
    again = asyncio.create_task(anext(follower))
    await asyncio.sleep(0.1)

    assert not early
    assert (alive.state, today()) == (FollowState.ALIVE, midnight)
    assert not again.done()
    again.cancel()


async def test_the_last_watcher_turns_off_the_light(events, feeds):
    follower = feeds.follow("intake")
    await receive(follower, 1)

    await follower.aclose()

    assert feeds._feeds == {}


@pytest.mark.parametrize("turns", range(5))
async def test_nothing_goes_on_after_the_last_watcher_left_even_in_the_turn_of_a_change(
    db, feeds, broadcast, turns
):
    before = asyncio.all_tasks()
    follower = feeds.follow("intake")
    await receive(follower, 1)
    await asyncio.sleep(0.05)

    broadcast.wake("intake")
    for _ in range(turns):
        await asyncio.sleep(0)
    await follower.aclose()

    assert await tasks_that_go_on(besides=before) == set()


async def test_others_have_their_turn_between_the_deliveries_of_one_change(events, broadcast):
    turns = []

    async def give_way():
        turns.append(len(served))
        await asyncio.sleep(0)

    served: list[int] = []
    feeds = Feeds(broadcast, today=lambda: date(2026, 11, 22), rhythm=Rhythm(at_once=10), give_way=give_way)

    async def follow(number):
        async with aclosing(feeds.follow("intake")) as follower:
            await anext(follower)
            arrived.release()
            await anext(follower)
            served.append(number)

    arrived = asyncio.Semaphore(0)
    followers = [asyncio.create_task(follow(number)) for number in range(35)]
    for _ in followers:
        await arrived.acquire()
    await see(events, "one")
    async with asyncio.timeout(60):
        await asyncio.gather(*followers)

    assert len(turns) == 3
    assert turns == sorted(turns)
    assert len(served) == 35


async def test_those_who_begin_together_share_a_beginning_that_is_read_after_all_of_them_asked(events, feeds):
    await see(events, "one")
    first = [feeds.follow("intake") for _ in range(50)]
    beginnings = await asyncio.gather(*(anext(one) for one in first))
    await see(events, "two")
    later = [feeds.follow("intake") for _ in range(50)]
    later_beginnings = await asyncio.gather(*(anext(one) for one in later))
    for one in (*first, *later):
        await one.aclose()

    assert len({id(one.batch) for one in beginnings}) == 1
    assert len({id(one.batch) for one in later_beginnings}) == 1
    assert [one[0].place.seq for one in (beginnings, later_beginnings)] == [1, 2]
