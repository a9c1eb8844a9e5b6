"""Clocks that jump between two looks, and processes that did not see the first one."""

from datetime import timedelta

import pytest

from models import ActionItem
from server.clock import GuardedClock
from services.actions import Costs, Engine
from services.actions.engine.timing import always
from services.events import Broadcast, EventLog
from services.vocabulary import ItemOutcome
from tests.support.action_kinds import TIMING, press


class Machine:
    """A wall clock that somebody sets, and the time that really passes."""

    def __init__(self, clock) -> None:
        self.wall = clock
        self.elapsed = 0.0

    def pass_time(self, seconds):
        self.elapsed += seconds
        self.wall.advance(seconds)

    def clock(self):
        return GuardedClock(self.wall, passed=lambda: self.elapsed)


@pytest.fixture
def machine(clock):
    return Machine(clock)


@pytest.fixture
def start(db, machine, making):
    """Starts a process and returns its engine; without its guard it trusts the wall clock."""

    def start(*, guarded=True):
        guard = machine.clock()
        events = EventLog(clock=guard if guarded else machine.wall, broadcast=Broadcast())
        return Engine(
            kinds={"MAKE": making},
            events=events,
            timing=TIMING,
            costs=Costs(),
            steady_since=guard.steady_since if guarded else always,
        )

    return start


async def look(engine):
    for lane in await engine.due_lanes():
        await engine.run_lane(lane)


async def jump_between_two_looks(engine, events, making, machine):
    """A record that the CRM's search does not show for 25 seconds, and a clock that is set ahead after one."""
    making.script = ["committed, then lost"]
    await press(events, "A")
    await look(engine)
    making.hidden = 1
    machine.pass_time(TIMING.lease.total_seconds())
    await look(engine)
    machine.pass_time(1)
    machine.wall.advance(3600)
    await look(engine)
    machine.pass_time(25)
    making.hidden = 0
    for _ in range(5):
        machine.pass_time(60)
        await look(engine)


async def test_a_clock_set_ahead_between_two_looks_makes_no_double(start, events, making, machine):
    await jump_between_two_looks(start(), events, making, machine)

    assert making.crm == ["A"]
    assert (await ActionItem.get()).outcome == ItemOutcome.CREATED


async def test_control_without_the_guard_the_jump_makes_a_double(start, events, making, machine):
    await jump_between_two_looks(start(guarded=False), events, making, machine)

    assert making.crm == ["A", "A"]


async def restart_with_the_clock_set_ahead(start, events, making, machine, *, guarded=True):
    """The process dies behind its claim, and its request takes effect 20 seconds later."""
    making.script = ["lost"]
    await press(events, "A")
    await look(start(guarded=guarded))
    machine.pass_time(1)
    machine.wall.advance(3600)
    engine = start(guarded=guarded)
    await look(engine)
    machine.pass_time(20)
    making.crm.append("A")
    making.hidden = 1
    machine.pass_time(12)
    await look(engine)
    machine.pass_time(15)
    making.hidden = 0
    for _ in range(5):
        machine.pass_time(60)
        await look(engine)


async def test_a_restart_with_the_clock_set_ahead_makes_no_double(start, events, making, machine):
    await restart_with_the_clock_set_ahead(start, events, making, machine)

    assert making.crm == ["A"]


async def test_control_without_the_guard_such_a_restart_makes_a_double(start, events, making, machine):
    await restart_with_the_clock_set_ahead(start, events, making, machine, guarded=False)

    assert making.crm == ["A", "A"]


async def test_a_clock_set_back_by_an_hour_stalls_nothing(start, events, making, machine):
    engine = start()
    making.script = ["lost"]
    await press(events, "A")
    await look(engine)

    machine.wall.now -= timedelta(hours=1)
    for _ in range(12):
        machine.pass_time(20)
        await look(engine)

    assert making.crm == ["A"]
    assert (await ActionItem.get()).outcome == ItemOutcome.CREATED


async def test_control_without_the_guard_it_stalls(start, events, making, machine):
    engine = start(guarded=False)
    making.script = ["lost"]
    await press(events, "A")
    await look(engine)

    machine.wall.now -= timedelta(hours=1)
    for _ in range(12):
        machine.pass_time(20)
        await look(engine)

    assert making.crm == []
