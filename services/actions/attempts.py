"""What was tried for an item: kept with its time, what came of it, and the CRM's words."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from models import ActionAttempt, ActionItem
from services.actions.claims import ClaimLost, words_of

LONGEST_RESULT = 32


async def begin(item: ActionItem, step: str, now: datetime) -> ActionAttempt:
    """Keep an attempt that is under way."""
    attempt = ActionAttempt(item_id=item.id, step=step, started_at=now)
    await _keep(attempt)
    return attempt


def look_up_at(item: ActionItem, at: datetime) -> ActionAttempt:
    """A look-up, which counts as an attempt of the item only once it ends: by deciding about it, or by failing."""
    return ActionAttempt(item_id=item.id, step="LOOK_UP", started_at=at)


async def end(attempt: ActionAttempt, result: str, now: datetime, words: str | None = None) -> None:
    attempt.update_from_dict({"result": result, "ended_at": now, "words": words})
    if attempt.number is None:
        await _keep(attempt)
    else:
        await ActionAttempt.filter(id=attempt.id).update(result=result, ended_at=now, words=words)


async def fail(attempt: ActionAttempt, error: Exception, now: datetime) -> None:
    words = None if isinstance(error, ClaimLost) else words_of(error)
    await end(attempt, type(error).__name__[:LONGEST_RESULT], now, words)


@asynccontextmanager
async def failing_with(attempt: ActionAttempt, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Whatever goes wrong inside is what came of the attempt."""
    try:
        yield
    except Exception as error:
        await fail(attempt, error, clock())
        raise


async def _keep(attempt: ActionAttempt) -> None:
    attempt.number = 1 + await ActionAttempt.filter(item_id=attempt.item_id).count()
    await attempt.save(force_create=True)
