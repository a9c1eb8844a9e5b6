"""What was proven of a tenant is kept, and the hub that starts next follows it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs

from models import ActionItem, CallSlot, IntakeItem, Opportunity, PollMark, StoredProfile
from server.application import log_profile
from server.doctor import examine_tenant
from services.crm.crm_in_cloud.profile import FILTERS, Phase, Rows, SubType, TenantProfile, Verdict, key_of
from services.crm_tenant import account_of, find_profile, store_profile
from services.opportunities.generation import generate_opportunities
from services.vocabulary import ItemKind
from tests.support.crm_lookups import examine
from tests.support.hub import BREMBATE, VALDARNO, add_operator, generate, hub_over, synchronise, take_in
from tests.support.recorded_answers import NOW, SETTINGS

PROFILE = TenantProfile(
    probed_at=NOW,
    user_id=2001,
    sub_types=(SubType(id=63705, name="Intelligence"),),
    phases=(Phase(id=53001, name="Contatto", status=1, weight=None),),
    states=(1, 2),
    filters={key_of(*one): Verdict.BLIND for one in FILTERS},
    rows={"Activity": Rows.PARTIAL},
    longest_page=50,
    zone="UTC",
    lag_seen=12.5,
)


async def test_a_profile_is_found_again_as_it_was_stored(db):
    await store_profile(PROFILE, SETTINGS)

    assert await find_profile(SETTINGS) == PROFILE


async def test_a_tenant_has_one_profile_and_the_later_look_counts(db):
    later = replace(PROFILE, probed_at=NOW + timedelta(days=1), zone="Europe/Rome")
    for profile in (PROFILE, later, PROFILE):
        await store_profile(profile, SETTINGS)

    assert await find_profile(SETTINGS) == later
    assert await StoredProfile.all().count() == 1


@pytest.mark.parametrize(
    "other",
    [{"api_key": "another"}, {"username": "another"}, {"base_url": "https://another.test"}],
    ids=["key", "user", "address"],
)
async def test_other_credentials_have_another_profile(db, other):
    await store_profile(PROFILE, SETTINGS)

    assert await find_profile(replace(SETTINGS, **other)) is None


async def test_a_profile_of_another_version_is_none_and_the_log_says_so(db):
    await StoredProfile.create(account=account_of(SETTINGS), probed_at=NOW, profile={"filters": 7})

    with capture_logs() as logs:
        assert await find_profile(SETTINGS) is None

    assert [log["event"] for log in logs] == ["tenant_profile_unreadable"]


async def test_no_secret_is_stored(db):
    await store_profile(PROFILE, SETTINGS)

    stored = str(await StoredProfile.all().values())
    assert not any(secret in stored for secret in (SETTINGS.username, SETTINGS.password, SETTINGS.api_key))


# The hub that follows it


async def test_a_hub_over_a_blind_search_finds_sales_once_it_has_a_profile(hub_url, sandbox):
    await sandbox.switch(searchable_fields={"Activity": []}, unsearchable_filters="empty")
    received = []
    for _ in ("without a profile", "with one"):
        async with hub_over(hub_url, sandbox, poll_since=date(2020, 1, 1)) as hub:
            await PollMark.all().update(holder=None, not_before=NOW - timedelta(days=400))
            await hub.poller.poll()
            received.append(await IntakeItem.all().count() > 0)
            await store_profile((await examine(sandbox.settings)).profile, sandbox.settings)

    assert received == [False, True]


async def test_a_lost_answer_makes_no_double_where_pages_are_capped_without_a_profile(hub_url, sandbox):
    await sandbox.switch(page_cap=20)
    for number in range(25):
        await sandbox.add("Opportunity", title=f"Altro {number}", crossId=BREMBATE)
    async with hub_over(hub_url, sandbox, time_limit=0.5) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await sandbox.plan("commit_then_drop", match={"action": "create", "controller": "Opportunity"})

        items = await generate(hub, parent.id, actor=giulia.id, override_reason="Firma in arrivo")

    coded = [one["code"] for one in await sandbox.records("Opportunity") if one.get("code")]
    assert {item.outcome for item in items} == {"CREATED"}
    assert Counter(coded).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    ("examined", "most_of_a_code"),
    [pytest.param(True, 1, id="examined"), pytest.param(False, 2, id="control: not examined")],
)
async def test_a_lost_answer_makes_no_double_where_the_search_finds_nothing(
    hub_url, sandbox, examined, most_of_a_code
):
    await sandbox.switch(searchable_fields={"Opportunity": []}, unsearchable_filters="empty")
    await sandbox.add("Opportunity", title="Bandi", code="C-7", crossId=VALDARNO)
    async with hub_over(hub_url, sandbox) as hub:
        if examined:
            await store_profile((await examine(sandbox.settings)).profile, sandbox.settings)
    async with hub_over(hub_url, sandbox, time_limit=0.5) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await sandbox.plan("commit_then_drop", match={"action": "create", "controller": "Opportunity"})

        await generate(hub, parent.id, actor=giulia.id, override_reason="Firma in arrivo")

    codes = Counter(record["code"] for record in await sandbox.records("Opportunity"))
    assert len(codes) == 5
    assert max(codes.values()) == most_of_a_code


async def test_doubles_are_not_looked_for_before_a_search_that_lags_would_show_them(hub_url, sandbox):
    async with hub_over(hub_url, sandbox):
        profile = (await examine(sandbox.settings)).profile
        await store_profile(replace(profile, lag_seen=3600.0), sandbox.settings)
    async with hub_over(hub_url, sandbox, second_look_seconds=120) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await generate_opportunities(parent.id, override_reason="Urgente", actor=giulia.id, events=hub.events)

        (lane,) = await hub.engine.due_lanes()
        await hub.engine.run_lane(lane)

        look = await ActionItem.get(kind=ItemKind.SECOND_LOOK)
        planned = await hub.engine.run_lane(look.lane)
        await ActionItem.filter(id=look.id).update(next_try_at=hub.clock())
        put_off = await hub.engine.run_lane(look.lane)

    assert planned > 3600
    assert put_off > 3600


async def test_the_doctor_works_beside_a_hub_and_out_of_the_same_budget(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        await hub.poller.poll()
        before = (await CallSlot.get()).free_at

        report = await examine_tenant(hub.settings, clock=hub.clock)

        assert report.exit_code == 0
        assert (await CallSlot.get()).free_at > before
        assert await find_profile(sandbox.settings) == report.profile


async def test_the_mirror_names_phases_as_the_profile_does(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await generate(hub, parent.id, actor=giulia.id, override_reason="Firma in arrivo")
        await synchronise(hub, ticket_id=parent.id, actor=giulia.id)
        before = {one.phase for one in await Opportunity.all()}
        await store_profile((await examine(sandbox.settings)).profile, sandbox.settings)

    async with hub_over(hub_url, sandbox) as hub:
        await synchronise(hub, ticket_id=parent.id, actor=giulia.id)
        after = {one.phase for one in await Opportunity.all()}

    assert (before, after) == ({"53001"}, {"Contatto"})


@pytest.mark.parametrize(
    ("changes", "unknown"),
    [
        pytest.param({}, [["CRM_SHADOW_SUB_TYPE_ID"]], id="unknown"),
        pytest.param({"sub_types": ()}, [], id="nothing seen"),
    ],
)
async def test_the_log_warns_of_a_number_that_the_tenant_does_not_have(hub_url, sandbox, changes, unknown):
    async with hub_over(hub_url, sandbox):
        await store_profile(replace(PROFILE, **changes), sandbox.settings)

    with capture_logs() as logs:
        async with hub_over(hub_url, sandbox) as hub:
            log_profile(hub)

    assert [list(log["unknown"]) for log in logs if log["event"] == "tenant_lacks_numbers"] == unknown


async def test_the_log_says_whether_anything_is_known_of_the_tenant(hub_url, sandbox):
    with capture_logs() as logs:
        async with hub_over(hub_url, sandbox) as hub:
            log_profile(hub)
            await store_profile(PROFILE, sandbox.settings)
        async with hub_over(hub_url, sandbox) as hub:
            log_profile(hub)

    reported = [log for log in logs if "tenant_profile" in log["event"]]
    assert [log["event"] for log in reported] == ["no_tenant_profile", "tenant_profile"]
    assert "duplicate" in reported[0]["risk"]
    assert reported[0]["run"] == "python -m server doctor"
