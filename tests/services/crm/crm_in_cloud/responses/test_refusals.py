"""A refusal repeats the words of the CRM."""

import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmError, CrmRefused
from tests.support.recorded_answers import DRAFT, HTML, OPPORTUNITY_UPSERT, OWN_ERROR


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
