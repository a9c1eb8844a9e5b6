"""What we send, and how what comes back is read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from aioresponses import aioresponses
from hypothesis import given, strategies as st
from yarl import URL

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.parsing import activity_of, opportunity_of, user_of
from services.crm.crm_in_cloud.payloads import opportunity_payload
from services.crm.crm_in_cloud.settings import ROME
from services.crm.records import (
    ActivityChanges,
    ActivityDetails,
    ActivityRecord,
    CompanyRecord,
    OpportunityDraft,
    OpportunityRecord,
    SaleDraft,
    UserRecord,
)
from services.vocabulary import OpportunityStatus
from tests.support.recorded_answers import (
    ACTIVITY_845,
    ACTIVITY_UPSERT,
    NOW,
    OPPORTUNITY_UPSERT,
    SETTINGS,
)

OPPORTUNITY_PROPERTIES = [
    "code",
    "title",
    "description",
    "crossId",
    "crossType",
    "amount",
    "phase",
    "status",
    "ownerId",
    "products",
    "lastModifiedDate",
]
ACTIVITY_PROPERTIES = [
    "subject",
    "description",
    "subTypeId",
    "companyId",
    "opportunityId",
    "ownerId",
    "state",
    "activityDate",
    "createdDate",
    "lastModifiedDate",
]

AWKWARD = ["--5", "9" * 5000, "٣", "9999-12-31T23:59:59-12:00", "2026-13-45", " 7 ", Decimal("1E+999999")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.sampled_from(AWKWARD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "productId"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def body_sent(crm_http: aioresponses, url: str) -> dict[str, Any]:
    (call,) = crm_http.requests["POST", URL(url)]
    body: dict[str, Any] = call.kwargs["json"]
    return body


async def test_an_opportunity_carries_its_reference_twice(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, body="7001")
    draft = OpportunityDraft(
        company_id=12,
        sale_id=845155,
        reference="TCK-F40-5155-01",
        title="Formazione 4.0",
        description="Due giornate",
        amount=Decimal("1234.50"),
    )

    await crm.create_opportunity(draft)

    assert body_sent(crm_http, OPPORTUNITY_UPSERT) == {
        "title": "[IH:TCK-F40-5155-01] Formazione 4.0",
        "code": "TCK-F40-5155-01",
        "description": "[IH:activity:845155]\nDue giornate",
        "crossId": 12,
        "crossType": 0,
        "status": 1,
        "phase": 53002,
        "category": 25309,
        "amount": 1234.5,
        "closeDate": "2026-12-21T10:00:00",
        "ownerId": 901,
    }


def test_what_the_tenant_has_not_configured_is_not_sent() -> None:
    bare = replace(SETTINGS, opportunity_phase_id=None, opportunity_category_id=None, default_owner_id=None)
    draft = OpportunityDraft(
        company_id=12, sale_id=845155, reference="R", title="Formazione", amount=Decimal(900)
    )

    payload = opportunity_payload(draft, settings=bare, now=NOW)

    assert not payload.keys() & {"phase", "category", "ownerId"}


async def test_an_activity_belongs_to_its_opportunity_and_is_none_that_intake_watches(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(ACTIVITY_UPSERT, body="845")
    details = ActivityDetails(
        company_id=12,
        reference="milestone:7",
        due_on=date(2026, 12, 23),
        description="Scade prima di Natale.",
        owner_id=77,
    )

    await crm.create_activity(7001, "Firma Incarico", details=details)

    assert body_sent(crm_http, ACTIVITY_UPSERT) == {
        "subject": "[IH:milestone:7] Firma Incarico",
        "description": "[IH:milestone:7]\nScade prima di Natale.",
        "companyId": 12,
        "opportunityId": 7001,
        "ownerId": 77,
        "type": 7,
        "subTypeId": 63688,
        "state": 1,
        "activityDate": "2026-12-23T12:00:00",
        "activityEndDate": "2026-12-23T12:00:00",
        "allDay": True,
    }


async def test_a_sale_is_one_that_intake_watches_and_is_over(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(ACTIVITY_UPSERT, body="845")
    draft = SaleDraft(
        company_id=12, reference="sale:7", subject="Start Office", sold_on=date(2026, 12, 21), owner_id=77
    )

    await crm.create_sale(draft)

    assert body_sent(crm_http, ACTIVITY_UPSERT) == {
        "subject": "[IH:sale:7] Start Office",
        "description": "[IH:sale:7]\n",
        "companyId": 12,
        "ownerId": 77,
        "type": 7,
        "subTypeId": 63705,
        "state": 2,
        "activityDate": "2026-12-21T12:00:00",
        "activityEndDate": "2026-12-21T12:00:00",
        "allDay": True,
    }


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"completed": True}, {"state": 2}, id="completed"),
        pytest.param({"completed": False}, {"state": 1}, id="reopened"),
        pytest.param({"owner_id": 77}, {"ownerId": 77}, id="another owner"),
        pytest.param({"milestone_name": "Firma"}, {"subject": "[IH:m:7] Firma"}, id="renamed"),
        pytest.param(
            {"due_on": date(2027, 1, 7)},
            {"activityDate": "2027-01-07T12:00:00", "activityEndDate": "2027-01-07T12:00:00", "allDay": True},
            id="re-dated",
        ),
    ],
)
async def test_an_update_sends_what_changed_and_nothing_else(
    crm: CrmInCloudClient, crm_http: aioresponses, changes: dict[str, Any], fields: dict[str, Any]
) -> None:
    crm_http.get(ACTIVITY_845, payload={"id": 845, "subject": "[IH:m:7] Firma"})
    crm_http.post(ACTIVITY_UPSERT, body="845")

    await crm.update_activity(845, ActivityChanges(reference="m:7", **changes))

    assert body_sent(crm_http, ACTIVITY_UPSERT) == {"id": 845, **fields}


async def test_an_opportunity_is_read_whole(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.get(
        "https://crm.test/api/v1/Opportunity/7001/GetFull",
        body="""{"id": "7001", "code": "C-1", "title": "Formazione", "description": null, "crossId": 12,
            "crossType": "0", "amount": 1234.10, "phase": 53002, "status": 3, "ownerId": {"id": 77},
            "products": [{"productId": "5"}, {"productName": "senza id"}, null],
            "lastModifiedDate": "2026-12-21T09:00:00"}""",
    )

    opportunity = await crm.get_opportunity(7001)

    assert opportunity == OpportunityRecord(
        id=7001,
        code="C-1",
        title="Formazione",
        company_id=12,
        amount=Decimal("1234.10"),
        phase_id=53002,
        status=OpportunityStatus.WON,
        owner_id=77,
        product_ids=(5,),
        modified_at=datetime(2026, 12, 21, 8, 0, tzinfo=UTC),
    )


async def test_an_opportunity_that_was_merged_answers_with_what_it_became(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get("https://crm.test/api/v1/Opportunity/7001/GetFull", payload={"id": 7002, "crossId": 12})

    opportunity = await crm.get_opportunity(7001)

    assert opportunity is not None
    assert opportunity.id == 7002


@pytest.mark.parametrize(
    ("phase", "phase_id", "words"),
    [
        pytest.param(53002, 53002, "", id="number"),
        pytest.param("53002", 53002, "", id="digits"),
        pytest.param("Trattativa", None, "Trattativa", id="words"),
        pytest.param({"id": 53002, "description": "Trattativa"}, 53002, "Trattativa", id="object"),
        pytest.param(None, None, "", id="absent"),
    ],
)
def test_a_phase_comes_in_many_shapes(phase: object, phase_id: int | None, words: str) -> None:
    opportunity = opportunity_of({"id": 1, "phase": phase}, zone=ROME)

    assert (opportunity.phase_id, opportunity.phase) == (phase_id, words)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (1, OpportunityStatus.OPEN),
        ("3", OpportunityStatus.WON),
        ({"id": 4}, OpportunityStatus.LOST),
        (2, OpportunityStatus.UNKNOWN),
        ("Sospesa", OpportunityStatus.UNKNOWN),
        (None, OpportunityStatus.UNKNOWN),
    ],
)
def test_an_undocumented_status_is_unknown(status: object, meaning: OpportunityStatus) -> None:
    assert opportunity_of({"id": 1, "status": status}, zone=ROME).status is meaning


async def test_an_activity_is_read_whole(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.get(
        "https://crm.test/api/v1/Activity/845/GetFull",
        payload={
            "id": 845,
            "subject": "Vendita SOF",
            "description": "Start Office Finance",
            "subTypeId": 63705,
            "companyId": {"id": 12, "name": "Rossi Srl"},
            "opportunityId": None,
            "ownerId": "77",
            "state": 2,
            "activityDate": "2026-07-01T09:00:00",
            "createdDate": "2026-07-01T07:00:00.1234567Z",
            "lastModifiedDate": "0001-01-01T00:00:00",
        },
    )

    activity = await crm.get_activity(845)

    assert activity == ActivityRecord(
        id=845,
        subject="Vendita SOF",
        description="Start Office Finance",
        sub_type_id=63705,
        company_id=12,
        owner_id=77,
        state=2,
        completed=True,
        starts_at=datetime(2026, 7, 1, 7, 0, tzinfo=UTC),
        created_at=datetime(2026, 7, 1, 7, 0, 0, 123456, tzinfo=UTC),
    )


async def test_a_company_is_read_with_its_vat_number(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.get(
        "https://crm.test/api/v1/Company/12/GetFull",
        payload={"id": 12, "companyName": "Rossi Srl", "vatId": 12345678901, "taxIdentificationNumber": "X"},
    )

    assert await crm.get_company(12) == CompanyRecord(id=12, name="Rossi Srl", vat_number="12345678901")


@pytest.mark.parametrize(
    "me",
    [
        pytest.param({"id": 901, "name": "Ada"}, id="in lower case"),
        pytest.param({"UserId": "901", "UserName": "Ada"}, id="as in the token"),
    ],
)
def test_we_are_reported_who_we_are(me: dict[str, Any]) -> None:
    assert user_of(me) == UserRecord(id=901, name="Ada")


@given(st.fixed_dictionaries(dict.fromkeys(OPPORTUNITY_PROPERTIES, JSON)))
def test_no_value_keeps_an_opportunity_from_being_read(values: dict[str, Any]) -> None:
    assert opportunity_of({**values, "id": 1}, zone=ROME).id == 1


@given(st.fixed_dictionaries(dict.fromkeys(ACTIVITY_PROPERTIES, JSON)))
def test_no_value_keeps_an_activity_from_being_read(values: dict[str, Any]) -> None:
    assert activity_of({**values, "id": 1}, zone=ROME, completed_state=2).id == 1
