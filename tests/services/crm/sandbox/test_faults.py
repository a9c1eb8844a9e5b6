"""Planned misbehaviour: it hits exactly the calls it was planned for, and the store shows what it left (§7)."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.support.sandbox_client import Driver, Reply

CREATE = {"action": "create"}


async def create(crm: Driver, title: str = "a", **options: Any) -> Reply:
    return await crm.call("POST", "Opportunity/CreateOrUpdate", {"title": title}, **options)


async def made(crm: Driver) -> int:
    return len(crm.rows("opportunity"))


async def test_a_call_dropped_before_leaves_nothing(crm: Driver) -> None:
    await crm.plan("drop_before", match=CREATE)

    with pytest.raises(aiohttp.ClientConnectionError):
        await create(crm)

    assert await made(crm) == 0


async def test_a_call_dropped_after_the_commit_has_done_its_work(crm: Driver) -> None:
    await crm.plan("commit_then_drop", match=CREATE)

    with pytest.raises(aiohttp.ClientConnectionError):
        await create(crm)

    (call,) = crm.rows("calls")
    assert await made(crm) == 1
    assert (call["fault"], call["status"]) == ("commit_then_drop", None)
    assert call["effect"].startswith("created opportunity ")


async def test_a_delayed_answer_comes_after_a_commit_at_once(crm: Driver) -> None:
    await crm.plan("commit_then_delay", match=CREATE, args={"seconds": 0.2})

    with pytest.raises(TimeoutError):
        await create(crm, timeout=0.1)

    assert await made(crm) == 1


async def test_a_late_commit_comes_although_the_client_has_gone(crm: Driver) -> None:
    await crm.plan("delay_then_commit", match=CREATE, args={"seconds": 0.2})
    with pytest.raises(TimeoutError):
        await create(crm, timeout=0.05)
    before = await made(crm)

    while crm.rows("calls")[0]["duration_ms"] is None:
        await asyncio.sleep(0.02)

    assert (before, await made(crm)) == (0, 1)


@pytest.mark.parametrize(("fault", "status"), [("html_502", 502), ("html_200", 200)])
@pytest.mark.parametrize("commit", [True, False])
async def test_a_page_of_html_comes_with_or_without_a_commit(
    crm: Driver, fault: str, status: int, commit: bool
) -> None:
    await crm.plan(fault, match=CREATE, args={"commit": commit})

    reply = await create(crm)

    assert (reply.status, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert reply.text.startswith("<html>")
    assert await made(crm) == int(commit)


@pytest.mark.parametrize("status", [409, 429, 500, 503])
@pytest.mark.parametrize("commit", [True, False])
async def test_a_status_comes_with_or_without_a_commit(crm: Driver, status: int, commit: bool) -> None:
    args = {"status": status, "commit": commit, "message": "No.", "retry_after": 3}
    await crm.plan("status", match=CREATE, args=args)

    reply = await create(crm)

    assert (reply.status, reply.json, reply.headers["Retry-After"]) == (status, {"message": "No."}, "3")
    assert await made(crm) == int(commit)


async def test_a_truncated_body_breaks_off_after_the_commit(crm: Driver) -> None:
    await crm.plan("truncated_body", match=CREATE)

    with pytest.raises(aiohttp.ClientPayloadError):
        await create(crm)

    assert await made(crm) == 1


async def test_a_shortened_id_looks_like_a_whole_answer(crm: Driver) -> None:
    await crm.plan("shortened_id", match=CREATE)

    reply = await create(crm)

    (record,) = crm.rows("opportunity")
    assert (reply.status, reply.text) == (200, str(record["id"])[:3])


async def test_an_empty_body_hides_the_new_id(crm: Driver) -> None:
    await crm.plan("empty_body", match=CREATE)

    reply = await create(crm)

    assert (reply.status, reply.text) == (200, "")
    assert await made(crm) == 1


async def test_a_slow_drip_ends_whole_for_the_patient(crm: Driver) -> None:
    await crm.plan("slow_drip", match=CREATE, args={"seconds": 0.1})
    await crm.plan("slow_drip", match=CREATE, args={"seconds": 30})

    patient = await create(crm)
    with pytest.raises(TimeoutError):
        await create(crm, timeout=0.1)

    assert patient.json == crm.rows("opportunity")[0]["id"]
    assert await made(crm) == 2


async def test_a_refusal_as_a_double_leaves_nothing(crm: Driver) -> None:
    await crm.plan("duplicate", match=CREATE)
    await crm.plan("duplicate", match=CREATE, args={"status": 409})

    replies = [await create(crm), await create(crm)]

    assert [reply.status for reply in replies] == [400, 409]
    assert all("duplic" in reply.json["message"] for reply in replies)
    assert await made(crm) == 0


async def test_tokens_revoked_in_the_middle_make_every_bearer_log_in_again(crm: Driver) -> None:
    headers = {"Authorization": f"Bearer {await crm.log_in()}"}
    await crm.plan("revoke_tokens", match={"action": "get", "nth": 2})
    company_id = await crm.save("Company", companyName="Alfa")

    statuses = [(await crm.call("GET", f"Company/{company_id}", headers=headers)).status for _ in range(3)]
    again = await crm.call("GET", "Company", headers={"Authorization": f"Bearer {await crm.log_in()}"})

    assert statuses == [200, 401, 401]
    assert again.status == 200


async def test_a_fault_hits_exactly_the_calls_it_counts_to(crm: Driver) -> None:
    await crm.plan("status", match={**CREATE, "controller": "opportunities", "nth": 3}, times=2)

    statuses = []
    for number in range(6):
        await crm.save("Company", companyName=f"{number}")
        statuses.append((await create(crm)).status)

    assert statuses == [200, 200, 500, 500, 200, 200]


async def test_a_fault_distinguishes_a_create_from_an_update_at_the_same_path(crm: Driver) -> None:
    opportunity_id = (await create(crm)).json
    await crm.plan("status", match={"action": "update"})

    created = await create(crm)
    updated = await crm.call("POST", "Opportunity/CreateOrUpdate", {"id": opportunity_id, "title": "b"})

    assert (created.status, updated.status) == (200, 500)


async def test_faults_are_taken_in_the_order_of_the_plan(crm: Driver) -> None:
    plan = [
        {"match": CREATE, "fault": "status", "args": {"status": 503}},
        {"match": {"method": "POST"}, "fault": "status", "args": {"status": 409}},
        {"match": {**CREATE, "nth": 4}, "fault": "status", "args": {"status": 429}},
    ]
    await crm.control("POST", "faults", plan)

    assert [(await create(crm)).status for _ in range(5)] == [503, 409, 200, 429, 200]


async def test_a_fault_without_an_end_lasts_until_it_is_cleared(crm: Driver) -> None:
    await crm.plan("status", times=None)

    during = [(await create(crm)).status for _ in range(3)]
    await crm.control("DELETE", "faults")
    after = (await create(crm)).status

    assert (during, after) == ([500] * 3, 200)


async def test_a_call_that_is_not_let_in_uses_up_no_fault(crm: Driver) -> None:
    await crm.plan("status", match=CREATE)

    denied = await create(crm, headers={"ApiKey": "wrong"})
    hit = await create(crm)

    assert (denied.status, hit.status) == (401, 500)


async def test_a_fault_before_a_refusal_carries_the_refusal(crm: Driver) -> None:
    await crm.plan("commit_then_delay", args={"seconds": 0.05})

    reply = await crm.call("GET", "Company/7")

    assert reply.status == 404
