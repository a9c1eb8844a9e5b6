"""One switch for every unknown, each thrown both ways (§7)."""

from typing import Any

import pytest

from tests.support.sandbox_client import Driver, SteeredClock

COMPANY = {"companyName": "Alfa", "vatId": "99012340168"}


async def status_of(crm: Driver, controller: str, **body: Any) -> int:
    return (await crm.call("POST", controller, body)).status


async def test_the_plain_list_ignores_or_applies_a_filter(crm: Driver) -> None:
    made = [await crm.save("Company", companyName=name) for name in ("Alfa", "Beta")]
    query = {"$filter": "companyName eq 'Beta'", "$orderby": "id desc"}

    ignored = await crm.get("Company", **query)
    await crm.switch(list_filter="applied")
    applied = await crm.get("Company", **query)

    assert (ignored, applied) == (made, made[1:])


@pytest.mark.parametrize("name", ["limit", "maxRecords", "$top"])
async def test_the_plain_list_ignores_or_applies_a_limit(crm: Driver, name: str) -> None:
    made = [await crm.save("Company", companyName=company) for company in ("Alfa", "Beta")]

    ignored = await crm.get("Company", **{name: 1})
    await crm.switch(list_limit="applied")
    applied = await crm.get("Company", **{name: 1})
    unasked = await crm.get("Company")

    assert (ignored, applied, unasked) == (made, made[:1], made)


async def test_a_property_is_searchable_or_is_not(crm: Driver) -> None:
    opportunity_id = await crm.save("Opportunity", title="a", code="F40-1")
    query = {"filter": "code eq 'F40-1'"}

    found = await crm.call("GET", "Opportunity/Search", **query)
    await crm.switch(searchable_fields={"Opportunity": ["title"]})
    refused = await crm.call("GET", "Opportunity/Search", **query)
    by_id = await crm.search("Opportunity", f"id eq {opportunity_id}")

    assert [record["id"] for record in found.json] == [opportunity_id]
    assert refused.status == 400
    assert by_id == [opportunity_id]


async def test_a_filter_over_another_property_is_refused_ignored_or_finds_nothing(crm: Driver) -> None:
    made = [await crm.save("Opportunity", title=title, code=title) for title in ("Alfa", "Beta")]
    await crm.switch(searchable_fields={"Opportunity": ["title"]})
    both = "title eq 'Alfa' and code eq 'Alfa'"

    refused = await crm.call("GET", "Opportunity/Search", filter=both)
    await crm.switch(unsearchable_filters="ignored")
    ignored = await crm.search("Opportunity", both)
    await crm.switch(unsearchable_filters="empty")
    empty = await crm.search("Opportunity", both)

    assert (refused.status, ignored, empty) == (400, made, [])
    assert await crm.search("Opportunity", "title eq 'Alfa'") == made[:1]


async def test_a_search_shows_whole_records_slim_ones_or_ids(crm: Driver) -> None:
    made = await crm.save("Opportunity", title="Alfa", code="A-1", amount=900)

    (whole,) = await crm.get("Opportunity/Search")
    await crm.switch(search_rows="slim")
    (slim,) = await crm.get("Opportunity/Search")
    await crm.switch(search_rows="ids")
    ids = await crm.get("Opportunity/Search")

    assert whole == await crm.get(f"Opportunity/{made}")
    assert (slim["id"], slim["title"], "crossId" in slim) == (made, "Alfa", True)
    assert not {"code", "description", "lastModifiedDate"} & slim.keys()
    assert ids == [made]


async def test_a_page_is_as_long_as_asked_or_is_cut_short(crm: Driver) -> None:
    made = [await crm.save("Company", companyName=name) for name in ("Alfa", "Beta", "Gamma")]
    query = {"$top": 100, "$orderby": "id asc"}

    whole = await crm.get("Company/SearchIds", **query)
    await crm.switch(page_cap=2)
    pages = [await crm.get("Company/SearchIds", **query, **{"$skip": skip}) for skip in (0, 2)]

    assert whole == made
    assert pages == [made[:2], made[2:]]


async def test_the_search_lags_behind_a_new_record_and_the_read_by_id_does_not(
    crm: Driver, clock: SteeredClock
) -> None:
    await crm.switch(search_lag_seconds=5)
    company_id = await crm.save("Company", companyName="Alfa")

    early = await crm.search("Company", ""), await crm.get("Company/SearchIds"), await crm.get("Company")
    read = (await crm.get(f"Company/{company_id}"))["companyName"]
    clock.advance(5)
    late = await crm.search("Company", "")

    assert early == ([], [], [company_id])
    assert (read, late) == ("Alfa", [company_id])


async def test_the_search_shows_the_former_state_of_a_record_while_it_lags(
    crm: Driver, clock: SteeredClock
) -> None:
    company_id = await crm.save("Company", companyName="Before")
    await crm.switch(search_lag_seconds=5)
    await crm.save("Company", id=company_id, companyName="Between")
    clock.advance(2)
    await crm.save("Company", id=company_id, companyName="After")

    clock.advance(4)
    early = [await crm.search("Company", f"companyName eq '{name}'") for name in ("Before", "After")]
    clock.advance(1)
    late = [await crm.search("Company", f"companyName eq '{name}'") for name in ("Before", "After")]

    assert early == [[company_id], []]
    assert late == [[], [company_id]]


async def test_an_unknown_property_is_ignored_or_refused(crm: Driver) -> None:
    activity_id = await crm.save("Activity", subject="a", startDate="2026-01-01")
    await crm.switch(unknown_properties="refused")
    refused = await crm.call("POST", "Activity", {"subject": "a", "startDate": "2026-01-01"})

    assert "startDate" not in await crm.get(f"Activity/{activity_id}")
    assert refused.status == 400
    assert "startDate" in refused.json["message"]


async def test_a_reference_to_nothing_is_refused_or_accepted(crm: Driver) -> None:
    bodies = [("Activity", {"subject": "a", "companyId": 7}), ("Opportunity", {"title": "a", "crossId": 7})]

    refused = [await status_of(crm, controller, **body) for controller, body in bodies]
    await crm.switch(unknown_references="accepted")
    accepted = [await status_of(crm, controller, **body) for controller, body in bodies]

    assert (refused, accepted) == ([400, 400], [200, 200])


async def test_a_missing_required_property_is_refused_or_accepted(crm: Driver) -> None:
    refused = await status_of(crm, "Opportunity", amount=5)
    await crm.switch(required_fields="accepted")
    accepted = await status_of(crm, "Opportunity", amount=5)

    assert (refused, accepted) == (400, 200)


async def test_the_answer_for_a_missing_record_has_a_body_or_none(crm: Driver) -> None:
    with_message = await crm.call("GET", "Company/7")
    await crm.switch(missing_record_body="empty")
    without = await crm.call("GET", "Company/7")

    assert (with_message.status, with_message.json) == (404, {"message": "Company 7 does not exist."})
    assert (without.status, without.text) == (404, "")


async def test_the_user_endpoints_are_there_or_are_not(sampled_crm: Driver) -> None:
    present = await sampled_crm.call("GET", "User/2002")
    await sampled_crm.switch(user_endpoints="absent")
    absent = await sampled_crm.call("GET", "User/2002")

    assert (present.status, absent.status) == (200, 404)


@pytest.mark.parametrize(
    ("controller", "body", "switch"),
    [
        pytest.param("Company", COMPANY, "company_vat_duplicates", id="VAT number"),
        pytest.param(
            "Opportunity", {"title": "a", "code": "F40-1"}, "opportunity_code_duplicates", id="opportunity"
        ),
        pytest.param("Catalog", {"productName": "a", "code": "F40"}, "catalog_code_duplicates", id="product"),
    ],
)
async def test_a_double_is_refused_or_accepted(
    crm: Driver, controller: str, body: dict[str, Any], switch: str
) -> None:
    first = await crm.save(controller, **body)

    await crm.switch(**{switch: "refused"})
    refused = await crm.call("POST", controller, body)
    itself = await status_of(crm, controller, id=first, **body)
    await crm.switch(**{switch: "accepted"})
    accepted = await status_of(crm, controller, **body)

    assert refused.status == 400
    assert "duplic" in refused.json["message"]
    assert (itself, accepted) == (200, 200)


async def test_an_update_into_a_double_is_refused_too(crm: Driver) -> None:
    await crm.save("Company", **COMPANY)
    other = await crm.save("Company", companyName="Beta")

    reply = await crm.call("POST", "Company", {"id": other, "vatId": COMPANY["vatId"]})

    assert reply.status == 400
    assert (await crm.get(f"Company/{other}"))["vatId"] is None


@pytest.mark.parametrize("status", [400, 409, 500])
async def test_a_double_is_refused_with_the_chosen_status(crm: Driver, status: int) -> None:
    await crm.switch(duplicate_status=status)
    await crm.save("Company", **COMPANY)

    assert await status_of(crm, "Company", **COMPANY) == status


async def test_the_code_of_an_opportunity_is_kept_dropped_or_refused(crm: Driver) -> None:
    body = {"title": "a", "code": "F40-1"}

    kept = await crm.save("Opportunity", **body)
    await crm.switch(opportunity_code="dropped")
    dropped = await crm.save("Opportunity", **body)
    await crm.switch(opportunity_code="refused")
    refused = await status_of(crm, "Opportunity", **body)
    without_code = await status_of(crm, "Opportunity", title="a")

    codes = [(await crm.get(f"Opportunity/{record_id}"))["code"] for record_id in (kept, dropped)]
    assert codes == ["F40-1", None]
    assert (refused, without_code) == (400, 200)


@pytest.mark.parametrize(
    ("style", "zone", "answered"),
    [
        pytest.param("zulu", "UTC", "2026-12-21T09:00:00.000Z", id="Z over UTC"),
        pytest.param("zulu", "Europe/Rome", "2026-12-21T08:00:00.000Z", id="Z over Rome"),
        pytest.param("zoneless", "UTC", "2026-12-21T09:00:00", id="bare over UTC"),
        pytest.param("zoneless", "Europe/Rome", "2026-12-21T09:00:00", id="bare over Rome"),
    ],
)
async def test_dates_without_a_zone_belong_to_the_server_s(
    crm: Driver, style: str, zone: str, answered: str
) -> None:
    await crm.switch(answered_dates=style, server_zone=zone)

    activity_id = await crm.save("Activity", subject="a", activityDate="2026-12-21T09:00:00")

    assert (await crm.get(f"Activity/{activity_id}"))["activityDate"] == answered
    assert await crm.search("Activity", "activityDate eq 2026-12-21T09:00:00") == [activity_id]


async def test_a_deletion_is_hard_or_soft(crm: Driver) -> None:
    hard, soft = [await crm.save("Company", companyName=name) for name in ("Alfa", "Beta")]

    await crm.call("DELETE", f"Company/{hard}")
    await crm.switch(deletes="soft")
    await crm.call("DELETE", f"Company/{soft}")

    reads = [(await crm.call("GET", f"Company/{record_id}")).status for record_id in (hard, soft)]
    assert reads == [404, 200]
    assert await crm.get("Company") == await crm.search("Company", "") == []
    assert await crm.get(f"Company/Exists/{soft}") is False
    assert await status_of(crm, "Company", id=soft, city="Todi") == 404


async def test_the_id_of_a_merged_record_answers_the_survivor_or_nothing(crm: Driver) -> None:
    double, survivor = [await crm.save("Company", companyName=name) for name in ("Alfa", "Alfa S.r.l.")]

    into_nothing = await crm.control("POST", f"records/Company/{double}/merge", {"into": 999_999})
    merged = await crm.control("POST", f"records/Company/{double}/merge", {"into": survivor})

    assert (into_nothing.status, merged.status) == (404, 204)
    assert (await crm.get(f"Company/{double}"))["id"] == survivor
    assert await crm.get("Company") == [survivor]
    await crm.switch(merged_ids="missing")
    assert (await crm.call("GET", f"Company/{double}")).status == 404


async def test_latency_delays_every_answer(crm: Driver) -> None:
    await crm.switch(latency_seconds=0.2)
    with pytest.raises(TimeoutError):
        await crm.call("GET", "Company", timeout=0.05)
    await crm.switch(latency_seconds=0)

    assert (await crm.call("GET", "Company", timeout=60.0)).status == 200
