from hypothesis import given, strategies as st

from services.planning.actions.preview import Foreseen, foresee_create, surprise
from services.vocabulary import ForeseenOutcome, ItemKind

ITEM = Foreseen(
    kind=ItemKind.CREATE_OPPORTUNITY,
    key="tln_1",
    reference="TCK-F40-5155-01",
    label="Formazione",
    outcome=ForeseenOutcome.UPDATE,
)
ids = st.lists(st.integers(1, 5), max_size=3, unique=True)


def test_what_the_crm_does_not_hold_is_made_and_read_back():
    foreseen = foresee_create(ITEM, [])

    assert (foreseen.outcome, foreseen.calls, foreseen.crm_id) == (ForeseenOutcome.CREATE, 2, None)


def test_what_the_crm_holds_once_is_adopted_and_brought_up_to_date():
    foreseen = foresee_create(ITEM, [4711], calls_on_adoption=1)

    assert (foreseen.outcome, foreseen.calls, foreseen.crm_id) == (ForeseenOutcome.ADOPT, 1, 4711)


def test_what_the_crm_holds_twice_is_for_a_person_and_named():
    foreseen = foresee_create(ITEM, [4711, 4712])

    assert (foreseen.outcome, foreseen.calls) == (ForeseenOutcome.BLOCKED, 0)
    assert foreseen.explanation == "The CRM holds this more than once: 4711, 4712."


@given(ids, ids)
def test_there_is_a_surprise_exactly_where_other_records_are_found_than_shown(shown, found):
    assert (surprise("TCK-F40-5155-01", shown, found) is None) == (set(shown) == set(found))


@given(ids)
def test_the_order_in_which_the_crm_lists_records_is_no_surprise(shown):
    assert surprise("TCK-F40-5155-01", shown, shown[::-1]) is None
