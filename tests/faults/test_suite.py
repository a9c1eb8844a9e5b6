"""The short form of the fault suite; `make faults` runs the long one."""

from collections.abc import Iterator

import pytest

from tests.faults.families import FAMILIES
from tests.faults.plan import Database, Family
from tests.faults.suite import Outcome, Theatre, bill_of, complaints, opened_theatre, play_all, tallied
from tests.faults.table import empty_phases, rendered

AT_ONCE = 3
MORE = range(100, 106)
"""Seeds of further kills, should the first ones have missed a phase."""


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with opened_theatre(tmp_path_factory.mktemp("faults"), short_families(Database.SQLITE)) as theatre:
        yield theatre


def short_families(database: Database) -> list[Family]:
    return [family for family in FAMILIES.values() if family.short and family.plan(0).database is database]


def play_short(theatre: Theatre, database: Database) -> dict[str, list[Outcome]]:
    bill = bill_of(short_families(database), short=True)
    return play_all(theatre, bill, at_once=AT_ONCE, watch=lambda _: None)


def test_nothing_is_lost_or_doubled_and_faults_strike_in_every_phase_of_an_items_life(theatre):
    outcomes = play_short(theatre, Database.SQLITE)

    for seed in MORE:
        if not empty_phases(tallied(outcomes)):
            break
        outcomes["killed"].append(theatre.play(FAMILIES["killed"], seed))
    print(f"\n{rendered(tallied(outcomes))}")
    assert not complaints(outcomes), "\n".join(complaints(outcomes))
    assert not empty_phases(tallied(outcomes)), rendered(tallied(outcomes))


@pytest.mark.postgres
def test_many_processes_lose_nothing_and_double_nothing(tmp_path):
    with opened_theatre(tmp_path, short_families(Database.POSTGRES)) as theatre:
        outcomes = play_short(theatre, Database.POSTGRES)

    print(f"\n{rendered(tallied(outcomes))}")
    assert not complaints(outcomes), "\n".join(complaints(outcomes))
