"""Carries out the ledger's items: each CRM effect exactly once, whatever fails and whenever.

A create goes through four gates. A complete look-up adopts what is already there. A claim, compared and set under
the action's lock, makes this executor the only one that sends. An answer that leaves the outcome open is never
repeated blindly: the item stays claimed until the CRM must have finished with it, and then the look-up decides.
Absent counts only when two complete reads, further apart than the CRM's search can lag, agree.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import structlog
from tortoise.connection import get_connection

from models import ActionAttempt, ActionItem
from models.database import READS
from services.actions.kinds import CreateKind, Kind, RepeatKind
from services.actions.ledger import finish_item
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from services.errors import Refusal
from services.events import Change, EventLog
from services.vocabulary import ItemOutcome, ItemState

log = structlog.get_logger(__name__)

ACTOR = "system:engine"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `settle`: how long after the time limit a request may still take effect in the CRM.
    `lag_bound`: how long a record may be missing from the CRM's search after it was made."""

    time_limit: float = 20.0
    settle: float = 10.0
    lag_bound: float = 30.0
    backoff: float = 2.0
    backoff_limit: float = 900.0

    def delay(self, attempt: int) -> float:
        """
        >>> [Timing().delay(attempt) for attempt in (1, 2, 3, 20)]
        [2.0, 4.0, 8.0, 900.0]
        """
        return float(min(self.backoff * 2 ** min(attempt - 1, 30), self.backoff_limit))


class ClaimLost(Exception):
    """Somebody else is at this item, or it was cancelled; nothing was sent."""


@dataclass
class _Lane:
    """One run along a lane, and what its last look-up found."""

    found: Mapping[str, Sequence[int]] = field(default_factory=dict)
    looked_for: frozenset[str] = frozenset()
    read_at: datetime = NEVER


class Engine:
    def __init__(
        self,
        *,
        kinds: Mapping[str, Kind],
        events: EventLog,
        timing: Timing,
    ) -> None:
        self._kinds = kinds
        self._events = events
        self._timing = timing
        self._clock = events.clock

    async def due_lanes(self) -> list[str]:
        """The lanes in which something can be done now; to be had even while all who write wait for a lock."""
        due = ActionItem.filter(open_key__not_isnull=True, next_try_at__lte=self._clock())
        due = due.using_db(get_connection(READS))
        return cast(list[str], await due.distinct().values_list("lane", flat=True))

    async def run_lane(self, lane: str, *, stopping: Callable[[], bool] = lambda: False) -> float | None:
        """Go along a lane as far as it leads, or until `stopping`.

        Seconds after which to come back; None when nothing is left.
        """
        run = _Lane()
        while items := await ActionItem.filter(lane=lane, open_key__not_isnull=True).order_by("position"):
            wait = (items[0].next_try_at - self._clock()).total_seconds()
            if wait > 0:
                return wait
            await self._advance(run, items)
            if stopping():
                return 0.0
        return None

    async def _advance(self, run: _Lane, items: Sequence[ActionItem]) -> None:
        """One step of the lane's first item; none where somebody else is at it, or called it off meanwhile."""
        with suppress(ClaimLost):
            await self._step(run, items)

    async def _step(self, run: _Lane, items: Sequence[ActionItem]) -> None:
        head = items[0]
        try:
            kind = self._kinds[head.kind]
            if isinstance(kind, RepeatKind):
                await self._repeat(kind, head)
            else:
                await self._create(kind, run, items)
        except ClaimLost:
            raise
        except CrmUnavailable as error:
            await self._postpone(head, error)
        except (CrmRefused, Refusal) as error:
            # A refused look-up says nothing about what an earlier request may have done.
            unclear = head.state == ItemState.SENDING
            await self._finish(
                head, ItemOutcome.NEEDS_ATTENTION if unclear else ItemOutcome.FAILED, _words(error)
            )
        except Exception as error:
            # A bug must not stop the lane for good; whatever it left behind, the next look-up will tell.
            log.exception("item_failed", item=head.id, kind=head.kind)
            await self._postpone(head, error)

    async def _repeat(self, kind: RepeatKind, item: ActionItem) -> None:
        attempt = await _begin(item, "TALK", self._clock())
        try:
            heard = await kind.talk(item)
        except CrmError as error:
            await _end(attempt, type(error).__name__, self._clock(), _words(error))
            if isinstance(error, CrmOutcomeUnknown):
                # Saying the same thing again does no harm here.
                raise CrmUnavailable(error.message) from error
            raise
        async with self._hold(item, *await kind.streams(item)) as change:
            result = await kind.apply(change, item, heard)
            if result.more:
                await change.update(item, kind="ITEM_CONTINUED", next_try_at=change.at)
            else:
                await finish_item(change, item, result.outcome, explanation=result.explanation)
        await _end(attempt, result.outcome, self._clock())

    async def _create(self, kind: CreateKind, run: _Lane, items: Sequence[ActionItem]) -> None:
        item = items[0]
        if item.state == ItemState.SENDING or item.id not in run.looked_for:
            await self._look_up(kind, run, items)
        matches = run.found.get(item.reference, ())
        if len(matches) > 1:
            ids = ", ".join(map(str, matches))
            await self._finish(
                item, ItemOutcome.NEEDS_ATTENTION, f"The CRM holds this more than once: {ids}."
            )
        elif matches:
            await self._record(kind, item, matches[0])
        elif item.state == ItemState.SENDING:
            await self._note_absence(item, run.read_at)
        else:
            await self._send(kind, item)

    async def _look_up(self, kind: CreateKind, run: _Lane, items: Sequence[ActionItem]) -> None:
        """One complete read for all items of the lane."""
        same = [one for one in items if one.kind == items[0].kind]
        read_at = self._clock()
        run.found = await kind.look_up(same)
        run.read_at = read_at
        run.looked_for = frozenset(one.id for one in same)

    async def _note_absence(self, item: ActionItem, read_at: datetime) -> None:
        """The record of a request with an open outcome is not there. Only the second time does it count."""
        since = item.absent_since or read_at
        certain_at = since + timedelta(seconds=self._timing.lag_bound)
        async with self._hold(item) as change:
            if read_at >= certain_at:
                await change.update(
                    item, kind="ITEM_NEVER_ARRIVED", state=ItemState.PENDING, claim_id=None, absent_since=None
                )
            else:
                await change.update(item, kind="ITEM_ABSENT", absent_since=since, next_try_at=certain_at)

    async def _send(self, kind: CreateKind, item: ActionItem) -> None:
        attempt: ActionAttempt | None = None

        async def claim() -> None:
            nonlocal attempt
            attempt = await self._claim(item)

        try:
            crm_id = await kind.send(item, claim=claim)
        except CrmError as error:
            if attempt is None:
                raise
            await _end(attempt, type(error).__name__, self._clock(), _words(error))
            await self._after_failure(kind, item, error)
            return
        await self._record(kind, item, crm_id)
        if attempt is not None:
            await _end(attempt, ItemOutcome.CREATED, self._clock())

    async def _claim(self, item: ActionItem) -> ActionAttempt:
        """Become the only one who sends this item, or raise ClaimLost."""
        async with self._hold(item) as change:
            patience = timedelta(seconds=self._timing.time_limit + self._timing.settle)
            await change.update(
                item,
                kind="ITEM_CLAIMED",
                state=ItemState.SENDING,
                claim_id=str(uuid4()),
                sent_at=change.at,
                explanation=None,
                next_try_at=change.at + patience,
                attempt_count=item.attempt_count + 1,
            )
            return await _begin(item, "SEND", change.at)

    async def _after_failure(self, kind: CreateKind, item: ActionItem, error: CrmError) -> None:
        """A request of ours has left, or tried to. What is surely not written gives the claim back."""
        if isinstance(error, CrmUnavailable):
            async with self._hold(item) as change:
                await change.update(
                    item, kind="ITEM_RELEASED", state=ItemState.PENDING, claim_id=None, sent_at=None
                )
            await self._postpone(item, error)
        elif isinstance(error, CrmRefused) and error.duplicate:
            await self._settle_duplicate(kind, item, error)
        elif isinstance(error, CrmRefused):
            await self._finish(item, ItemOutcome.FAILED, _words(error))

    async def _settle_duplicate(self, kind: CreateKind, item: ActionItem, error: CrmRefused) -> None:
        matches = (await kind.look_up([item])).get(item.reference, ())
        if len(matches) == 1:
            await self._record(kind, item, matches[0], outcome=ItemOutcome.ADOPTED)
        else:
            shown = f"The CRM says that it holds this already, but shows it {len(matches)} times."
            await self._finish(item, ItemOutcome.NEEDS_ATTENTION, f"{shown} {_words(error)}")

    async def _record(
        self, kind: CreateKind, item: ActionItem, crm_id: int, outcome: ItemOutcome | None = None
    ) -> None:
        """The CRM id, what it stands for here, and the item's end: in one transaction."""
        ours = ItemOutcome.CREATED if item.sent_at else ItemOutcome.ADOPTED
        async with self._hold(item, *await kind.streams(item)) as change:
            await kind.record(change, item, crm_id)
            await finish_item(change, item, outcome or ours, crm_id=crm_id)

    async def _finish(self, item: ActionItem, outcome: ItemOutcome, explanation: str) -> None:
        async with self._hold(item) as change:
            await finish_item(change, item, outcome, explanation=explanation)

    async def _postpone(self, item: ActionItem, error: Exception) -> None:
        """Come back later; whether a claim is out does not change."""
        retry_after = error.retry_after if isinstance(error, CrmUnavailable) else None
        async with self._hold(item) as change:
            tries = item.attempt_count + (item.state == ItemState.PENDING)
            wait = self._timing.delay(max(tries, 1)) if retry_after is None else retry_after
            again = change.at + timedelta(seconds=wait)
            await change.update(
                item,
                kind="ITEM_POSTPONED",
                attempt_count=tries,
                explanation=_words(error),
                next_try_at=max(item.next_try_at, again) if item.state == ItemState.SENDING else again,
            )

    @asynccontextmanager
    async def _hold(self, item: ActionItem, *streams: str) -> AsyncIterator[Change]:
        """Compare and set: a change of the item as it was read, or ClaimLost. The action's lock makes it one step."""
        async with self._events.change(item.action_id, *streams, actor=ACTOR, cause=item.id) as change:
            current = await ActionItem.get(id=item.id)
            if (current.state, current.claim_id) != (item.state, item.claim_id):
                raise ClaimLost
            yield change


def _words(error: Exception) -> str:
    """What to tell the operator; a bug's own text may hold anything, so it stays in the log."""
    if isinstance(error, CrmRefused) and error.crm_message:
        return f"{error.message} {error.crm_message}"
    if isinstance(error, CrmError | Refusal):
        return error.message
    return "Something unexpected went wrong here; the log has it whole."


async def _begin(item: ActionItem, step: str, now: datetime) -> ActionAttempt:
    return await ActionAttempt.create(item_id=item.id, number=item.attempt_count, step=step, started_at=now)


async def _end(attempt: ActionAttempt, result: str, now: datetime, words: str | None = None) -> None:
    await ActionAttempt.filter(id=attempt.id).update(ended_at=now, result=result, words=words)
