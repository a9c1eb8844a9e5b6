"""What the answer to a read means."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmUnavailable
from services.crm.records import ActivityRecord
from tests.support.recorded_answers import ACTIVITY_845, HTML, SETTINGS, ClientMaker


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
    crm_http.get(ACTIVITY_845, payload={"id": 1, "name": "x" * 64})

    with pytest.raises(CrmUnavailable, match="AnswerTooLarge"):
        await crm.get_activity(845)


async def test_redirects_are_not_followed(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.get(ACTIVITY_845, status=302, headers={"Location": "https://elsewhere.test/"})
    crm_http.get("https://elsewhere.test/", payload={"id": 1})

    with pytest.raises(CrmUnavailable, match="302"):
        await crm.get_activity(845)
