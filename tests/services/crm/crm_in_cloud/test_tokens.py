"""One token for everybody: shared, renewed before it expires, replaced once when it is refused."""

import asyncio
from dataclasses import replace

import pytest
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.login import Login
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import CrmOutcomeUnknown, CrmUnavailable, LoginRefused
from services.crm.protocol import Claim, Priority
from tests.support.recorded_answers import (
    ACTIVITY_845,
    DRAFT,
    EXPIRED,
    HTML,
    LOGIN,
    OPPORTUNITY_UPSERT,
    SETTINGS,
    ClientMaker,
    RecordedBudget,
    Stopwatch,
    credentials,
    jwt,
    sent,
    slowly,
)


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    return client_for(replace(SETTINGS, auth_mode=AuthMode.LOGIN))


async def test_concurrent_callers_share_one_login(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.post(LOGIN, callback=slowly(payload={"access_token": jwt()}), repeat=True)
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)

    await asyncio.gather(*(crm.with_priority(priority).get_activity(845) for priority in list(Priority) * 10))

    assert len(sent(crm_http, "POST", LOGIN)) == 1


async def test_callers_who_waited_for_a_login_share_its_failure(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, callback=slowly(status=400, payload={"error": "invalid_grant"}), repeat=True)

    outcomes = await asyncio.gather(*(crm.get_activity(845) for _ in range(5)), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [LoginRefused] * 5
    assert len(sent(crm_http, "POST", LOGIN)) == 1


async def test_a_failed_login_does_not_bar_the_next_caller(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, status=503)
    crm_http.post(LOGIN, payload={"access_token": jwt()})
    crm_http.get(ACTIVITY_845, payload={"id": 845})

    with pytest.raises(CrmUnavailable):
        await crm.get_activity(845)

    assert (await crm.get_activity(845)).id == 845


@pytest.mark.parametrize(
    ("token", "renewed_after"),
    [
        pytest.param(jwt(lifetime=1200), 960, id="a token of twenty minutes"),
        pytest.param(jwt(lifetime=100), 80, id="a short token"),
        pytest.param("opaque", 960, id="a token that does not say"),
        pytest.param("e30.bm90IGpzb24.c", 960, id="a token that says nonsense"),
        pytest.param(jwt(lifetime=-5), 960, id="a token that expired before it was issued"),
    ],
)
async def test_a_token_is_renewed_at_four_fifths_of_its_life(
    crm: CrmInCloudClient, crm_http: aioresponses, stopwatch: Stopwatch, token: str, renewed_after: int
) -> None:
    crm_http.post(LOGIN, payload={"access_token": token}, repeat=True)
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)

    await crm.get_activity(845)
    stopwatch.advance(renewed_after - 1)
    await crm.get_activity(845)
    logins_before = len(sent(crm_http, "POST", LOGIN))
    stopwatch.advance(1)
    await crm.get_activity(845)

    assert logins_before == 1
    assert len(sent(crm_http, "POST", LOGIN)) == 2


async def test_no_call_leaves_with_a_token_that_expired_while_it_waited_for_its_turn(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    budget: RecordedBudget,
    stopwatch: Stopwatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = iter([0, 0, 1200, 600])
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=1)})
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=2)})
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)

    async def wait(priority: Priority) -> float:
        stopwatch.advance(next(waits))
        return 0.0

    monkeypatch.setattr(budget, "take", wait)

    await crm.get_activity(845)
    await crm.get_activity(845)

    bearers = [request["headers"]["Authorization"] for request in sent(crm_http, "GET", ACTIVITY_845)]
    assert bearers == [f"Bearer {jwt(serial=1)}", f"Bearer {jwt(serial=2)}"]
    assert list(waits) == []


async def test_a_call_that_waits_for_its_turn_does_not_delay_a_login(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt()}, repeat=True)
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)
    long_line = asyncio.Event()

    async def wait(priority: Priority) -> float:
        if priority is Priority.ACTION:
            await long_line.wait()
        return 0.0

    monkeypatch.setattr(budget, "take", wait)

    waiting = asyncio.create_task(crm.with_priority(Priority.ACTION).get_activity(845))
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        me = await crm.with_priority(Priority.INTERACTIVE).get_activity(845)
    long_line.set()
    await waiting

    assert me.id == 845
    assert len(sent(crm_http, "POST", LOGIN)) == 1


async def test_an_invalid_token_is_replaced_once_and_the_call_sent_again(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    claims: list[str] = []
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=1)})
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=2)})
    crm_http.post(OPPORTUNITY_UPSERT, status=401, payload=EXPIRED)
    crm_http.post(OPPORTUNITY_UPSERT, body="4711")

    async def claim() -> None:
        claims.append("claimed")

    created_id = await crm.create_opportunity(DRAFT, claim=claim)

    bearers = [request["headers"]["Authorization"] for request in sent(crm_http, "POST", OPPORTUNITY_UPSERT)]
    assert created_id == 4711
    assert bearers == [f"Bearer {jwt(serial=1)}", f"Bearer {jwt(serial=2)}"]
    assert claims == ["claimed", "claimed"]
    assert len(budget.taken) == 4


async def test_a_new_token_that_is_invalid_too_ends_the_call(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt()}, repeat=True)
    crm_http.get(ACTIVITY_845, status=401, payload=EXPIRED, repeat=True)

    with pytest.raises(LoginRefused):
        await crm.get_activity(845)

    assert len(sent(crm_http, "POST", LOGIN)) == 2
    assert len(sent(crm_http, "GET", ACTIVITY_845)) == 2


async def test_callers_with_the_same_invalid_token_share_the_new_one(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    fresh = jwt(serial=2)
    crm_http.post(LOGIN, callback=slowly(payload={"access_token": jwt(serial=1)}))
    crm_http.post(LOGIN, callback=slowly(payload={"access_token": fresh}), repeat=True)

    async def answer(url: URL, *, headers: dict[str, str], **_: object) -> CallbackResult:
        await asyncio.sleep(0)
        if headers["Authorization"] == f"Bearer {fresh}":
            return CallbackResult(payload={"id": 845})
        return CallbackResult(status=401, payload=EXPIRED)

    crm_http.get(ACTIVITY_845, callback=answer, repeat=True)

    await asyncio.gather(*(crm.get_activity(845) for _ in range(5)))

    assert len(sent(crm_http, "POST", LOGIN)) == 2


async def test_a_late_word_about_an_old_token_does_not_discard_the_new_one(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    renewed = asyncio.Event()
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=1)})
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=2)}, repeat=True)

    bearers: list[str] = []

    async def answer(url: URL, *, headers: dict[str, str], **_: object) -> CallbackResult:
        bearers.append(headers["Authorization"])
        if len(bearers) == 1:
            await renewed.wait()
        if headers["Authorization"] == f"Bearer {jwt(serial=1)}":
            return CallbackResult(status=401, payload=EXPIRED)
        return CallbackResult(payload={"id": 845})

    crm_http.get(ACTIVITY_845, callback=answer, repeat=True)

    late = asyncio.create_task(crm.get_activity(845))
    await asyncio.sleep(0)
    await crm.get_activity(845)
    renewed.set()
    await late

    assert len(sent(crm_http, "POST", LOGIN)) == 2


async def test_a_failure_is_forgotten_once_a_login_has_worked(stopwatch: Stopwatch) -> None:
    login = Login(token_lifetime=1200, monotonic=stopwatch)
    attempts = iter([CrmUnavailable("down"), {"access_token": "first"}, {"access_token": "second"}])

    async def log_in(claim: Claim) -> object:
        await claim()
        outcome = next(attempts)
        if isinstance(outcome, CrmUnavailable):
            raise outcome
        return outcome

    async def lose_a_token() -> None:
        await login.forget(await login.token(log_in))

    with pytest.raises(CrmUnavailable):
        await login.token(log_in)
    _, token = await asyncio.gather(lose_a_token(), login.token(log_in))

    assert token == "second"


async def test_a_create_is_not_sent_again_when_somebody_else_said_401(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt()}, repeat=True)
    crm_http.post(OPPORTUNITY_UPSERT, status=401, body=HTML, repeat=True)

    with pytest.raises(CrmOutcomeUnknown):
        await crm.create_opportunity(DRAFT)

    assert len(sent(crm_http, "POST", OPPORTUNITY_UPSERT)) == 1


async def test_a_token_that_somebody_else_refused_is_not_used_again(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=1)})
    crm_http.post(LOGIN, payload={"access_token": jwt(serial=2)})
    crm_http.post(OPPORTUNITY_UPSERT, status=401, body=HTML)
    crm_http.get(ACTIVITY_845, payload={"id": 845})
    with pytest.raises(CrmOutcomeUnknown):
        await crm.create_opportunity(DRAFT)

    await crm.get_activity(845)

    (request,) = sent(crm_http, "GET", ACTIVITY_845)
    assert credentials(request) == {"Authorization": f"Bearer {jwt(serial=2)}"}
