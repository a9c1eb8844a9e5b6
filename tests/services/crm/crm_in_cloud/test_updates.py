"""An update leaves only for a record that was read just before and carries our reference."""

import asyncio
import json

import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.gateway import CHECKED_FOR, Gateway
from services.crm.crm_in_cloud.responses import Call
from services.crm.errors import CrmForbidden, CrmNotCalled, CrmUnavailable, NotOurRecord
from services.crm.protocol import Priority
from tests.support.recorded_answers import (
    ACTIVITY_845,
    ACTIVITY_UPSERT,
    CHANGES,
    OURS_845,
    OWN_ERROR,
    RecordedBudget,
    Stopwatch,
)


def sent(crm_http: aioresponses) -> list[tuple[str, str]]:
    return [(method, str(url)) for method, url in crm_http.requests]


async def test_an_update_reads_the_record_and_then_changes_it(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get(ACTIVITY_845, payload=OURS_845)
    crm_http.post(ACTIVITY_UPSERT, body="845")

    await crm.update_activity(845, CHANGES)

    assert sent(crm_http) == [("GET", ACTIVITY_845), ("POST", ACTIVITY_UPSERT)]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"id": 845, "subject": "Sopralluogo"}, id="no reference"),
        pytest.param({"id": 845, "subject": "[IH:milestone:70] Firma"}, id="another reference"),
        pytest.param({**OURS_845, "id": 846}, id="merged into another record"),
        pytest.param(None, id="gone"),
    ],
)
async def test_nothing_is_sent_to_a_record_that_is_not_ours(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    record: dict[str, object] | None,
) -> None:
    crm_http.get(ACTIVITY_845, body=json.dumps(record))

    with pytest.raises(NotOurRecord, match="845"):
        await crm.update_activity(845, CHANGES)

    assert sent(crm_http) == [("GET", ACTIVITY_845)]
    assert budget.taken == [Priority.BACKGROUND]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 403, "payload": OWN_ERROR}, CrmForbidden, id="forbidden"),
        pytest.param({"status": 500, "payload": OWN_ERROR}, CrmUnavailable, id="failing"),
    ],
)
async def test_nothing_is_sent_to_a_record_that_cannot_be_read(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], error: type[Exception]
) -> None:
    crm_http.get(ACTIVITY_845, **answer)

    with pytest.raises(error):
        await crm.update_activity(845, CHANGES)

    assert sent(crm_http) == [("GET", ACTIVITY_845)]


@pytest.mark.parametrize(
    ("seconds", "sent_count"), [(CHECKED_FOR, 1), (CHECKED_FOR + 1, 0)], ids=["in time", "too late"]
)
async def test_a_record_that_was_read_too_long_ago_is_not_updated(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    stopwatch: Stopwatch,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    sent_count: int,
) -> None:
    crm_http.get(ACTIVITY_845, payload=OURS_845)
    crm_http.post(ACTIVITY_UPSERT, body="845")
    claims: list[int] = []

    async def wait_for_the_second_slot(priority: Priority) -> float:
        budget.taken.append(priority)
        if len(budget.taken) == 2:
            stopwatch.advance(seconds)
        return 0.0

    async def claim() -> None:
        claims.append(len(budget.taken))

    monkeypatch.setattr(budget, "take", wait_for_the_second_slot)
    [outcome] = await asyncio.gather(crm.update_activity(845, CHANGES, claim=claim), return_exceptions=True)

    assert outcome is None if sent_count else isinstance(outcome, CrmNotCalled)
    assert claims == [2] * sent_count
    assert sent(crm_http)[1:] == [("POST", ACTIVITY_UPSERT)] * sent_count


async def test_no_update_leaves_by_another_way(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    gateway: Gateway = crm._gateway
    call = Call("POST", "Activity/CreateOrUpdate", body={"id": 845, "state": 2}, writes=True)

    with pytest.raises(ValueError, match=r"only `Gateway\.update` may send it"):
        await gateway.request(call)

    assert (sent(crm_http), budget.taken) == ([], [])
