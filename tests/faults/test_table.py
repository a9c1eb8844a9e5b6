"""The table adds up what is known of the runs, and a phase that nothing struck is listed apart."""

from collections import Counter

from tests.faults.judge import Verdict
from tests.faults.phases import Phase
from tests.faults.table import CallCounter, empty_phases, rendered


def tally_of(*phases: Phase, **found: list[str]) -> CallCounter:
    counter = CallCounter()
    counter.add(Verdict(**found), Counter(phases), items=20, failed=bool(found))
    return counter


def test_the_phases_of_all_families_together_have_to_be_struck():
    tallies = {"killed": tally_of(*Phase), "502": tally_of()}

    assert empty_phases(tallies) == []
    assert empty_phases({"502": tally_of(*set(Phase) - {Phase.CLAIMED})}) == [Phase.CLAIMED]


def test_each_family_has_a_line_and_the_last_one_adds_them_up():
    lines = rendered(
        {"killed": tally_of(Phase.SENDING), "502": tally_of(doubled=["TCK-A-1-01"])}
    ).splitlines()

    assert lines[1].split()[:5] == ["killed", "1", "20", "·", "·"]
    assert lines[2].split()[:7] == ["502", "1", "20", "1", "·", "1", "·"]
    assert lines[3].split()[:7] == ["all", "2", "40", "1", "·", "1", "·"]
