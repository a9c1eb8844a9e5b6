from itertools import islice

import pytest
from hypothesis import given, strategies as st

from services.planning.tickets.codes import (
    CodeShown,
    SerialsShown,
    child_code,
    parent_code,
    recreated_code,
    serial_candidates,
    serial_in,
    sort_serials,
)

activity_ids = st.integers(min_value=0, max_value=10**12)
service_codes = st.from_regex(r"[A-Z0-9]{1,10}", fullmatch=True)


@pytest.mark.parametrize(
    ("crm_activity_id", "candidates"),
    [
        pytest.param(7, ["0007", "0007A", "0007B"], id="short ids are padded"),
        pytest.param(5155, ["5155", "5155A", "5155B"], id="four digits are the whole id"),
        pytest.param(9875155, ["5155", "75155", "875155", "9875155", "9875155A"], id="longer and longer"),
        pytest.param(1000042, ["0042", "00042", "000042", "1000042"], id="zeros inside count as digits"),
    ],
)
def test_a_parent_tries_the_shortest_serial_first(crm_activity_id, candidates):
    assert list(islice(serial_candidates(crm_activity_id), len(candidates))) == candidates


def test_letters_go_on_after_z():
    letters = [candidate.removeprefix("5155") for candidate in islice(serial_candidates(5155), 1, 1 + 26 + 2)]

    assert letters[-4:] == ["Y", "Z", "AA", "AB"]


@given(activity_ids)
def test_no_candidate_comes_twice(crm_activity_id):
    candidates = list(islice(serial_candidates(crm_activity_id), 800))

    assert len(set(candidates)) == len(candidates)


def test_a_negative_activity_id_has_no_serial():
    with pytest.raises(ValueError, match="not negative"):
        next(serial_candidates(-1))


@given(service_codes, activity_ids, st.integers(min_value=1, max_value=99), st.integers(0, 40))
def test_a_code_gives_back_what_it_was_made_of(service_code, crm_activity_id, position, nth):
    serial = next(islice(serial_candidates(crm_activity_id), nth, None))

    parent = parent_code(service_code, serial)
    child = child_code(service_code, serial, position)

    assert parent.split("-") == ["TCK", service_code, serial, "00"]
    assert child.split("-") == ["TCK", service_code, serial, f"{position:02d}"]


def test_service_codes_may_hold_digits():
    assert parent_code("I24", "5155") == "TCK-I24-5155-00"
    assert child_code("T50", "5155", 12) == "TCK-T50-5155-12"


@pytest.mark.parametrize("position", [0, -1])
def test_no_child_takes_the_position_of_its_parent(position):
    with pytest.raises(ValueError, match="start at one"):
        child_code("F40", "5155", position)


def test_a_recreated_opportunity_counts_its_attempts():
    first = child_code("F40", "5155", 3)

    second = recreated_code(first, 2)
    third = recreated_code(second, 3)

    assert (second, third) == ("TCK-F40-5155-03.2", "TCK-F40-5155-03.3")


def test_the_first_attempt_is_not_a_recreation():
    with pytest.raises(ValueError, match="plain code"):
        recreated_code("TCK-F40-5155-03", 1)


# What the CRM shows of them

_shown = st.builds(
    CodeShown,
    code=st.builds(
        child_code, service_codes, st.sampled_from(["3311", "43311", "843311", "33311"]), st.just(1)
    ),
    sale_id=st.sampled_from([843311, 833311, None]),
    same_company=st.booleans(),
)


@given(st.lists(_shown, max_size=6))
def test_each_shown_code_is_the_sale_s_own_or_another_s(shown):
    sorted_serials = sort_serials(843311, shown, known=[])

    assert not sorted_serials.own & sorted_serials.others
    assert sorted_serials.own | sorted_serials.others == {serial_in(one.code) for one in shown}
    assert {serial_in(one.code) for one in shown if one.sale_id == 843311} <= sorted_serials.own


@given(st.sets(st.sampled_from(["3311", "43311"])))
def test_what_others_have_is_no_candidate(others):
    candidates = list(islice(serial_candidates(843311, SerialsShown(others=frozenset(others))), 20))

    assert others.isdisjoint(candidates)
    assert len(candidates) == 20


def test_a_sale_that_has_a_serial_in_the_crm_takes_no_others():
    shown = SerialsShown(own=frozenset({"43311"}), others=frozenset({"3311"}))

    assert list(serial_candidates(843311, shown)) == ["43311"]


@pytest.mark.parametrize(
    ("shown", "known", "own"),
    [
        pytest.param(CodeShown("TCK-F40-3311-01", None, True), [], {"3311"}, id="nobody else's here"),
        pytest.param(CodeShown("TCK-F40-3311-01", None, True), ["3311"], set(), id="a ticket's of ours"),
        pytest.param(CodeShown("TCK-F40-3311-01", None, False), [], set(), id="another company's"),
        pytest.param(CodeShown("TCK-F40-9311-01", None, True), [], set(), id="serial of another id"),
    ],
)
def test_a_record_that_no_longer_names_its_sale_is_recognised_by_what_is_left(shown, known, own):
    assert sort_serials(843311, [shown], known=known).own == own
