"""A CRM that asks for a pause gets it from every process."""

from datetime import timedelta

import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmOutcomeUnknown, CrmUnavailable
from tests.support.recorded_answers import ACTIVITY_845, DRAFT, NOW, OPPORTUNITY_UPSERT, RecordedBudget


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param({}, 60.0, id="not said"),
        pytest.param({"Retry-After": "7"}, 7.0, id="in seconds"),
        pytest.param({"Retry-After": "Mon, 21 Dec 2026 09:00:30 GMT"}, 30.0, id="by date"),
        pytest.param({"Retry-After": "Mon, 21 Dec 2026 08:00:00 GMT"}, 0.0, id="a date gone by"),
        pytest.param({"Retry-After": "86400000"}, 3600.0, id="absurdly long"),
        pytest.param({"Retry-After": "soon"}, 60.0, id="unreadable"),
    ],
)
async def test_a_busy_crm_pauses_everybody_for_as_long_as_it_asks(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    header: dict[str, str],
    seconds: float,
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, status=429, headers=header)

    with pytest.raises(CrmUnavailable) as busy:
        await crm.create_opportunity(DRAFT)

    assert busy.value.paused_until
    assert busy.value.retry_after == seconds
    assert budget.pauses == [seconds]


async def test_a_crm_that_says_when_it_will_be_back_is_left_alone_by_everybody_until_then(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    crm_http.get(ACTIVITY_845, status=503, headers={"Retry-After": "30"})

    with pytest.raises(CrmUnavailable) as down:
        await crm.get_activity(845)

    assert (down.value.retry_after, down.value.paused_until) == (30.0, NOW + timedelta(seconds=30))
    assert budget.pauses == [30.0]


async def test_a_create_that_meets_such_a_crm_stays_unknown_and_no_call_leaves_until_then(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, status=503, headers={"Retry-After": "86400"})

    with pytest.raises(CrmOutcomeUnknown):
        await crm.create_opportunity(DRAFT)

    assert budget.pauses == [3600.0]


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        pytest.param(503, {}, None, id="down, for who knows how long"),
        pytest.param(502, {"Retry-After": "30"}, 30.0, id="a proxy that cannot speak for the CRM"),
    ],
)
async def test_a_failure_that_concerns_one_call_alone_pauses_no_other(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    status: int,
    headers: dict[str, str],
    seconds: float | None,
) -> None:
    crm_http.get(ACTIVITY_845, status=status, headers=headers)

    with pytest.raises(CrmUnavailable) as down:
        await crm.get_activity(845)

    assert (down.value.retry_after, down.value.paused_until) == (seconds, None)
    assert budget.pauses == []
