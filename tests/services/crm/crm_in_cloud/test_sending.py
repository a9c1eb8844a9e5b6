"""What has to happen before a request leaves: a call from the budget, the claim, and both in time."""

import asyncio

import pytest
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from services.crm.call_count import CallCounter, counting
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmCallsSpent, CrmUnavailable
from services.crm.protocol import Crm, Priority
from tests.support.hub import SteppedClock
from tests.support.recorded_answers import (
    ACTIVITY_845,
    ACTIVITY_UPSERT,
    CHANGES,
    DETAILS,
    DRAFT,
    OPPORTUNITY_UPSERT,
    OURS_845,
    RecordedBudget,
    Stopwatch,
)


class SomebodyElseHasIt(Exception):
    """What a claim raises when it was lost."""


async def test_every_request_takes_one_call_from_the_budget(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    crm_http.post(ACTIVITY_UPSERT, body="845", repeat=True)
    crm_http.get(ACTIVITY_845, payload=OURS_845, repeat=True)

    await crm.create_activity(7001, "Firma", details=DETAILS)
    await crm.update_activity(845, CHANGES)
    await crm.get_activity(845)

    assert budget.taken == [Priority.BACKGROUND] * 4


async def test_calls_that_somebody_waits_for_say_so(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)
    hurried: Crm = crm.with_priority(Priority.INTERACTIVE)

    await hurried.get_activity(845)
    await crm.get_activity(845)

    assert budget.taken == [Priority.INTERACTIVE, Priority.BACKGROUND]


async def test_a_budget_that_grants_nothing_sends_nothing(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, body="4711")

    async def refuse(priority: Priority) -> float:
        raise CrmUnavailable("No calls left.", retry_after=60.0)

    monkeypatch.setattr(budget, "take", refuse)

    with pytest.raises(CrmUnavailable, match="No calls left"):
        await crm.create_opportunity(DRAFT)

    assert not crm_http.requests


async def test_the_claim_comes_after_the_budget_and_before_the_request(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    story: list[str] = []

    async def claim() -> None:
        story.append(f"claimed with {len(budget.taken)} call taken")

    def answer(url: URL, **_: object) -> CallbackResult:
        story.append("sent")
        return CallbackResult(body="4711")

    crm_http.post(OPPORTUNITY_UPSERT, callback=answer)

    await crm.create_opportunity(DRAFT, claim=claim)

    assert story == ["claimed with 1 call taken", "sent"]


async def test_a_lost_claim_sends_nothing(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    crm_http.post(ACTIVITY_UPSERT, body="845")

    async def claim() -> None:
        raise SomebodyElseHasIt

    with pytest.raises(SomebodyElseHasIt):
        await crm.create_activity(7001, "Firma", details=DETAILS, claim=claim)

    assert not crm_http.requests


@pytest.mark.parametrize(("seconds", "sent_count"), [(0.95, 1), (1.05, 0)], ids=["in time", "too late"])
@pytest.mark.parametrize("asleep", [False, True], ids=["awake", "asleep"])
async def test_a_call_leaves_within_a_second_or_not_at_all(
    crm: CrmInCloudClient,
    crm_http: aioresponses,
    stopwatch: Stopwatch,
    wall: SteppedClock,
    asleep: bool,
    seconds: float,
    sent_count: int,
) -> None:
    crm_http.post(OPPORTUNITY_UPSERT, body="4711")

    async def slow_claim() -> None:
        wall.advance(seconds=seconds)
        # While a machine sleeps, monotonic time stands still.
        stopwatch.advance(0.0 if asleep else seconds)

    outcome = await asyncio.gather(crm.create_opportunity(DRAFT, claim=slow_claim), return_exceptions=True)

    assert len(crm_http.requests) == sent_count
    assert outcome == [4711] if sent_count else isinstance(outcome[0], CrmUnavailable)


async def test_a_right_that_was_handed_out_too_late_is_not_used(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    budget.age = 1.05

    with pytest.raises(CrmUnavailable) as passed:
        await crm.create_opportunity(DRAFT)

    assert not crm_http.requests
    # Where turns always pass, a wait that does not grow would use up every call there is.
    assert passed.value.retry_after is None


async def test_a_question_that_may_cost_two_calls_does_not_make_a_third(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    crm_http.get(ACTIVITY_845, payload={"id": 845}, repeat=True)
    with counting(CallCounter(allowance=2)) as counter:
        await crm.get_activity(845)
        await crm.get_activity(845)

        with pytest.raises(CrmCallsSpent):
            await crm.get_activity(845)

    assert len(budget.taken) == counter.made == 2
    await crm.get_activity(845)
