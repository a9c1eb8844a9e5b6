"""A client that follows the profile misses nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.crm.crm_in_cloud.profile import ONE_OF, Verdict, key_of
from services.crm.records import ActivityDetails, OpportunityDraft
from tests.support.crm_lookups import client_following
from tests.support.sandbox_process import SandboxProcess
from tests.support.stocked_tenant import COMPANY_ID, EVERY_KEY, NOTHING, profile_of

REFERENCE = "TCK-F40-5155-01"


SWITCHES = [
    pytest.param({}, id="as the evidence favours"),
    *(
        pytest.param(
            {"searchable_fields": fields, "unsearchable_filters": answer, "search_rows": rows}, id=name
        )
        for name, fields, answer, rows in [
            ("nothing is searchable, and it says so", NOTHING, "refused", "whole"),
            ("filters are ignored", NOTHING, "ignored", "whole"),
            ("nothing is silently found", NOTHING, "empty", "whole"),
            ("the code is silently not found", {"Opportunity": ["crossId"]}, "empty", "whole"),
            ("only the code is searchable", {"Opportunity": ["code"]}, "empty", "whole"),
            ("nothing is found in slim rows", NOTHING, "empty", "slim"),
            ("filters are ignored and rows are slim", NOTHING, "ignored", "slim"),
        ]
    ),
    pytest.param({"search_rows": "slim"}, id="rows are slim"),
    pytest.param({"search_rows": "ids"}, id="rows are ids"),
    pytest.param({"page_cap": 3}, id="pages are cut short"),
    pytest.param({"answered_dates": "zoneless", "server_zone": "UTC"}, id="dates are of UTC"),
]


@pytest.mark.parametrize("empty", [False, True], ids=["stocked", "empty"])
@pytest.mark.parametrize("switches", SWITCHES)
async def test_a_client_that_follows_the_profile_misses_nothing(
    sandbox: SandboxProcess, switches: dict[str, object], empty: bool
) -> None:
    company_id = await arrange(sandbox, empty=empty)
    await sandbox.switch(**switches)
    profile = await profile_of(sandbox)

    async with client_following(profile, sandbox.settings) as crm:
        made = [await crm.create_opportunity(draft_for(company_id, number)) for number in range(5)]
        details = ActivityDetails(company_id=company_id, reference="m:7", due_on=date(2026, 12, 23))
        activity_id = await crm.create_activity(made[0], "Firma", details=details)

        assert {one.id for one in await crm.find_coded("5155", company_id=company_id)} >= set(made)
        assert {one.id for one in await crm.get_opportunities(company_id)} >= set(made)
        assert [one.reference for one in await crm.get_activities(made[0])] == ["m:7"]
        assert activity_id in {one.id for one in await crm.get_company_activities(company_id)}
        recent = await crm.list_activities(63706, modified_since=datetime.now(UTC) - timedelta(minutes=1))
        assert activity_id in {one.id for one in recent}
        assert all(one.created_at is not None for one in recent)


@pytest.mark.parametrize(
    "switches",
    [
        pytest.param({"searchable_fields": NOTHING, "unsearchable_filters": "empty"}, id="silently empty"),
        pytest.param({"search_rows": "slim"}, id="slim rows"),
        pytest.param({"page_cap": 3}, id="pages are cut short"),
    ],
)
async def test_control_without_a_profile_the_client_believes_what_it_is_shown(
    sandbox: SandboxProcess, switches: dict[str, object]
) -> None:
    company_id = await arrange(sandbox)
    await sandbox.switch(**switches)

    async with client_following(None, sandbox.settings) as crm:
        made = [await crm.create_opportunity(draft_for(company_id, number)) for number in range(5)]
        found = await crm.get_opportunities(company_id)

    assert {(one.id, one.code) for one in found} != {
        (made_id, f"{REFERENCE}.{number}") for number, made_id in enumerate(made)
    }


async def test_what_can_be_searched_is_searched_and_not_read_through(stocked: SandboxProcess) -> None:
    await stocked.switch(searchable_fields={"Opportunity": ["crossId"]}, unsearchable_filters="empty")
    profile = await profile_of(stocked)
    before = len(await stocked.calls("/api/"))

    async with client_following(profile, stocked.settings) as crm:
        await crm.get_opportunities(COMPANY_ID)

    login, search = (await stocked.calls("/api/"))[before:]
    assert (login["action"], search["action"]) == ("login", "search")
    assert "crossId eq" in search["query"]


async def test_a_filter_that_has_shown_something_is_believed_from_then_on(sandbox: SandboxProcess) -> None:
    company_id = await arrange(sandbox, empty=True)
    profile = await profile_of(sandbox)
    async with client_following(profile, sandbox.settings) as crm:
        await crm.create_opportunity(draft_for(company_id, 1))
        await crm.get_opportunities(company_id)
        before = len(await sandbox.calls("/api/"))

        assert await crm.get_opportunities(company_id + 1) == []

    (search,) = (await sandbox.calls("/api/"))[before:]
    assert search["action"] == "search"


@pytest.mark.parametrize(
    ("verdict", "searches"),
    [
        pytest.param(Verdict.REFUSED, 0, id="refused"),
        pytest.param(Verdict.BLIND, 0, id="silently empty"),
        pytest.param(Verdict.IGNORED, 0, id="ignored"),
        pytest.param(Verdict.SEARCHABLE, 1, id="control: found"),
    ],
)
async def test_products_are_read_one_by_one_where_a_search_does_not_find_several(
    stocked: SandboxProcess, verdict: Verdict, searches: int
) -> None:
    numbers = [record["id"] for record in await stocked.records("Catalog")][:2]
    profile = replace(await profile_of(stocked), filters={"Catalog.in(id)": verdict})
    async with client_following(profile, stocked.settings) as crm:
        before = len(await stocked.calls("/api/"))

        codes = await crm.get_product_codes(numbers)

    assert set(codes) == set(numbers)
    made = (await stocked.calls("/api/"))[before:]
    assert sum(call["action"] == "search" for call in made) == searches


async def test_a_refused_search_for_several_products_is_known(stocked: SandboxProcess) -> None:
    search = {"controller": "Catalog", "action": "search"}
    await stocked.plan("status", match=search, args={"status": 400}, times=None)

    profile = await profile_of(stocked)

    assert profile.filters["Catalog.in(id)"] is Verdict.REFUSED


async def test_every_filter_of_the_client_is_one_that_is_put_to_the_proof(stocked: SandboxProcess) -> None:
    async with client_following(None, stocked.settings) as crm:
        await crm.get_opportunities(COMPANY_ID)
        await crm.find_coded("5155", company_id=COMPANY_ID)
        await crm.get_activities(1)
        await crm.get_company_activities(COMPANY_ID)
        await crm.list_activities(63705, modified_since=datetime.now(UTC))
        await crm.list_activities_beyond(1)
        await crm.get_product_codes([1, 2])
        await crm.list_living([1, 2])
        await stocked.switch(searchable_fields=NOTHING)
        await crm.list_activities(63705, modified_since=datetime.now(UTC))

    searches = [call for call in await stocked.calls("/api/") if call["action"].startswith("search")]
    assert {_key_in(call) for call in searches} == EVERY_KEY - {"Opportunity.id"}


def _key_in(call: dict[str, str]) -> str:
    condition = call["query"].split("$filter=")[1].split("&")[0]
    if " or " in condition:
        return key_of(call["controller"], (ONE_OF,))
    names = [part.split()[0].replace(",", ")") for part in condition.split(" and ")]
    return key_of(call["controller"], names)


async def arrange(sandbox: SandboxProcess, *, empty: bool = False) -> int:
    """A company in a tenant that has a little of everything, or holds nothing else."""
    if empty:
        await sandbox.empty()
        await sandbox.switch(unknown_references="accepted")
        return await sandbox.add("Company", companyName="Alfa")
    opportunity_id = await sandbox.add("Opportunity", title="Formazione", code="C-7", crossId=408102)
    await sandbox.add("Activity", subject="Firma", opportunityId=opportunity_id, companyId=408102)
    return COMPANY_ID


def draft_for(company_id: int, number: int) -> OpportunityDraft:
    return OpportunityDraft(
        company_id=company_id,
        sale_id=845155,
        reference=f"{REFERENCE}.{number}",
        title="Formazione",
        amount=Decimal(900),
    )
