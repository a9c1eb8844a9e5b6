import asyncio
from datetime import UTC, datetime

import pytest

from models import Company
from services.events import Broadcast, EventLog, Feeds, FollowState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Names:
    """Shows the names of the companies seen so far."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def apply(self, events):
        new = [e.after["name"] for e in events if e.kind == "COMPANY_SEEN"]
        self.names += new
        return new or None

    def snapshot(self):
        return list(self.names)


@pytest.fixture
def broadcast():
    return Broadcast()


@pytest.fixture
def events(db, broadcast):
    return EventLog(clock=lambda: NOW, broadcast=broadcast)


async def see(events, *names, kind="COMPANY_SEEN"):
    async with events.change("intake", actor="test") as change:
        for name in names:
            await change.create(Company(crm_id=hash(name), name=name, refreshed_at=NOW), kind=kind)


async def hear(follower, count):
    async with asyncio.timeout(5):
        return [await anext(follower) for _ in range(count)]


async def test_a_watcher_begins_with_a_snapshot_and_then_hears_each_transaction_once(events, broadcast):
    feeds = Feeds(broadcast, Names)
    await see(events, "A", "B")
    follower = feeds.follow("intake")

    snapshot = (await hear(follower, 1))[0]
    await see(events, "C", "D")
    await see(events, "noise", kind="COMPANY_CHANGED")
    await see(events, "E")
    heard = await hear(follower, 2)

    assert (snapshot.state, snapshot.seq, snapshot.item) == (FollowState.SNAPSHOT, 2, ["A", "B"])
    assert [(h.seq, h.previous_seq, h.item) for h in heard] == [(4, 2, ["C", "D"]), (6, 4, ["E"])]


async def test_a_watcher_that_comes_back_hears_what_it_missed_and_goes_on(events, broadcast):
    feeds = Feeds(broadcast, Names)
    for name in "ABC":
        await see(events, name)
    follower = feeds.follow("intake", after=1)

    missed = await hear(follower, 2)
    await see(events, "D")
    live = await hear(follower, 1)

    assert [(h.seq, h.previous_seq, h.item) for h in missed + live] == [
        (2, 1, ["B"]),
        (3, 2, ["C"]),
        (4, 3, ["D"]),
    ]


async def test_a_cursor_that_the_log_does_not_know_is_answered_not_ignored(events, broadcast):
    await see(events, "A")
    follower = Feeds(broadcast, Names).follow("intake", after=99)

    assert [h.state for h in [h async for h in follower]] == [FollowState.EXPIRED]


async def test_a_watcher_that_is_too_slow_is_told_so(events, broadcast):
    feeds = Feeds(broadcast, Names, patience=2)
    follower = feeds.follow("intake")
    await hear(follower, 1)
    for name in "ABCD":
        await see(events, name)
        await asyncio.sleep(0.02)

    rest = [h.state async for h in follower]

    assert rest[-1] == FollowState.LAGGED


async def test_what_cannot_be_shown_takes_nothing_before_it_along(events, monkeypatch):
    unheard = Broadcast()
    follower = Feeds(unheard, Names, resync=1.0).follow("intake")
    await hear(follower, 1)
    apply, failures = Names.apply, [LookupError()]

    def stumble_over_b(self, group):
        if failures and group[0].after["name"] == "B":
            raise failures.pop()
        return apply(self, group)

    monkeypatch.setattr(Names, "apply", stumble_over_b)
    for name in "ABC":
        await see(events, name)
    unheard.wake("intake")

    assert [follow.item for follow in await hear(follower, 3)] == [["A"], ["B"], ["C"]]


async def test_a_lost_wake_up_is_made_good_by_looking_now_and_then(events):
    feeds = Feeds(Broadcast(), Names, resync=0.05)
    follower = feeds.follow("intake")
    await hear(follower, 1)

    await see(events, "A")

    assert (await hear(follower, 1))[0].item == ["A"]


async def test_a_thousand_watchers_cost_one_query_for_each_change(events, broadcast, monkeypatch):
    reads = []
    import services.events.feed as feed_module

    original = feed_module.read_stream

    async def counting(*args, **kwargs):
        reads.append(kwargs)
        return await original(*args, **kwargs)

    monkeypatch.setattr(feed_module, "read_stream", counting)
    feeds = Feeds(broadcast, Names)
    followers = [feeds.follow("intake") for _ in range(1000)]
    await asyncio.gather(*(anext(f) for f in followers))
    reads.clear()

    await see(events, "A")
    heard = await asyncio.gather(*(anext(f) for f in followers))

    assert {tuple(h.item) for h in heard} == {("A",)}
    assert len(reads) == 1


async def test_the_last_watcher_turns_off_the_light(events, broadcast):
    feeds = Feeds(broadcast, Names)
    follower = feeds.follow("intake")
    await hear(follower, 1)

    await follower.aclose()

    assert feeds._feeds == {}
