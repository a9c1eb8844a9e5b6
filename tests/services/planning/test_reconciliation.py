"""What we believe against what the CRM holds: nothing is overlooked, and nothing is excused that should not be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from services.planning.reconciliation import Believed, Circumstances, Difference, Held, reconcile
from services.vocabulary import EffectKind, Explanation, Verdict

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LAG = timedelta(seconds=60)
CALM = Circumstances(read_at=NOW, lag_bound=LAG)
OPPORTUNITY, ACTIVITY, SALE = EffectKind.OPPORTUNITY, EffectKind.ACTIVITY, EffectKind.SALE


def believed(crm_id=1, reference="TCK-F40-5155-01", kind=OPPORTUNITY, **rest):
    return Believed(
        kind=kind, crm_id=crm_id, reference=reference, **{"since": NOW - timedelta(days=1), **rest}
    )


def held(crm_id=1, reference="TCK-F40-5155-01", kind=OPPORTUNITY, **rest):
    return Held(kind=kind, crm_id=crm_id, reference=reference, **rest)


def reported(rows):
    return [(row.crm_id, row.verdict, row.explanation) for row in rows]


def test_the_record_that_was_recreated_since_is_explained():
    rows = reconcile([believed(2, "TCK-F40-5155-01.2")], [held(1), held(2, "TCK-F40-5155-01.2")], CALM)

    assert reported(rows) == [(1, Verdict.EXTRA, Explanation.SUPERSEDED), (2, Verdict.MATCHED, None)]


# Healthy or not

_values = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
_effects = st.lists(
    st.builds(
        Believed,
        kind=st.sampled_from(EffectKind),
        crm_id=st.integers(1, 30),
        reference=st.text("abc", min_size=1, max_size=3),
        since=st.just(NOW - timedelta(days=1)),
        shows=st.dictionaries(st.sampled_from(["title", "due_on", "owner"]), _values, min_size=1),
    ),
    unique_by=(lambda one: one.crm_id, lambda one: one.reference),
    max_size=12,
)


def as_held(effects):
    return [held(one.crm_id, one.reference, one.kind, shows=one.shows) for one in effects]


@given(_effects, st.randoms(use_true_random=False))
def test_what_the_crm_holds_as_expected_is_matched_and_nothing_else_is_reported(effects, random):
    strangers = [held(one.crm_id + 100, None, one.kind) for one in effects]
    records = as_held(effects) + strangers
    random.shuffle(records)

    rows = reconcile(effects, records, CALM)

    assert sorted((row.kind, row.crm_id) for row in rows) == sorted((one.kind, one.crm_id) for one in effects)
    assert {row.verdict for row in rows} <= {Verdict.MATCHED}
    assert not any(row.unexplained for row in rows)


@given(_effects.filter(bool), st.data())
def test_one_thing_that_went_wrong_is_one_unexplained_row(effects, data):
    victim = data.draw(st.sampled_from(effects))
    records = {one.crm_id: one for one in as_held(effects)}
    name = data.draw(st.sampled_from(sorted(victim.shows)))
    wrong = {
        Verdict.MISSING: None,
        Verdict.DIFFERENT: replace(records[victim.crm_id], shows={**victim.shows, name: "altro"}),
        Verdict.EXTRA: replace(records[victim.crm_id], crm_id=1000),
    }
    verdict = data.draw(st.sampled_from(sorted(wrong)))
    if verdict is not Verdict.EXTRA:
        del records[victim.crm_id]
    if record := wrong[verdict]:
        records[record.crm_id] = record

    rows = reconcile(effects, list(records.values()), CALM)

    crm_id = 1000 if verdict is Verdict.EXTRA else victim.crm_id
    assert [(row.crm_id, row.verdict) for row in rows if row.unexplained] == [(crm_id, verdict)]


# Missing


@pytest.mark.parametrize(
    ("effect", "circumstances", "explanation"),
    [
        pytest.param(believed(), CALM, None, id="deleted"),
        pytest.param(
            believed(flagged=frozenset({"present"})), CALM, Explanation.FLAGGED, id="known to be gone"
        ),
        pytest.param(believed(since=NOW - LAG / 2), CALM, Explanation.JUST_MADE, id="too young for a search"),
        pytest.param(
            believed(since=NOW - LAG / 2),
            replace(CALM, asked_for=frozenset({1})),
            None,
            id="young, but the CRM says no",
        ),
    ],
)
def test_a_record_that_is_not_there_is_missing(effect, circumstances, explanation):
    rows = reconcile([effect], [], circumstances)

    assert reported(rows) == [(1, Verdict.MISSING, explanation)]


# Different


def test_each_field_that_differs_is_reported_with_both_values():
    effect = believed(shows={"title": "Formazione", "amount": 1500, "completed": False})

    rows = reconcile([effect], [held(shows={"title": "Formazione", "amount": 900, "completed": True})], CALM)

    assert rows[0].verdict is Verdict.DIFFERENT
    assert rows[0].differences == (
        Difference("amount", "1500", "900"),
        Difference("completed", "false", "true"),
    )


@pytest.mark.parametrize(
    ("flagged", "explanation"),
    [
        pytest.param({"code"}, Explanation.FLAGGED, id="all that differs"),
        pytest.param({"company"}, None, id="something else"),
    ],
)
def test_what_is_flagged_explains_that_and_no_more(flagged, explanation):
    effect = believed(shows={"code": "TCK-F40-5155-01"}, flagged=frozenset(flagged))

    rows = reconcile([effect], [held(shows={"code": "TCK-F40-1-01"})], CALM)

    assert reported(rows) == [(1, Verdict.DIFFERENT, explanation)]


def test_what_we_have_no_say_in_may_be_anything():
    rows = reconcile([believed(shows={})], [held(shows={"owner": 7})], CALM)

    assert reported(rows) == [(1, Verdict.MATCHED, None)]


@pytest.mark.parametrize(
    ("shows", "changed_at", "explanation"),
    [
        pytest.param({"phase": "2", "amount": 1}, NOW, Explanation.MIRROR_IS_OLDER, id="a later phase"),
        pytest.param({"phase": "1", "amount": 2}, NOW, None, id="a later amount"),
        pytest.param({"phase": "2", "amount": 2}, NOW, None, id="both"),
        pytest.param(
            {"phase": "2", "amount": 1}, NOW - timedelta(days=2), None, id="read, but not taken over"
        ),
        pytest.param(
            {"phase": "2", "amount": 1}, None, Explanation.MIRROR_IS_OLDER, id="who knows since when"
        ),
    ],
)
def test_only_the_crm_s_own_fields_may_run_ahead_of_our_mirror(shows, changed_at, explanation):
    effect = believed(shows={"phase": "1", "amount": 1})

    rows = reconcile([effect], [held(shows=shows, changed_at=changed_at)], CALM)

    assert reported(rows) == [(1, Verdict.DIFFERENT, explanation)]


def test_an_update_that_is_still_to_come_explains_a_difference():
    effect = believed(kind=ACTIVITY, shows={"completed": True}, behind=Explanation.UNDER_WAY)

    rows = reconcile([effect], [held(kind=ACTIVITY, shows={"completed": False})], CALM)

    assert reported(rows) == [(1, Verdict.DIFFERENT, Explanation.UNDER_WAY)]


@pytest.mark.parametrize(
    ("asked_for", "explanation"),
    [
        pytest.param(frozenset(), Explanation.JUST_MADE, id="a search may show it as it was"),
        pytest.param(frozenset({1}), None, id="the record itself says so"),
    ],
)
def test_what_was_written_just_now_may_not_be_shown_yet(asked_for, explanation):
    effect = believed(kind=ACTIVITY, shows={"completed": True}, since=NOW - LAG / 2)
    stale = held(kind=ACTIVITY, shows={"completed": False})

    rows = reconcile([effect], [stale], replace(CALM, asked_for=asked_for))

    assert reported(rows) == [(1, Verdict.DIFFERENT, explanation)]


# Extra


@pytest.mark.parametrize(
    ("circumstances", "explanation"),
    [
        pytest.param(CALM, None, id="nobody knows why"),
        pytest.param(replace(CALM, unmatched=frozenset({2})), Explanation.UNMATCHED, id="listed for mapping"),
        pytest.param(
            replace(CALM, replaced=frozenset({2})), Explanation.SUPERSEDED, id="another took its place"
        ),
        pytest.param(
            replace(CALM, work={"TCK-F40-5155-02": Explanation.UNDER_WAY}),
            Explanation.UNDER_WAY,
            id="being made",
        ),
    ],
)
def test_a_record_with_our_reference_that_we_do_not_know_is_extra(circumstances, explanation):
    rows = reconcile([believed()], [held(), held(2, "TCK-F40-5155-02")], circumstances)

    assert reported(rows) == [(1, Verdict.MATCHED, None), (2, Verdict.EXTRA, explanation)]
    assert rows[1].double_of is None


def test_a_double_names_its_original_and_is_not_excused_by_waiting_for_a_match():
    rows = reconcile([believed()], [held(), held(2)], replace(CALM, unmatched=frozenset({2})))

    assert reported(rows)[1] == (2, Verdict.EXTRA, None)
    assert rows[1].double_of == 1


def test_of_two_strangers_with_one_reference_each_is_the_double_of_the_other():
    rows = reconcile([], [held(1), held(2)], CALM)

    assert [(row.crm_id, row.double_of) for row in rows] == [(1, 2), (2, 1)]


def test_an_activity_and_an_opportunity_of_one_number_are_two_records():
    rows = reconcile([believed(7)], [held(7), held(7, "TCK-F40-5155-01:1", ACTIVITY)], CALM)

    assert reported(rows) == [(7, Verdict.MATCHED, None), (7, Verdict.EXTRA, None)]


def test_a_sale_is_found_among_the_activities():
    rows = reconcile([believed(7, None, SALE)], [held(7, None, ACTIVITY)], CALM)

    assert reported(rows) == [(7, Verdict.MATCHED, None)]
