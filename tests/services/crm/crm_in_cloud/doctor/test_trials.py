"""A trial proves what it says, whatever the tenant holds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from services.crm.crm_in_cloud.doctor.trials import (
    MODIFIED,
    between,
    judge,
    likely_zones,
    plan_trial,
    readings_of,
)
from services.crm.crm_in_cloud.profile import ONE_OF, PART_OF_CODE, Verdict
from services.crm.crm_in_cloud.settings import ROME

PAGE = 10
ZONES = likely_zones(ROME)
BEGINNING = datetime(2026, 12, 21, tzinfo=UTC)

rows_of_a_tenant = st.lists(
    st.fixed_dictionaries(
        {
            "subTypeId": st.sampled_from([None, 0, 1, 2]),
            "code": st.sampled_from([None, "", "C-1", "C-2"]),
            MODIFIED: st.integers(0, 5).map(
                lambda hours: f"{BEGINNING + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
            ),
        }
    ),
    max_size=2 * PAGE,
).map(lambda rows: {number: {"id": number, **row} for number, row in enumerate(rows, 1)})

names_of_a_filter = st.sampled_from(
    [("subTypeId",), (PART_OF_CODE,), (MODIFIED,), ("subTypeId", MODIFIED), ("id",), (ONE_OF,)]
)


def page_of(rows: Mapping[int, dict[str, object]]) -> dict[int, dict[str, object]]:
    """The newest rows first, as many as fit."""
    return dict(sorted(rows.items(), reverse=True)[:PAGE])


@given(rows_of_a_tenant, names_of_a_filter)
def test_an_honest_search_is_searchable_as_soon_as_there_is_a_witness(rows, names):
    trial = plan_trial(names, list(rows.values()), zones=ZONES)

    verdict = judge(trial, page_of({n: row for n, row in rows.items() if trial.fits(row)}), page_size=PAGE)

    assert verdict is (Verdict.UNPROVEN if trial.witness is None else Verdict.SEARCHABLE)


@given(rows_of_a_tenant, names_of_a_filter)
def test_a_search_that_finds_nothing_is_never_taken_for_one_that_works(rows, names):
    trial = plan_trial(names, list(rows.values()), zones=ZONES)

    verdict = judge(trial, {}, page_size=PAGE)

    assert verdict is (Verdict.UNPROVEN if trial.witness is None else Verdict.BLIND)


@given(rows_of_a_tenant, names_of_a_filter)
def test_a_search_that_ignores_the_filter_is_known_by_the_first_row_that_does_not_fit(rows, names):
    trial = plan_trial(names, list(rows.values()), zones=ZONES)
    shown = page_of(rows)

    verdict = judge(trial, shown, page_size=PAGE)

    strays = any(not trial.fits(row) for row in shown.values())
    assert (verdict is Verdict.IGNORED) == strays


@given(rows_of_a_tenant, names_of_a_filter)
def test_the_witness_fits_its_own_trial(rows, names):
    trial = plan_trial(names, list(rows.values()), zones=ZONES)

    assert trial.witness is None or trial.fits(rows[trial.witness])


@given(
    st.integers(0, 1000 * 24).map(lambda hours: BEGINNING + timedelta(hours=hours)),
    st.sampled_from([ROME, ZoneInfo("UTC")]),
    st.sampled_from([ROME, ZoneInfo("UTC")]),
)
def test_one_search_distinguishes_the_two_zones_of_a_date(written, true_zone, set_zone):
    read = readings_of(f"{written:%Y-%m-%dT%H:%M:%S}", set_zone, now=None)

    shown = read[true_zone] >= between(read)

    reported = (max if shown else min)(read, key=lambda zone: read[zone])
    assert reported == true_zone
