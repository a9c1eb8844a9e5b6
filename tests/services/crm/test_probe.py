"""The probe learns what a tenant can do by reading alone, and a client that follows it misses nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.crm.errors import CrmForbidden, LoginRefused
from services.crm.profile import FILTERS, ONE_OF, Rows, TenantProfile, Verdict, key_of, strategy_of
from services.crm.records import ActivityDetails, OpportunityDraft
from services.crm.settings import AuthMode
from tests.services.crm.looking import client_following, examine
from tests.services.crm.recorded import SETTINGS
from tests.services.crm.sandbox_process import SandboxProcess

COMPANY_ID = 408101
REFERENCE = "TCK-F40-5155-01"
NOTHING = {"Activity": [], "Opportunity": []}
EVERY_KEY = {key_of(*one) for one in FILTERS}
BY_PROPERTY = EVERY_KEY - {"Activity.id", "Activity.in(id)", "Opportunity.id", "Catalog.in(id)"}


@pytest.fixture
async def stocked(sandbox: SandboxProcess) -> SandboxProcess:
    """A tenant that has something of everything."""
    opportunity_id = await sandbox.add("Opportunity", title="Formazione", code="C-7", crossId=COMPANY_ID)
    await sandbox.add("Opportunity", title="Bandi", crossId=408102)
    await sandbox.add("Activity", subject="Firma", opportunityId=opportunity_id, companyId=COMPANY_ID)
    return sandbox


async def profile_of(sandbox: SandboxProcess, **changes: object) -> TenantProfile:
    return (await examine(sandbox.settings, **changes)).profile


# Reading only


async def test_a_look_leaves_nothing_but_reads_and_a_login(stocked: SandboxProcess) -> None:
    before = [await stocked.records(resource) for resource in ("Activity", "Opportunity", "Company")]

    await examine(stocked.settings)

    calls = await stocked.calls("/api/")
    assert [call["action"] for call in calls if call["method"] != "GET"] == ["login"]
    assert {call["effect"] for call in calls} == {None}
    assert [await stocked.records(resource) for resource in ("Activity", "Opportunity", "Company")] == before


async def test_a_look_stays_well_within_a_minute_s_calls(stocked: SandboxProcess) -> None:
    await examine(stocked.settings)

    assert len(await stocked.calls("/api/")) < 40


# What the tenant holds


async def test_it_names_the_user_the_sub_types_the_phases_and_the_states(stocked: SandboxProcess) -> None:
    profile = await profile_of(stocked)

    assert profile.user_id == 2001
    assert (63705, "Intelligence") in {(one.id, one.name) for one in profile.sub_types}
    assert [(one.name, one.status, one.weight) for one in profile.phases][-2:] == [
        ("Vinta", 3, 100),
        ("Persa", 4, 0),
    ]
    assert profile.states == (1, 2)


@pytest.mark.parametrize("rows", ["whole", "slim", "ids"])
async def test_sub_types_are_named_whatever_a_search_shows(stocked: SandboxProcess, rows: str) -> None:
    await stocked.switch(search_rows=rows)

    profile = await profile_of(stocked)

    assert (63705, "Intelligence") in {(one.id, one.name) for one in profile.sub_types}


async def test_what_was_read_is_what_a_new_record_has(stocked: SandboxProcess) -> None:
    found = await examine(stocked.settings)

    assert "subTypeId" in found.properties["Activity"]
    assert "code" in found.properties["Opportunity"]


# What the search can do


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
    told = BY_PROPERTY - ({"Activity.lastModifiedDate"} if verdict is Verdict.IGNORED else set())
    assert {key: profile.filters[key] for key in told} == dict.fromkeys(told, verdict)
    assert profile.filters["Activity.id"] is Verdict.SEARCHABLE


async def test_one_property_that_cannot_be_searched_is_told_from_the_others(stocked: SandboxProcess) -> None:
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


# Time


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

    assert found.heard.skew is not None
    assert abs(found.heard.skew) < timedelta(seconds=30)


# What stands in the way


@pytest.mark.parametrize("mode", [AuthMode.LOGIN_AND_KEY, AuthMode.LOGIN, AuthMode.KEY])
async def test_wrong_credentials_end_the_look_after_one_try(sandbox: SandboxProcess, mode: AuthMode) -> None:
    found = await examine(sandbox.settings, auth_mode=mode, password="wrong", api_key="wrong")

    assert isinstance(found.broken_off, CrmForbidden)
    assert len(await sandbox.calls("/api/")) == 1
    assert not found.complete


async def test_a_refused_login_is_told_from_a_refused_call(sandbox: SandboxProcess) -> None:
    found = await examine(sandbox.settings, password="wrong")

    assert isinstance(found.broken_off, LoginRefused)


async def test_a_key_without_rights_is_refused_call_by_call_and_proves_nothing(
    sandbox: SandboxProcess,
) -> None:
    await sandbox.switch(key_scope=["create"])
    settings = replace(sandbox.settings, auth_mode=AuthMode.KEY)

    found = await examine(settings)

    assert found.broken_off is None
    assert {refusal.status for refusal in found.refused} == {403}
    assert not found.complete


@pytest.mark.parametrize("fault", ["html_200", "html_502", "drop_before"])
async def test_a_crm_that_breaks_down_in_the_middle_ends_the_look(
    stocked: SandboxProcess, fault: str
) -> None:
    await stocked.plan(fault, match={"action": "search", "controller": "Opportunity"})

    found = await examine(stocked.settings)

    assert found.broken_off is not None
    assert not found.complete


# What comes of it


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

        (found,) = await crm.find_opportunities(f"{REFERENCE}.0", company_id=company_id)
        assert found.id == made[0]
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
        await crm.find_opportunities(REFERENCE, company_id=COMPANY_ID)

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
        await crm.find_opportunities(REFERENCE, company_id=COMPANY_ID)
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
