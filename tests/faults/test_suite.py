"""The short form of the fault suite; `make faults` runs the long one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.families import FAMILIES
from tests.faults.plan import Database
from tests.faults.suite import Outcome, Theatre, bill_of, complaints, opened_theatre, play_all, tallied
from tests.faults.table import empty_phases, rendered

AT_ONCE = 4
MORE = range(100, 106)
"""Seeds of further kills, should the first ones have missed a phase."""

KILLED = {Database.SQLITE: "killed", Database.POSTGRES: "killed, many processes"}


@dataclass(frozen=True)
class Played:
    theatre: Theatre
    database: Database
    outcomes: dict[str, list[Outcome]]

    def play_more_kills(self, seed: int) -> None:
        family = FAMILIES[KILLED[self.database]]
        self.outcomes[family.name].append(self.theatre.play(family, seed))


@pytest.fixture(
    scope="module", params=[Database.SQLITE, pytest.param(Database.POSTGRES, marks=pytest.mark.postgres)]
)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    families = [
        family for family in FAMILIES.values() if family.short and family.plan(0).database is request.param
    ]
    with opened_theatre(tmp_path_factory.mktemp("faults"), families) as theatre:
        outcomes = play_all(theatre, bill_of(families, short=True), at_once=AT_ONCE, watch=lambda _: None)
        print(f"\n{rendered(tallied(outcomes))}")
        yield Played(theatre, request.param, outcomes)


def test_nothing_is_lost_nothing_is_there_twice_and_without_its_safeguards_the_hub_comes_to_harm(played):
    assert not complaints(played.outcomes), "\n".join(complaints(played.outcomes))


def test_faults_strike_in_every_phase_of_an_items_life(played):
    for seed in MORE:
        if not empty_phases(tallied(played.outcomes)):
            break
        played.play_more_kills(seed)

    assert not empty_phases(tallied(played.outcomes)), rendered(tallied(played.outcomes))
    assert not complaints(played.outcomes), "\n".join(complaints(played.outcomes))
