from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from services.planning.actions.plan_token import LONGEST, PlanStale, issue_token, shown_facts
from services.planning.activities.activity_generator import ActivityContent

PLAN = {
    "lines": [ActivityContent("r", "Firma", "", date(2026, 12, 21), 7, False)],
    "amount": Decimal("7200.00"),
}
FACTS = {"TCK-F40-5155-01": [4711], "TCK-T50-5155-02": [4712, 4713]}

facts = st.dictionaries(
    st.text("ABCDEFTCK-0123456789", min_size=1, max_size=20), st.lists(st.integers(0, 2**63 - 1), max_size=3)
)
plans = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False) | st.dates(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)


@given(plans, facts)
def test_a_token_gives_back_the_facts_that_were_shown_with_its_plan(plan, facts):
    assert shown_facts(issue_token(plan, facts), plan) == facts


@given(plans, plans, facts)
def test_a_token_of_another_plan_is_stale(plan, other, facts):
    token = issue_token(plan, facts)

    if issue_token(other, facts) != token:
        with pytest.raises(PlanStale):
            shown_facts(token, other)


@given(st.data())
def test_a_token_with_any_character_changed_is_stale_or_says_the_same(data):
    token = issue_token(PLAN, FACTS)
    place = data.draw(st.integers(0, len(token) - 1))
    other = token[:place] + data.draw(st.characters()) + token[place + 1 :]

    try:
        assert shown_facts(other, PLAN) == FACTS
    except PlanStale:
        assert other != token


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_what_is_no_token_is_stale(garbage):
    with pytest.raises(PlanStale):
        shown_facts(garbage, PLAN)


def with_facts(forged: str) -> str:
    """A token of this plan whose digest is right for other facts, as only somebody who reads our code can make it."""
    token = issue_token(PLAN, FACTS)
    body = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    before, _, _ = body.partition('"facts":')
    return urlsafe_b64encode(f'{before}"facts":{forged}}}'.encode()).decode()


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param('{"TCK-F40-5155-01":[4712]}', id="another record"),
        pytest.param("{}", id="no facts"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="nothing"),
        pytest.param("[" * 100_000, id="a deep nest"),
    ],
)
def test_facts_that_were_exchanged_are_stale(forged):
    with pytest.raises(PlanStale):
        shown_facts(with_facts(forged), PLAN)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"a": ["4711"]}, id="texts for ids"),
        pytest.param({"a": [True]}, id="a truth for an id"),
        pytest.param({"a": [2**63]}, id="an id that no database holds"),
        pytest.param({"a": [-1]}, id="a negative id"),
        pytest.param({"a": 4711}, id="no list"),
        pytest.param({"a" * 65: [4711]}, id="a long key"),
        pytest.param({"\ud800": [4711]}, id="half a character"),
    ],
)
def test_facts_that_cannot_be_kept_are_stale_even_under_the_right_digest(facts):
    with pytest.raises(PlanStale):
        shown_facts(issue_token(PLAN, facts), PLAN)


def test_a_token_that_is_too_long_is_stale():
    with pytest.raises(PlanStale):
        shown_facts("A" * (LONGEST + 1), PLAN)
