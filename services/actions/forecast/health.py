"""The state of our connection to the CRM at one moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.functions import Count, Min

from models import ActionAttempt, ActionItem, CallCircuit, CallSlot, PollMark
from services.actions.budget.limiter import CallRate
from services.crm.errors import (
    CrmForbidden,
    CrmOutcomeUnknown,
    CrmRefused,
    CrmUnavailable,
    LoginRefused,
    WrongTenant,
)
from services.vocabulary import AttemptResult, BreakerState, ItemKind

CALLS_THAT_FAILED = (CrmUnavailable, CrmOutcomeUnknown, CrmRefused, CrmForbidden, LoginRefused, WrongTenant)
FAILURES = [error.result for error in CALLS_THAT_FAILED]
LAST = 5


@dataclass(frozen=True, slots=True)
class CrmFailure:
    """A failed call: what it was for, and what the failure was."""

    at: datetime
    label: str
    result: AttemptResult
    explanation: str | None
    crm_words: str | None


@dataclass(frozen=True, slots=True)
class CrmHealth:
    calls_per_minute: int
    calls_left: int
    queue_length: int
    oldest_item_at: datetime | None
    breaker: BreakerState
    breaker_since: datetime | None
    breaker_until: datetime | None
    paused_until: datetime | None
    last_errors: list[CrmFailure]
    odd_records: list[str]


async def read_health(
    reads: BaseDBAsyncClient, rate: CallRate, *, clock: Callable[[], Awaitable[datetime]], budget: str = "crm"
) -> CrmHealth:
    """Read the state from the rows that all processes share."""
    now = (await clock()).timestamp()
    slot = await CallSlot.filter(name=budget).using_db(reads).first()
    circuit = await CallCircuit.filter(name=budget).using_db(reads).first()
    free_at, paused_until = (slot.free_at, slot.paused_until) if slot else (0.0, 0.0)
    queue_length, oldest_item_at = await _queue(reads)
    opened_at, next_try_at = (circuit.opened_at, circuit.next_try_at) if circuit else (None, None)
    return CrmHealth(
        calls_per_minute=rate.calls,
        calls_left=rate.left(free_at, now, paused_until),
        queue_length=queue_length,
        oldest_item_at=oldest_item_at,
        breaker=_breaker_state(next_try_at, now),
        breaker_since=_instant(opened_at),
        breaker_until=_instant(next_try_at),
        paused_until=_instant(paused_until if paused_until > now else None),
        last_errors=await _last_errors(reads),
        odd_records=await _odd_records(reads),
    )


async def _queue(reads: BaseDBAsyncClient) -> tuple[int, datetime | None]:
    """Return the number of unfinished items and the age of the oldest.

    Second looks are left out, because they wait by design.
    """
    unfinished = ActionItem.filter(open_key__not_isnull=True, kind__not=ItemKind.SECOND_LOOK).using_db(reads)
    counted = unfinished.annotate(length=Count("id"), oldest=Min("created_at"))
    [(length, oldest)] = await counted.values_list("length", "oldest")
    return length, oldest


async def _last_errors(reads: BaseDBAsyncClient) -> list[CrmFailure]:
    failures = [*await _failed_attempts(reads), *await _failed_rounds(reads)]
    return sorted(failures, key=lambda failure: failure.at, reverse=True)[:LAST]


async def _failed_rounds(reads: BaseDBAsyncClient) -> list[CrmFailure]:
    """Return the last failure of each poll. The log shows whether the poll has recovered since."""
    failed = PollMark.filter(failed_at__not_isnull=True).using_db(reads)
    rows = await failed.values_list(
        "failed_at", "name", "failure", "failure_explanation", "failure_crm_words"
    )
    return [CrmFailure(at, f"Polling for {name}", *failure) for at, name, *failure in rows]


async def _odd_records(reads: BaseDBAsyncClient) -> list[str]:
    marks = PollMark.filter(odd_records__isnull=False).using_db(reads)
    return [words for found in await marks.values_list("odd_records", flat=True) for words in found]


async def _failed_attempts(reads: BaseDBAsyncClient) -> list[CrmFailure]:
    """The last ones of each result. All results in one statement would make the database sort every failure."""
    rows = []
    for result in FAILURES:
        failed = ActionAttempt.filter(result=result).order_by("-id").limit(LAST)
        rows += await failed.using_db(reads).values_list(
            "ended_at", "item__label", "result", "explanation", "crm_words"
        )
    return [CrmFailure(*row) for row in rows]


def _breaker_state(next_try_at: float | None, now: float) -> BreakerState:
    if next_try_at is None:
        return BreakerState.CLOSED
    return BreakerState.OPEN if next_try_at > now else BreakerState.HALF_OPEN


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
