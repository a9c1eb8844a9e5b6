"""The doctor only reads, and names what the tenant holds."""

import pytest

from tests.support.crm_lookups import examine
from tests.support.sandbox_process import SandboxProcess
from tests.support.stocked_tenant import profile_of


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
