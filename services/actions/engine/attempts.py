"""The attempts of an item: when each was made, its result and the CRM's message."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from models import ActionAttempt, ActionItem
from services.actions.engine.claims import ClaimLost, crm_words, operator_message
from services.crm.errors import CrmError, CrmNotCalled
from services.errors import Refusal
from services.vocabulary import AttemptResult, AttemptStep, ItemOutcome


async def begin(item: ActionItem, step: AttemptStep, now: datetime) -> ActionAttempt:
    """Store an attempt that is in progress."""
    attempt = ActionAttempt(item_id=item.id, step=step, started_at=now)
    await keep(attempt)
    return attempt


def look_up_at(item: ActionItem, at: datetime) -> ActionAttempt:
    """Return a look-up.

    It is stored as an attempt only when it ends: with a decision about the item, or with a failure.
    """
    return ActionAttempt(item_id=item.id, step=AttemptStep.LOOK_UP, started_at=at)


def call_at(item: ActionItem, at: datetime) -> ActionAttempt:
    """Return a call of the CRM, which is stored right before it sets something, or when it ends."""
    return ActionAttempt(item_id=item.id, step=AttemptStep.CALL, started_at=at)


async def end(
    attempt: ActionAttempt,
    result: AttemptResult | ItemOutcome,
    now: datetime,
    explanation: str | None = None,
    crm_words: str | None = None,
) -> None:
    ended = {
        "result": AttemptResult(result),
        "ended_at": now,
        "explanation": explanation,
        "crm_words": crm_words,
    }
    attempt.update_from_dict(ended)
    if attempt.number is None:
        await keep(attempt)
    else:
        await ActionAttempt.filter(id=attempt.id).update(**ended)


async def fail(attempt: ActionAttempt, error: Exception, now: datetime) -> None:
    """Store how the attempt failed. If the CRM was not called, nothing was tried and nothing is stored."""
    if isinstance(error, CrmNotCalled) and attempt.number is None:
        return
    if isinstance(error, ClaimLost):
        await end(attempt, AttemptResult.CLAIM_LOST, now)
        return
    await end(attempt, _result_of(error), now, operator_message(error), crm_words(error))


def _result_of(error: Exception) -> AttemptResult:
    if isinstance(error, CrmError):
        return error.result
    return AttemptResult.DECLINED_HERE if isinstance(error, Refusal) else AttemptResult.INTERNAL_ERROR


@asynccontextmanager
async def failing_with(attempt: ActionAttempt, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Store an exception inside as the result of the attempt."""
    try:
        yield
    except Exception as error:
        await fail(attempt, error, clock())
        raise


async def keep(attempt: ActionAttempt) -> None:
    attempt.number = 1 + await ActionAttempt.filter(item_id=attempt.item_id).count()
    await attempt.save(force_create=True)
