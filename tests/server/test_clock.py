"""The clock of a process, over a source that somebody sets."""

from datetime import UTC, datetime, timedelta

import pytest

from server.clock import DatabaseTime, GuardedClock

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """Its wall clock, which can be set, and the time that really passes."""

    def __init__(self) -> None:
        self.wall = NOON
        self.elapsed = 0.0

    def pass_time(self, seconds):
        self.elapsed += seconds
        self.wall += timedelta(seconds=seconds)

    def clock(self, **bounds):
        return GuardedClock(lambda: self.wall, passed=lambda: self.elapsed, **bounds)


@pytest.fixture
def machine():
    return Machine()


def test_it_shows_the_time_of_its_source(machine):
    clock = machine.clock()

    machine.pass_time(90)

    assert clock() == NOON + timedelta(seconds=90)
    assert clock.steady_since() == NOON


def test_it_continues_at_half_speed_when_its_source_is_set_back(machine):
    clock = machine.clock()

    machine.wall -= HOUR
    at_once = clock()
    machine.pass_time(60)

    assert at_once == NOON
    assert clock() == NOON + timedelta(seconds=30)
    assert clock.steady_since() == NOON


def test_it_shows_its_sources_time_again_once_that_has_caught_up(machine):
    clock = machine.clock()

    machine.wall -= HOUR
    for _ in range(130):
        machine.pass_time(60)
        clock()

    assert clock() == machine.wall


def test_a_jump_ahead_begins_a_new_steady_time(machine):
    clock = machine.clock()

    machine.wall += HOUR

    assert clock.steady_since() == clock() == NOON + HOUR


def test_a_machine_that_slept_has_not_jumped(machine):
    clock = machine.clock()

    machine.pass_time(8 * 3600)

    assert clock.steady_since() == NOON


def test_it_follows_back_from_a_time_that_was_years_ahead(machine):
    machine.wall += timedelta(days=3650)
    clock = machine.clock()

    machine.wall -= timedelta(days=3650)

    assert clock() == NOON
    assert clock.steady_since() == NOON


@pytest.mark.parametrize(
    ("ahead", "begins_at"),
    [
        pytest.param(HOUR, NOON + HOUR, id="an hour ahead"),
        pytest.param(timedelta(days=3650), NOON, id="years ahead, which was wrong"),
        pytest.param(-HOUR, NOON, id="an hour ago"),
    ],
)
def test_it_begins_no_earlier_than_what_was_written_before(machine, ahead, begins_at):
    assert machine.clock(not_before=NOON + ahead)() == begins_at


async def test_the_time_of_the_database_is_counted_on_between_two_answers(machine):
    server = [NOON]

    async def ask():
        machine.elapsed += 0.2
        return server[0]

    clock = DatabaseTime(ask, passed=lambda: machine.elapsed)
    await clock.measure()
    machine.elapsed += 10

    assert clock() == NOON + timedelta(seconds=10.1)


async def test_a_slow_answer_does_not_set_the_time(machine):
    async def ask():
        return NOON

    async def ask_slowly():
        machine.elapsed += 5
        return NOON

    clock = DatabaseTime(ask, passed=lambda: machine.elapsed)
    await clock.measure()
    clock._ask = ask_slowly
    await clock.measure()

    assert clock() == NOON + timedelta(seconds=5)
