"""Hears of sales by asking again and again: the CRM is not known to call anybody.

A round lists the sales since a mark, less an overlap for a search that lags, and hands on what was not seen before.
The mark is the CRM's own time of the newest change that was handled, or the highest id of what was (`hearing.py`). It
never passes a sale that could not be taken in, so that sale is listed again in the next round, and all later ones with
it; those are known by then and cost nothing but their place in the list. Nothing is lost, nothing is tried more than
once a round, and what a restart forgets is only which failures the log has told already.

The mark is one row. Whoever sets its lease holds the round; a holder that is gone loses it when the lease ends.
Should a frozen one come back, it can no longer move the mark, and taking a sale in twice gives one ticket anyway.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from tortoise.expressions import Q

from models import PollMark
from services.actions.claims import words_of
from services.crm.answers import LONGEST_PAUSE
from services.crm.errors import CrmError, CrmNotCalled, CrmUnavailable
from services.crm.protocol import Crm, Priority
from services.crm.records import ActivityRecord
from services.errors import Refusal
from services.hearing import ByChange, ById, Hearing
from services.inbox import select_news
from services.intake import Intake, NotASale, OwnEcho

log = structlog.get_logger(__name__)

ACTOR = "system:poller"
SALES = "sales"
LONGEST_BACK_OFF = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Seconds. `interval`: from the end of a round to the next one. `overlap`: how far a round looks back behind the
    mark; longer than the CRM's search may lag. `lease`: how long a holder that says nothing keeps the round.

    `since` is when our interest in the CRM's sales begins; None for the first round of all.
    """

    interval: float = 60.0
    overlap: float = 300.0
    lease: float = 30.0
    since: datetime | None = None

    def pause(self, failures: int) -> float:
        """
        >>> [Rhythm().pause(failures) for failures in (0, 1, 2, 3, 20)]
        [60.0, 60.0, 120.0, 240.0, 600.0]
        """
        doubled = self.interval * 2 ** min(max(failures - 1, 0), 20)
        return float(min(doubled, max(self.interval, LONGEST_BACK_OFF)))


class TurnLost(Exception):
    """Our lease ended while we were at the round, and somebody else may hold it."""


class Poller:
    """Polls for one hub; of many over the same database, one at a time."""

    def __init__(
        self,
        *,
        crm: Crm,
        intake: Intake,
        sub_type_id: int,
        rhythm: Rhythm,
        clock: Callable[[], datetime],
        by_id: bool = False,
    ) -> None:
        patient = crm.with_priority(Priority.BACKGROUND)
        self._hearing: Hearing = (
            ById(patient, rhythm.overlap) if by_id else ByChange(patient, sub_type_id, rhythm.overlap)
        )
        self._intake = intake
        self._sub_type_id = sub_type_id
        self._rhythm = rhythm
        self._clock = clock
        self._told: set[tuple[int, datetime | None]] = set()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                wait = await self.poll()
            except Exception:
                # The database may be gone for a while, and nobody would notice a poller that gave up.
                log.exception("poll_failed")
                wait = self._rhythm.interval
            await asyncio.sleep(wait)

    async def poll(self) -> float:
        """Hold a round, if one is due and nobody else is at it. Seconds until the next may be due."""
        turn = await self._take_turn()
        if turn is None:
            mark = await PollMark.get(name=SALES)
            left = (mark.not_before - self._clock()).total_seconds()
            return min(max(left, 0.0), self._rhythm.interval)
        try:
            await self._while_ours(turn, self._round(turn))
        except TurnLost:
            log.warning("poll_turn_lost")
        except asyncio.CancelledError:
            await self._end_turn(turn, pause=0.0)
            raise
        except CrmError as error:
            return await self._back_off(turn, error)
        return self._rhythm.interval

    async def _take_turn(self) -> PollMark | None:
        """Compare and set: the mark for whoever gets the round, None for everybody else."""
        await self._open_mark()
        now = self._clock()
        turn = str(uuid4())
        lease = now + timedelta(seconds=self._rhythm.lease)
        # Nobody sets a round off for longer; only a clock that was set back leaves a later time.
        never = lease + timedelta(seconds=LONGEST_PAUSE + self._rhythm.interval)
        due = PollMark.filter(Q(not_before__lte=now) | Q(not_before__gt=never), name=SALES)
        if not await due.update(holder=turn, not_before=lease):
            return None
        return await PollMark.get_or_none(name=SALES, holder=turn)

    async def _open_mark(self) -> None:
        since = self._rhythm.since or self._clock()
        mark = PollMark(name=SALES, begins_at=since, high_water=since, highest_id=0, not_before=self._clock())
        await PollMark.bulk_create([mark], ignore_conflicts=True)
        if self._rhythm.since is not None:
            # Whoever sets an earlier beginning afterwards wants those sales too; a round under way holds them for old.
            earlier = PollMark.filter(name=SALES, begins_at__gt=since)
            await earlier.update(
                begins_at=since, high_water=since, highest_id=0, holder=None, not_before=self._clock()
            )

    async def _while_ours(self, turn: PollMark, work: Coroutine[Any, Any, None]) -> None:
        """Do the work, renewing the lease; stop and raise TurnLost where that fails."""
        working = asyncio.create_task(work)
        renewing = asyncio.create_task(self._renew(turn))
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise TurnLost
            await working
        finally:
            for task in (working, renewing):
                task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)

    async def _renew(self, turn: PollMark) -> None:
        """Keep the lease alive; return once it is lost."""
        renewed = 1
        while renewed:
            await asyncio.sleep(self._rhythm.lease / 3)
            lease = self._clock() + timedelta(seconds=self._rhythm.lease)
            renewed = await _held(turn).update(not_before=lease)

    async def _round(self, turn: PollMark) -> None:
        started_at = self._clock()
        heard = await self._hearing.listen(turn)
        sales = [record for record in heard if record.sub_type_id == self._sub_type_id]
        news = await select_news(sales, since=turn.begins_at)
        failed = {record.id for record in news if not await self._take_in(record)}
        moved = self._hearing.move(turn, heard=heard, failed=failed, now=started_at)
        if turn.failures:
            log.info("poll_recovered", failures=turn.failures)
        await self._end_turn(turn, pause=self._rhythm.interval, failures=0, **moved)

    async def _take_in(self, record: ActivityRecord) -> bool:
        """Whether the sale is done with. Whatever goes wrong with it must not hold up the others."""
        try:
            await self._intake.take_in(record, actor=ACTOR)
        except (OwnEcho, NotASale):
            return True
        except (CrmError, Refusal) as error:
            if self._is_untold(record):
                log.warning("sale_not_taken_in", crm_activity_id=record.id, error=error.message)
            return False
        except Exception:
            if self._is_untold(record):
                log.exception("sale_not_taken_in", crm_activity_id=record.id)
            return False
        return True

    def _is_untold(self, record: ActivityRecord) -> bool:
        """Whether the log has not yet heard of this sale as it is now; from here on it has."""
        state = (record.id, record.modified_at)
        untold = state not in self._told
        self._told.add(state)
        return untold

    async def _back_off(self, turn: PollMark, error: CrmError) -> float:
        """Ask later, and less often the longer it lasts; the log hears of it once."""
        failures = turn.failures + 1
        asked = error.retry_after if isinstance(error, CrmUnavailable) else None
        pause = max(self._rhythm.pause(failures), asked or 0.0)
        if failures == 1:
            log.warning("poll_failing", error=error.message)
        await self._end_turn(turn, pause=pause, failures=failures, **self._failed_with(error))
        return pause

    def _failed_with(self, error: CrmError) -> dict[str, Any]:
        """What is kept of a call that failed; a call that was not made says nothing new."""
        if isinstance(error, CrmNotCalled):
            return {}
        return {
            "failed_at": self._clock(),
            "failure": type(error).__name__,
            "failure_words": words_of(error),
        }

    async def _end_turn(self, turn: PollMark, *, pause: float, **columns: Any) -> None:
        due = self._clock() + timedelta(seconds=pause)
        await _held(turn).update(holder=None, not_before=due, **columns)


def _held(turn: PollMark) -> Any:
    return PollMark.filter(name=SALES, holder=turn.holder)
