"""The short form of the fault suite; `make faults` runs the long one."""

from collections.abc import Iterator

import pytest

from tests.faults.families import FAMILIES
from tests.faults.plan import Database, Family
from tests.faults.suite import Outcome, Suite, failures, opened_suite, run_all, schedule_of, tallied
from tests.faults.table import empty_phases, rendered

# Each test plays many runs, and each run may take the whole of its patience on a busy machine.
pytestmark = pytest.mark.timeout(3600)

AT_ONCE = 3
MORE = range(100, 106)
"""Seeds of further kills, should the first ones have missed a phase."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with opened_suite(tmp_path_factory.mktemp("faults"), short_families(Database.SQLITE)) as suite:
        yield suite


def short_families(database: Database) -> list[Family]:
    return [family for family in FAMILIES.values() if family.short and family.plan(0).database is database]


def run_short(suite: Suite, database: Database) -> dict[str, list[Outcome]]:
    schedule = schedule_of(short_families(database), short=True)
    return run_all(suite, schedule, at_once=AT_ONCE, watch=lambda _: None)


def test_nothing_is_lost_or_doubled_and_faults_strike_in_every_phase_of_an_items_life(suite):
    outcomes = run_short(suite, Database.SQLITE)

    for seed in MORE:
        if not empty_phases(tallied(outcomes)):
            break
        outcomes["killed"].append(suite.run(FAMILIES["killed"], seed))
    print(f"\n{rendered(tallied(outcomes))}")
    assert not failures(outcomes), "\n".join(failures(outcomes))
    assert not empty_phases(tallied(outcomes)), rendered(tallied(outcomes))


@pytest.mark.postgres
def test_many_processes_lose_nothing_and_double_nothing(tmp_path):
    with opened_suite(tmp_path, short_families(Database.POSTGRES)) as suite:
        outcomes = run_short(suite, Database.POSTGRES)

    print(f"\n{rendered(tallied(outcomes))}")
    assert not failures(outcomes), "\n".join(failures(outcomes))
