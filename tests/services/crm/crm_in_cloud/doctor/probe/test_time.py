"""The doctor finds out about time zones, clocks and the lag of the search."""

from datetime import UTC, datetime, timedelta

import pytest

from services.crm.crm_in_cloud.profile import TenantProfile, strategy_of
from tests.support.crm_lookups import examine
from tests.support.recorded_answers import SETTINGS
from tests.support.sandbox_process import SandboxProcess
from tests.support.stocked_tenant import COMPANY_ID, profile_of


@pytest.mark.parametrize(
    ("written", "zone", "proven"),
    [
        pytest.param("zulu", "Europe/Rome", None, id="with a zone"),
        pytest.param("zoneless", "Europe/Rome", "Europe/Rome", id="of Rome without a zone"),
        pytest.param("zoneless", "UTC", "UTC", id="of UTC without a zone"),
    ],
)
@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=3)], ids=["just written", "of old"])
async def test_the_zone_of_dates_is_proven(
    sandbox: SandboxProcess, written: str, zone: str, proven: str | None, age: timedelta
) -> None:
    if not age:
        await sandbox.add("Activity", subject="Firma", companyId=COMPANY_ID)
    await sandbox.switch(answered_dates=written, server_zone=zone)

    profile = await profile_of(sandbox)

    assert profile.zone == proven


@pytest.mark.parametrize(
    "dates",
    [
        pytest.param({}, id="dates with a zone"),
        pytest.param({"answered_dates": "zoneless", "server_zone": "UTC"}, id="dates of UTC without one"),
        pytest.param(
            {"answered_dates": "zoneless", "server_zone": "Europe/Rome"}, id="dates of Rome without one"
        ),
    ],
)
async def test_a_record_that_the_search_hides_says_how_far_it_lags(
    stocked: SandboxProcess, dates: dict[str, object]
) -> None:
    made = datetime.now(UTC) - timedelta(minutes=10)
    await stocked.switch(search_lag_seconds=3600, **dates)
    await stocked.add("Activity", subject="Firma", createdDate=made.isoformat())

    profile = await profile_of(stocked)

    assert profile.lag_seen is not None
    assert 595 <= profile.lag_seen < 700


@pytest.mark.parametrize(
    ("seen", "bound"), [(None, 60.0), (5.0, 60.0), (900.0, 900.0)], ids=["none", "less", "more"]
)
def test_a_lag_that_was_seen_counts_more_than_one_that_is_believed(seen: float | None, bound: float) -> None:
    profile = TenantProfile(probed_at=datetime(2026, 12, 21, tzinfo=UTC), lag_seen=seen)

    assert strategy_of(profile, SETTINGS).lag_bound(60.0) == bound


async def test_an_old_record_that_the_search_hides_is_no_lag(stocked: SandboxProcess) -> None:
    made = datetime.now(UTC) - timedelta(days=10)
    await stocked.switch(search_lag_seconds=3600)
    await stocked.add("Activity", subject="Firma", createdDate=made.isoformat())

    found = await examine(stocked.settings)

    assert found.profile.lag_seen is None
    assert found.hidden_count == {"Activity": 1}


async def test_without_a_hidden_record_nothing_is_known_of_the_lag(stocked: SandboxProcess) -> None:
    assert (await profile_of(stocked)).lag_seen is None


async def test_the_crm_s_clock_is_compared_with_ours(stocked: SandboxProcess) -> None:
    found = await examine(stocked.settings)

    assert found.observed.skew is not None
    assert abs(found.observed.skew) < timedelta(seconds=30)
