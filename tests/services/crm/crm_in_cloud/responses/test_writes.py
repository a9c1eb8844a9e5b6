"""The answer to a create or an update says whether it was carried out."""

from dataclasses import dataclass

import aiohttp
import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import (
    CrmError,
    CrmForbidden,
    CrmOutcomeUnknown,
    CrmRefused,
    CrmUnavailable,
    LoginRefused,
)
from tests.support.recorded_answers import (
    ACTIVITY_845,
    ACTIVITY_UPSERT,
    CHANGES,
    DETAILS,
    DRAFT,
    HTML,
    OPPORTUNITY_UPSERT,
    OURS_845,
    OWN_ERROR,
    dead_end,
)


@dataclass(frozen=True)
class Verdict:
    write: type[CrmError]
    read: type[CrmError]


NEVER_WRITTEN = Verdict(CrmUnavailable, CrmUnavailable)
DECLINED = Verdict(CrmRefused, CrmRefused)
NOT_LET_IN = Verdict(LoginRefused, LoginRefused)
FORBIDDEN = Verdict(CrmForbidden, CrmForbidden)
UNCLEAR = Verdict(CrmOutcomeUnknown, CrmUnavailable)


FAILURES = [
    pytest.param({"status": 200, "body": HTML}, UNCLEAR, id="200 with a page"),
    pytest.param({"status": 200, "body": ""}, UNCLEAR, id="200 with nothing"),
    pytest.param({"status": 200, "body": '{"id": 4'}, UNCLEAR, id="200 cut short"),
    pytest.param({"status": 200, "body": "[" * 100_000}, UNCLEAR, id="200 nested without end"),
    pytest.param({"status": 200, "body": b"\xff\xfe\x00"}, UNCLEAR, id="200 with bytes of no text"),
    pytest.param({"status": 200, "body": "NaN"}, UNCLEAR, id="200 with no number"),
    pytest.param({"status": 200, "payload": {"message": "?"}}, UNCLEAR, id="200 with words"),
    pytest.param({"status": 302, "headers": {"Location": "/login"}}, UNCLEAR, id="302 to a login page"),
    pytest.param({"status": 400, "payload": OWN_ERROR}, DECLINED, id="400 in its own words"),
    pytest.param({"status": 400, "body": HTML}, UNCLEAR, id="400 with a page"),
    pytest.param({"status": 401, "payload": OWN_ERROR}, NOT_LET_IN, id="401 in its own words"),
    pytest.param(
        {"status": 401, "body": HTML}, Verdict(CrmOutcomeUnknown, LoginRefused), id="401 with a page"
    ),
    pytest.param({"status": 403, "payload": OWN_ERROR}, FORBIDDEN, id="403 in its own words"),
    pytest.param(
        {"status": 403, "body": HTML}, Verdict(CrmOutcomeUnknown, CrmForbidden), id="403 with a page"
    ),
    pytest.param({"status": 408, "payload": OWN_ERROR}, UNCLEAR, id="408"),
    pytest.param({"status": 409, "payload": OWN_ERROR}, DECLINED, id="409 in its own words"),
    pytest.param({"status": 422, "payload": {"error": "no"}}, DECLINED, id="422 in its own words"),
    pytest.param(
        {"status": 422, "payload": {}}, Verdict(CrmOutcomeUnknown, CrmRefused), id="422 without words"
    ),
    pytest.param({"status": 429}, NEVER_WRITTEN, id="429"),
    pytest.param({"status": 429, "body": HTML}, NEVER_WRITTEN, id="429 with a page"),
    pytest.param({"status": 500, "payload": OWN_ERROR}, UNCLEAR, id="500 in its own words"),
    pytest.param({"status": 502, "body": HTML}, UNCLEAR, id="502 with a page"),
    pytest.param({"status": 503, "payload": OWN_ERROR}, UNCLEAR, id="503"),
    pytest.param({"exception": dead_end()}, NEVER_WRITTEN, id="no connection"),
    pytest.param({"exception": aiohttp.ConnectionTimeoutError()}, NEVER_WRITTEN, id="no connection in time"),
    pytest.param({"exception": TimeoutError()}, UNCLEAR, id="no answer in time"),
    pytest.param({"exception": aiohttp.ServerDisconnectedError()}, UNCLEAR, id="the line went dead"),
    pytest.param({"exception": aiohttp.ClientPayloadError()}, UNCLEAR, id="the answer broke off"),
    pytest.param({"exception": ConnectionResetError()}, UNCLEAR, id="the line was reset"),
]


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_a_failed_create_says_what_was_surely_not_written(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT)

    assert failure.type is verdict.write


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_a_failed_update_says_what_was_surely_not_written(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.get(ACTIVITY_845, payload=OURS_845)
    crm_http.post(ACTIVITY_UPSERT, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.update_activity(845, CHANGES)

    assert failure.type is verdict.write


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_a_read_is_refused_or_may_be_tried_again(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.get(ACTIVITY_845, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.get_activity(845)

    assert failure.type is verdict.read


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_no_failure_is_answered_by_sending_again(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.post(ACTIVITY_UPSERT, **answer, repeat=True)

    with pytest.raises(verdict.write):
        await crm.create_activity(7001, "Firma", details=DETAILS)

    assert sum(len(calls) for calls in crm_http.requests.values()) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("4711", id="a number"),
        pytest.param('"4711"', id="digits"),
        pytest.param('{"id": 4711, "title": "Formazione"}', id="the record"),
        pytest.param('{"id": "4711"}', id="a record whose id is digits"),
    ],
)
async def test_a_create_returns_the_id_however_it_is_written(
    crm: CrmInCloudClient, crm_http: aioresponses, body: str
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, body=body)

    assert await crm.create_opportunity(DRAFT) == 4711


@pytest.mark.parametrize(
    "body", ["true", "null", "0", "-4", "4.5", "[]", "[4711]", '"4711a"', '{"id": null}']
)
async def test_a_create_answered_without_an_id_may_have_been_carried_out(
    crm: CrmInCloudClient, crm_http: aioresponses, body: str
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, body=body)

    with pytest.raises(CrmOutcomeUnknown):
        await crm.create_opportunity(DRAFT)


async def test_an_update_that_wrote_another_record_is_not_taken_for_done(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get(ACTIVITY_845, payload=OURS_845)
    crm_http.post(ACTIVITY_UPSERT, body="846")

    with pytest.raises(CrmOutcomeUnknown, match="wrote 846 instead of 845"):
        await crm.update_activity(845, CHANGES)
