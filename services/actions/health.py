"""How we and the CRM get along at this moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.connection import get_connection

from models import ActionAttempt, ActionItem, CallCircuit, CallSlot, PollMark
from models.database import READS
from services.actions.limiter import CallRate
from services.actions.second_look import LOOK
from services.crm.errors import CrmForbidden, CrmOutcomeUnknown, CrmRefused, CrmUnavailable, LoginRefused
from services.vocabulary import BreakerState

CALLS_THAT_FAILED = (CrmUnavailable, CrmOutcomeUnknown, CrmRefused, CrmForbidden, LoginRefused)
FAILURES = [error.__name__ for error in CALLS_THAT_FAILED]
LAST = 5


@dataclass(frozen=True, slots=True)
class CrmFailure:
    """A call that did not do what was asked: what it was for, and what was said."""

    at: datetime
    label: str
    result: str
    words: str | None


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


async def read_health(
    rate: CallRate, *, clock: Callable[[], Awaitable[datetime]], budget: str = "crm"
) -> CrmHealth:
    """As it stands in the rows that all processes share."""
    reads = get_connection(READS)
    now = (await clock()).timestamp()
    slot = await CallSlot.filter(name=budget).using_db(reads).first()
    circuit = await CallCircuit.filter(name=budget).using_db(reads).first()
    free_at, paused_until = (slot.free_at, slot.paused_until) if slot else (0.0, 0.0)
    queue_length, oldest_item_at = await _queue()
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
        last_errors=await _last_errors(),
    )


async def _queue() -> tuple[int, datetime | None]:
    """How many items are unfinished, and since when the oldest of them is. A second look waits by design."""
    unfinished = ActionItem.filter(open_key__not_isnull=True, kind__not=LOOK).using_db(get_connection(READS))
    oldest = await unfinished.order_by("created_at").first()
    return await unfinished.count(), oldest.created_at if oldest else None


async def _last_errors() -> list[CrmFailure]:
    told = [*await _failed_attempts(), *await _failed_rounds()]
    return sorted(told, key=lambda failure: failure.at, reverse=True)[:LAST]


async def _failed_rounds() -> list[CrmFailure]:
    """The last failure of each thing that is polled; whether it has recovered since, the log tells."""
    failed = PollMark.filter(failed_at__not_isnull=True).using_db(get_connection(READS))
    rows = await failed.values_list("failed_at", "name", "failure", "failure_words")
    return [CrmFailure(at, f"Polling for {name}", result, words) for at, name, result, words in rows]


async def _failed_attempts() -> list[CrmFailure]:
    failed = ActionAttempt.filter(result__in=FAILURES).order_by("-id").limit(LAST)
    rows = await failed.using_db(get_connection(READS)).values_list(
        "ended_at", "item__label", "result", "words"
    )
    return [CrmFailure(*row) for row in rows]


def _breaker_state(next_try_at: float | None, now: float) -> BreakerState:
    if next_try_at is None:
        return BreakerState.CLOSED
    return BreakerState.OPEN if next_try_at > now else BreakerState.HALF_OPEN


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
