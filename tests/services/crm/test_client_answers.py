"""What every possible answer means for a create, an update and a read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest
from aioresponses import aioresponses

from services.crm.client import CrmInCloudClient
from services.crm.errors import CrmError, CrmForbidden, CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from services.crm.records import ActivityRecord
from tests.services.crm.recorded import (
    ACTIVITY_UPSERT,
    CHANGES,
    DETAILS,
    DRAFT,
    HTML,
    ME,
    NOW,
    OPPORTUNITY_UPSERT,
    OWN_ERROR,
    SETTINGS,
    ClientMaker,
    RecordedBudget,
    dead_end,
)


@dataclass(frozen=True)
class Verdict:
    write: type[CrmError]
    read: type[CrmError]


NEVER_WRITTEN = Verdict(CrmUnavailable, CrmUnavailable)
DECLINED = Verdict(CrmRefused, CrmRefused)
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
    pytest.param({"status": 401, "payload": OWN_ERROR}, FORBIDDEN, id="401 in its own words"),
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
async def test_a_create_tells_what_was_surely_not_written(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT)

    assert failure.type is verdict.write


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_an_update_tells_what_was_surely_not_written(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.post(ACTIVITY_UPSERT, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.update_activity(845, CHANGES)

    assert failure.type is verdict.write


@pytest.mark.parametrize(("answer", "verdict"), FAILURES)
async def test_a_read_is_refused_or_may_be_tried_again(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], verdict: Verdict
) -> None:
    crm_http.get(ME, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.who_am_i()

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
    crm_http.post(ACTIVITY_UPSERT, body="846")

    with pytest.raises(CrmOutcomeUnknown, match="wrote 846 instead of 845"):
        await crm.update_activity(845, CHANGES)


@pytest.mark.parametrize(
    ("answer", "duplicate"),
    [
        pytest.param({"status": 409, "payload": {"message": "Esiste"}}, True, id="409"),
        pytest.param({"status": 400, "payload": {"Message": "Codice DUPLICato"}}, True, id="by its words"),
        pytest.param({"status": 400, "payload": {"message": "Manca il titolo"}}, False, id="another reason"),
    ],
)
async def test_a_refusal_says_whether_the_crm_believes_to_have_the_record(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], duplicate: bool
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, **answer)

    with pytest.raises(CrmRefused) as refusal:
        await crm.create_opportunity(DRAFT)

    assert refusal.value.duplicate is duplicate
    assert refusal.value.status == answer["status"]


async def test_a_refusal_repeats_the_words_of_the_crm(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, status=400, payload=OWN_ERROR)

    with pytest.raises(CrmRefused) as refusal:
        await crm.create_opportunity(DRAFT)

    assert refusal.value.crm_message == "Campo obbligatorio mancante"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param({"status": 500, "payload": {"message": "Deadlock"}}, "Deadlock", id="it failed"),
        pytest.param({"status": 200, "payload": {"message": "Quota"}}, "Quota", id="it named no id"),
        pytest.param({"status": 429, "payload": {"error": "Too fast"}}, "Too fast", id="it was busy"),
        pytest.param({"status": 500, "payload": {"error": "x" * 501}}, "x" * 500, id="it said a lot"),
        pytest.param({"status": 502, "body": HTML}, "", id="somebody else spoke"),
    ],
)
async def test_a_failure_of_any_kind_repeats_the_words_of_the_crm(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], words: str
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, **answer)

    with pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT)

    assert failure.value.crm_message == words


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
    crm_http.get(ME, status=503, headers={"Retry-After": "30"})

    with pytest.raises(CrmUnavailable) as down:
        await crm.who_am_i()

    assert (down.value.retry_after, down.value.paused_until) == (30.0, NOW + timedelta(seconds=30))
    assert budget.pauses == [30.0]


async def test_a_create_that_meets_such_a_crm_stays_unknown_and_nobody_calls_until_then(
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
async def test_a_failure_that_speaks_of_one_call_alone_pauses_nobody_else(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    status: int,
    headers: dict[str, str],
    seconds: float | None,
) -> None:
    crm_http.get(ME, status=status, headers=headers)

    with pytest.raises(CrmUnavailable) as down:
        await crm.who_am_i()

    assert (down.value.retry_after, down.value.paused_until) == (seconds, None)
    assert budget.pauses == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 404, "payload": {"message": "Not found"}}, id="in its own words"),
        pytest.param({"status": 404, "body": ""}, id="without words"),
        pytest.param({"status": 200, "body": "null"}, id="as null"),
    ],
)
async def test_a_record_that_the_crm_does_not_have_is_none(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object]
) -> None:
    crm_http.get("https://crm.test/api/v1/Activity/845/GetFull", **answer)
    crm_http.get("https://crm.test/api/v1/Activity/845", **answer)

    assert await crm.get_activity(845) is None


async def test_a_page_in_the_place_of_a_record_does_not_mean_that_it_is_gone(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get("https://crm.test/api/v1/Activity/845/GetFull", status=404, body=HTML)

    with pytest.raises(CrmUnavailable):
        await crm.get_activity(845)


async def test_a_record_without_its_full_form_is_read_plainly(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get("https://crm.test/api/v1/Activity/845/GetFull", status=404, payload={"message": "No action"})
    crm_http.get("https://crm.test/api/v1/Activity/845", payload={"id": 845, "subject": "Firma"})

    assert await crm.get_activity(845) == ActivityRecord(id=845, subject="Firma")


@pytest.mark.parametrize(
    ("controller", "ask"),
    [
        pytest.param("Activity", lambda crm: crm.get_activity(845), id="activity"),
        pytest.param("Company", lambda crm: crm.get_company(845), id="company"),
    ],
)
async def test_a_record_that_was_merged_is_not_there(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    controller: str,
    ask: Callable[[CrmInCloudClient], Awaitable[object]],
) -> None:
    crm_http.get(
        f"https://crm.test/api/v1/{controller}/845/GetFull", payload={"id": 846, "companyName": "Rossi"}
    )

    assert await ask(crm) is None


async def test_an_answer_larger_than_the_limit_is_dropped(
    client_for: ClientMaker, crm_http: aioresponses
) -> None:
    crm = client_for(replace(SETTINGS, answer_limit=64))
    crm_http.get(ME, payload={"id": 1, "name": "x" * 64})

    with pytest.raises(CrmUnavailable, match="AnswerTooLarge"):
        await crm.who_am_i()


async def test_redirects_are_not_followed(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.get(ME, status=302, headers={"Location": "https://elsewhere.test/"})
    crm_http.get("https://elsewhere.test/", payload={"id": 1})

    with pytest.raises(CrmUnavailable, match="302"):
        await crm.who_am_i()
