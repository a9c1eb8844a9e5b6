"""The doctor proves what the search can do."""

import pytest

from services.crm.crm_in_cloud.profile import Rows, Verdict
from tests.support.crm_lookups import examine
from tests.support.sandbox_process import SandboxProcess
from tests.support.stocked_tenant import COMPANY_ID, EVERY_KEY, NOTHING, profile_of

BY_PROPERTY = EVERY_KEY - {"Activity.id", "Activity.in(id)", "Opportunity.id", "Catalog.in(id)"}


async def test_where_all_can_be_searched_every_filter_is_proven(stocked: SandboxProcess) -> None:
    profile = await profile_of(stocked)

    assert dict(profile.filters) == dict.fromkeys(EVERY_KEY, Verdict.SEARCHABLE)
    assert dict(profile.rows) == {"Activity": Rows.WHOLE, "Opportunity": Rows.WHOLE}
    assert profile.longest_page > 10
    assert profile.held == {one: len(await stocked.records(one)) for one in ("Activity", "Opportunity")}


@pytest.mark.parametrize("rows", ["whole", "slim"])
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        pytest.param("refused", Verdict.REFUSED, id="refused"),
        pytest.param("ignored", Verdict.IGNORED, id="ignored"),
        pytest.param("empty", Verdict.BLIND, id="silently empty"),
    ],
)
async def test_where_nothing_can_be_searched_each_filter_says_how(
    stocked: SandboxProcess, answer: str, verdict: Verdict, rows: str
) -> None:
    await stocked.switch(searchable_fields=NOTHING, unsearchable_filters=answer, search_rows=rows)

    profile = await profile_of(stocked)

    # All records were last changed within one second, so that of a date that is ignored nothing shows.
    reported = BY_PROPERTY - ({"Activity.lastModifiedDate"} if verdict is Verdict.IGNORED else set())
    assert {key: profile.filters[key] for key in reported} == dict.fromkeys(reported, verdict)
    assert profile.filters["Activity.id"] is Verdict.SEARCHABLE


async def test_one_property_that_cannot_be_searched_is_distinguished_from_the_others(
    stocked: SandboxProcess,
) -> None:
    await stocked.switch(
        searchable_fields={"Activity": ["subTypeId", "companyId", "opportunityId"]},
        unsearchable_filters="empty",
    )

    profile = await profile_of(stocked)

    blind = {key for key, verdict in profile.filters.items() if verdict is Verdict.BLIND}
    assert blind == {"Activity.lastModifiedDate", "Activity.subTypeId+lastModifiedDate"}


@pytest.mark.parametrize("rows", ["slim", "ids"])
async def test_rows_that_are_not_whole_are_noticed(stocked: SandboxProcess, rows: str) -> None:
    await stocked.switch(search_rows=rows)

    profile = await profile_of(stocked)

    assert dict(profile.rows) == {"Activity": Rows.PARTIAL, "Opportunity": Rows.PARTIAL}
    assert profile.filters["Activity.opportunityId"] is Verdict.SEARCHABLE


async def test_a_property_that_only_old_records_have_is_proven_too(stocked: SandboxProcess) -> None:
    for number in range(12):
        await stocked.add("Activity", subject=f"{number}", companyId=COMPANY_ID)

    profile = await profile_of(stocked, page_size=10)

    assert profile.filters["Activity.opportunityId"] is Verdict.SEARCHABLE


async def test_pages_that_are_cut_short_are_noticed(stocked: SandboxProcess) -> None:
    await stocked.switch(page_cap=4)

    found = await examine(stocked.settings)

    assert found.page_cap == {"Activity": 4}
    assert found.profile.longest_page == 4
    assert len(found.profile.sub_types) == len(found.profile.phases) == 6
    assert found.profile.filters["Activity.subTypeId"] is Verdict.SEARCHABLE


@pytest.mark.parametrize("resources", [{}, {"sub_types": True}], ids=["nothing at all", "but for sub-types"])
async def test_an_empty_tenant_proves_nothing_and_is_no_trouble(
    sandbox: SandboxProcess, resources: dict[str, bool]
) -> None:
    await sandbox.empty()
    if resources:
        await sandbox.add("ActivitySubType", name="Vendita")

    found = await examine(sandbox.settings)

    assert found.complete
    assert dict(found.profile.filters) == dict.fromkeys(EVERY_KEY, Verdict.UNPROVEN)
    assert len(found.profile.sub_types) == len(resources)


async def test_a_crm_without_a_list_of_ids_is_examined_by_its_search(stocked: SandboxProcess) -> None:
    for controller in ("Activity", "Opportunity"):
        await stocked.plan("status", match={"controller": controller, "action": "list"}, args={"status": 404})

    found = await examine(stocked.settings)

    assert [refusal.status for refusal in found.refused] == [404, 404]
    assert dict(found.profile.filters) == dict.fromkeys(EVERY_KEY, Verdict.SEARCHABLE)
    assert found.complete


async def test_a_refusal_needs_no_record_to_be_seen(sandbox: SandboxProcess) -> None:
    await sandbox.empty()
    await sandbox.switch(searchable_fields=NOTHING)

    profile = await profile_of(sandbox)

    assert {key: profile.filters[key] for key in BY_PROPERTY} == dict.fromkeys(BY_PROPERTY, Verdict.REFUSED)
