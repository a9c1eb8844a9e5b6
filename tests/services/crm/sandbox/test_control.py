"""The control address: apart from the CRM's own, validated, and followed by the CRM (§7)."""

import asyncio
from typing import Any

import pytest

from tests.support.sandbox_client import Driver


async def test_the_crm_knows_no_control_paths_and_the_control_no_crm_paths(crm: Driver) -> None:
    on_crm = await crm.call("GET", "../../control/switches")
    on_control = await crm.control("GET", "../api/v1/Company")

    assert (on_crm.status, on_control.status) == (404, 404)
    assert crm.addresses.crm != crm.addresses.control


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"deletes": "maybe"}, "deletes", id="unknown choice"),
        pytest.param({"calls_per_window": 0}, "calls_per_window", id="out of range"),
        pytest.param({"latency_seconds": -1}, "latency_seconds", id="negative"),
        pytest.param({"window_seconds": 0}, "window_seconds", id="no window"),
        pytest.param({"gravity": 9.81}, "gravity", id="unknown switch"),
        pytest.param({"searchable_fields": {"Lead": []}}, "Lead", id="unknown resource"),
        pytest.param({"searchable_fields": {"Company": ["vat"]}}, "vat", id="unknown property"),
    ],
)
async def test_a_wrong_switch_is_named_and_changes_nothing(
    crm: Driver, changes: dict[str, Any], named: str
) -> None:
    before = (await crm.control("GET", "switches")).json

    reply = await crm.control("PATCH", "switches", {"search_lag_seconds": 9, **changes})

    assert reply.status == 400
    assert named in reply.text
    assert (await crm.control("GET", "switches")).json == before


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"fault": "earthquake"}, id="unknown fault"),
        pytest.param({}, id="no fault"),
        pytest.param({"fault": "status", "args": {"status": 200}}, id="status that is no failure"),
        pytest.param({"fault": "drop_before", "args": {"seconds": 1}}, id="foreign argument"),
        pytest.param({"fault": "status", "match": {"nth": 0}}, id="call number zero"),
        pytest.param({"fault": "status", "match": {"action": "upsert"}}, id="unknown action"),
        pytest.param({"fault": "status", "match": {"controller": "Lead"}}, id="unknown controller"),
        pytest.param({"fault": "status", "times": 0}, id="no times"),
        pytest.param(5, id="no object"),
    ],
)
async def test_a_wrong_fault_plans_nothing(crm: Driver, fault: Any) -> None:
    reply = await crm.control("POST", "faults", [{"fault": "status"}, fault])

    assert reply.status == 400
    assert (await crm.control("GET", "faults")).json == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null"])
async def test_a_malformed_body_is_a_400(crm: Driver, content: bytes) -> None:
    replies = [
        await crm.control("PATCH", "switches", content=content),
        await crm.control("POST", "records/Company", content=content),
    ]

    assert [reply.status for reply in replies] == [400, 400]


async def test_the_plan_shows_how_far_it_has_come(crm: Driver) -> None:
    await crm.plan("status", match={"action": "count", "nth": 2})

    for _ in range(3):
        await crm.call("GET", "Company/Count")

    (listed,) = (await crm.control("GET", "faults")).json
    assert (listed["seen"], listed["used"], listed["body"]["fault"]) == (3, 1, "status")


async def test_records_are_worked_on_as_a_user_of_the_crm_would(crm: Driver) -> None:
    added = (await crm.control("POST", "records/opportunities", {"title": "by hand", "amount": 100})).json
    path = f"records/Opportunity/{added['id']}"

    changed = await crm.control("PATCH", path, {"amount": 250})
    seen_by_client = (await crm.get(f"Opportunity/{added['id']}"))["amount"]
    read = await crm.control("GET", path)
    removed = await crm.control("DELETE", path)

    assert (added["title"], changed.json["amount"], seen_by_client, read.json["amount"]) == (
        "by hand",
        250,
        250,
        250,
    )
    assert removed.status == 204
    assert (await crm.control("GET", "records/Opportunity")).json == []


async def test_a_user_of_the_crm_costs_no_calls_and_leaves_no_log(crm: Driver) -> None:
    await crm.switch(calls_per_window=1)

    for name in ("Alfa", "Beta"):
        await crm.control("POST", "records/Company", {"companyName": name})

    assert crm.rows("calls") == []
    assert len(await crm.get("Company")) == 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "records/Lead", 404),
        ("GET", "records/Company/7", 404),
        ("PATCH", "records/Company/7", 404),
        ("DELETE", "records/Company/7", 404),
        ("PUT", "switches", 405),
        ("GET", "nothing", 404),
    ],
)
async def test_what_is_not_there_is_refused_with_a_message(
    crm: Driver, method: str, path: str, status: int
) -> None:
    reply = await crm.control(method, path, {})

    assert reply.status == status
    assert reply.json["message"]


async def test_the_log_of_calls_is_read_and_cleared(crm: Driver) -> None:
    await crm.get("Company")

    calls = (await crm.control("GET", "calls")).json
    await crm.control("DELETE", "calls")

    assert [(call["method"], call["path"], call["status"]) for call in calls] == [
        ("GET", "/api/v1/Company", 200)
    ]
    assert (await crm.control("GET", "calls")).json == []


@pytest.mark.parametrize(("order", "companies"), [(None, 0), ({"seed": False}, 0), ({"seed": True}, 12)])
async def test_a_reset_forgets_everything_but_the_ids_it_gave(
    crm: Driver, order: dict[str, bool] | None, companies: int
) -> None:
    before = await crm.save("Opportunity", title="a")
    await crm.switch(deletes="soft", calls_per_window=1)
    await crm.plan("status", match={"action": "delete"})

    reply = await crm.control("POST", "reset", order)

    assert reply.status == 204
    assert (await crm.control("GET", "switches")).json["deletes"] == "hard"
    assert (await crm.control("GET", "faults")).json == []
    assert len((await crm.control("GET", "records/Company")).json) == companies
    assert await crm.save("Opportunity", title="b") > before
    assert len(crm.rows("calls")) == 1


async def test_what_was_asked_before_a_reset_is_not_done_after_it(crm: Driver) -> None:
    await crm.plan("delay_then_commit", match={"action": "create"}, args={"seconds": 0.2})
    asked = asyncio.create_task(crm.call("POST", "Opportunity/CreateOrUpdate", {"title": "a"}))
    while not [call for call in crm.rows("calls") if call["fault"]]:
        await asyncio.sleep(0.01)

    await crm.control("POST", "reset")

    assert (await asked).status == 503
    assert crm.rows("opportunity") == []


async def test_a_reset_takes_no_unknown_order(crm: Driver) -> None:
    await crm.save("Opportunity", title="a")

    reply = await crm.control("POST", "reset", {"all": True})

    assert reply.status == 400
    assert len(await crm.get("Opportunity")) == 1
