"""What the CRM does with records: paths, ids, upserts, values and rules (§0, §2, §3)."""

from typing import Any

import pytest

from tests.support.sandbox_client import Driver, SteeredClock


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("Company/{id}", id="id last"),
        pytest.param("Companies/{id}", id="plural alias"),
        pytest.param("coMPanY/{id}", id="any case"),
        pytest.param("Company/{id}/GetFull", id="id before GetFull"),
        pytest.param("Company/GetFull/{id}", id="id after GetFull"),
        pytest.param("Company/Get/{id}", id="id after Get"),
        pytest.param("Company/View/{id}", id="id after View"),
        pytest.param("Company/get/{id}/", id="trailing slash"),
    ],
)
async def test_one_record_is_read_at_every_spelling_of_its_path(crm: Driver, path: str) -> None:
    company_id = await crm.save("Company", companyName="Alfa")

    record = await crm.get(path.format(id=company_id))

    assert (record["id"], record["companyName"]) == (company_id, "Alfa")


async def test_both_versions_answer_and_others_do_not(crm: Driver) -> None:
    latest = await crm.call("GET", "../latest/Company")
    unknown = await crm.call("GET", "../v2/Company")

    assert (latest.status, latest.json) == (200, [])
    assert unknown.status == 404
    assert "message" in unknown.json


@pytest.mark.parametrize("path", ["Activity", "Activities/Get"])
async def test_a_plain_list_is_an_array_of_ids_alone(crm: Driver, path: str) -> None:
    made = [await crm.save("Activity", subject=subject) for subject in ("one", "two", "three")]

    assert await crm.get(path) == made


async def test_create_or_update_answers_a_bare_integer_and_ids_only_grow(crm: Driver) -> None:
    first = await crm.save("Opportunity", title="one")
    await crm.call("DELETE", f"Opportunity/{first}")
    second = await crm.save("Opportunity", title="two")

    assert isinstance(first, int)
    assert second > first


@pytest.mark.parametrize("method_and_path", [("POST", "Opportunity/CreateOrUpdate"), ("POST", "Opportunity")])
async def test_a_body_with_an_id_changes_only_what_it_holds(
    crm: Driver, method_and_path: tuple[str, str]
) -> None:
    opportunity_id = await crm.save("Opportunity", title="before", description="kept", amount=10)

    reply = await crm.call(*method_and_path, {"id": opportunity_id, "title": "after"})

    record = await crm.get(f"Opportunity/{opportunity_id}")
    assert reply.json == opportunity_id
    assert (record["title"], record["description"], record["amount"]) == ("after", "kept", 10)


async def test_put_inserts_even_when_the_body_has_an_id(crm: Driver) -> None:
    first = await crm.save("Company", companyName="Alfa")

    second = (await crm.call("PUT", "Company", {"id": first, "companyName": "Beta"})).json

    assert second != first
    assert (await crm.get(f"Company/{first}"))["companyName"] == "Alfa"


async def test_an_update_of_a_missing_record_is_404_and_makes_none(crm: Driver) -> None:
    reply = await crm.call("POST", "Company/CreateOrUpdate", {"id": 7, "companyName": "Alfa"})

    assert reply.status == 404
    assert await crm.get("Company") == []


@pytest.mark.parametrize("path", ["Company/{id}/Exists", "Company/Exists/{id}"])
async def test_existence_is_a_bare_truth_value(crm: Driver, path: str) -> None:
    company_id = await crm.save("Company", companyName="Alfa")

    answers = [await crm.get(path.format(id=record_id)) for record_id in (company_id, company_id + 1)]

    assert answers == [True, False]


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "Company/{id}"), ("DELETE", "Company/Delete/{id}"), ("POST", "Company/Delete/{id}")],
)
async def test_a_deleted_record_is_gone(crm: Driver, method: str, path: str) -> None:
    company_id = await crm.save("Company", companyName="Alfa")

    reply = await crm.call(method, path.format(id=company_id))

    assert (reply.status, reply.json) == (200, True)
    assert (await crm.call("GET", f"Company/{company_id}")).status == 404
    assert await crm.get("Company") == []


async def test_a_new_instance_shows_the_defaults_and_is_not_saved(crm: Driver) -> None:
    template = await crm.get("Opportunity/GetNewInstance")

    assert (template["id"], template["status"], template["crossType"]) == (0, 1, 0)
    assert await crm.get("Opportunity/Count") == 0


async def test_the_schema_names_every_property_with_its_type(crm: Driver) -> None:
    schema = await crm.get("Activity/GetPolymorphicSchema")

    assert schema["properties"]["subTypeId"] == {"type": "integer"}
    assert schema["properties"]["activityDate"] == {"type": "string", "format": "date-time"}


async def test_body_names_bind_in_any_case_and_numbers_may_be_strings(crm: Driver) -> None:
    company_id = await crm.save("Company", CompanyName="Alfa", ZIPCODE="24041", anagraphicIndustryId="12")

    record = await crm.get(f"Company/{company_id}")

    assert (record["companyName"], record["zipCode"], record["anagraphicIndustryId"]) == ("Alfa", "24041", 12)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        pytest.param("2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000Z", id="UTC"),
        pytest.param("2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00.000Z", id="another zone"),
        pytest.param("2026-12-01T10:00:00", "2026-12-01T09:00:00.000Z", id="no zone"),
        pytest.param("2026-12-01 10:00:00", "2026-12-01T09:00:00.000Z", id="blank instead of T"),
        pytest.param("2026-12-01", "2026-11-30T23:00:00.000Z", id="a day"),
        pytest.param(None, None, id="none"),
    ],
)
async def test_dates_are_read_in_every_form_that_clients_send(crm: Driver, sent: Any, answered: Any) -> None:
    activity_id = await crm.save("Activity", subject="call", activityDate=sent)

    assert (await crm.get(f"Activity/{activity_id}"))["activityDate"] == answered


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("subject", 5, id="number as text"),
        pytest.param("companyId", "abc", id="text as integer"),
        pytest.param("priority", 1.5, id="fraction as integer"),
        pytest.param("priority", True, id="truth as integer"),
        pytest.param("priority", 10**20, id="integer beyond 64 bits"),
        pytest.param("allDay", "maybe", id="text as truth"),
        pytest.param("activityDate", "31/12/2026", id="Italian date"),
        pytest.param("activityDate", "0001-01-01T00:00:00+23:00", id="date before time began"),
        pytest.param("documents", {}, id="object as list"),
        pytest.param("id", "abc", id="text as id"),
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused_by_name(crm: Driver, field: str, value: Any) -> None:
    reply = await crm.call("POST", "Activity", {"subject": "call", field: value})

    assert reply.status == 400
    assert f"'{field}'" in reply.json["message"]
    assert await crm.get("Activity") == []


async def test_a_phase_is_taken_by_its_id_and_by_its_description(sampled_crm: Driver) -> None:
    by_id = await sampled_crm.save("Opportunity", title="a", phase=53002)
    by_text = await sampled_crm.save("Opportunity", title="b", phase="Analisi")
    unknown = await sampled_crm.call("POST", "Opportunity", {"title": "c", "phase": "Sogno"})

    phases = [(await sampled_crm.get(f"Opportunity/{record_id}"))["phase"] for record_id in (by_id, by_text)]
    assert phases == [53002, 53002]
    assert unknown.status == 400


async def test_an_opportunity_shows_the_name_of_its_company(sampled_crm: Driver) -> None:
    opportunity_id = await sampled_crm.save("Opportunity", title="a", crossId=408102)

    record = await sampled_crm.get(f"Opportunity/{opportunity_id}")

    assert record["crossName"] == "Caseificio Valdarno S.p.A."


async def test_the_server_keeps_the_stamps(crm: Driver, clock: SteeredClock) -> None:
    activity_id = await crm.save(
        "Activity", subject="a", lastModifiedDate="1999-01-01", createdDate="2026-01-02T08:00Z"
    )
    clock.advance(60)
    await crm.save("Activity", id=activity_id, subject="b")

    record = await crm.get(f"Activity/{activity_id}")

    assert record["createdDate"] == "2026-01-02T08:00:00.000Z"
    assert record["lastModifiedDate"] == "2026-11-23T09:01:00.000Z"
    assert (record["createdById"], record["lastModifiedById"]) == (2001, 2001)


async def test_free_fields_are_kept_and_searched(crm: Driver) -> None:
    company_id = await crm.save("Company", companyName="Alfa", FF_RATING="AA+")

    found = await crm.search("Company", "FF_RATING eq 'AA+'")

    assert found == [company_id]


async def test_users_are_read_and_never_written(sampled_crm: Driver) -> None:
    reply = await sampled_crm.call("POST", "User/CreateOrUpdate", {"userName": "intruder"})

    assert reply.status == 405
    assert 2002 in await sampled_crm.get("User")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "Contact", 404, id="unknown controller"),
        pytest.param("GET", "Company/Frobnicate", 404, id="unknown action"),
        pytest.param("GET", "Company/1/2/3", 404, id="too many segments"),
        pytest.param("GET", "Company/99999999999999999999", 404, id="id beyond 64 bits"),
        pytest.param("GET", "Company/" + "9" * 5000, 404, id="endless id"),
        pytest.param("PATCH", "Company/1", 405, id="unknown method"),
        pytest.param("GET", "Company/CreateOrUpdate", 405, id="wrong method"),
        pytest.param("GET", "Company/1", 404, id="missing record"),
        pytest.param("DELETE", "Company/1", 404, id="missing record to delete"),
    ],
)
async def test_what_is_not_there_is_refused_with_a_message(
    crm: Driver, method: str, path: str, status: int
) -> None:
    reply = await crm.call(method, path)

    assert reply.status == status
    assert reply.json["message"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"subject": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"subject": NaN}', id="not a number"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
    ],
)
async def test_a_body_that_is_no_json_object_is_a_400(crm: Driver, content: bytes) -> None:
    reply = await crm.call("POST", "Activity", content=content)

    assert reply.status == 400
    assert "JSON" in reply.json["message"]


async def test_a_body_of_two_megabytes_is_refused_in_json(crm: Driver) -> None:
    reply = await crm.call("POST", "Activity", {"subject": "x" * 2_000_000})

    assert reply.status == 413
    assert reply.json["message"]


async def test_a_bug_inside_is_a_500_in_json_and_the_sandbox_lives_on(
    crm: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("services.crm.sandbox.tenant.Tenant.get", fail)
        reply = await crm.call("GET", "Company/1")

    assert (reply.status, reply.json) == (500, {"message": "An error has occurred."})
    assert await crm.get("Company") == []


async def test_every_call_is_logged_with_its_effect_and_without_its_key(crm: Driver) -> None:
    company_id = await crm.save("Company", companyName="Alfa")
    await crm.call("GET", "Company/Count", headers={}, apikey="test-key", filter="id gt 1")
    await crm.call("GET", "Company", headers={"ApiKey": "wrong"})

    made, counted, denied = crm.rows("calls")

    assert (made["action"], made["effect"], made["status"]) == (
        "create",
        f"created company {company_id}",
        200,
    )
    assert (counted["query"], counted["effect"]) == ("apikey=***&filter=id gt 1", None)
    assert (denied["status"], denied["action"]) == (401, None)
    assert all(row["duration_ms"] > 0 for row in (made, counted, denied))
    assert b"test-key" not in crm.store_path.read_bytes()


async def test_the_store_holds_one_row_per_record_with_its_body(crm: Driver) -> None:
    company_id = await crm.save("Company", companyName="Alfa")

    (row,) = crm.rows("company")

    assert row["id"] == company_id
    assert '"companyName":"Alfa"' in row["body"]
