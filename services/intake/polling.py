"""Polls the CRM for sales, because it is not known to send notifications.

A round lists the sales since a mark, less an overlap for a lagging search, and imports those not seen before. The
mark is the newest modification time that was handled, in the CRM's time, or the highest handled id
(`poll_cursor.py`). A sale whose import fails goes to the inbox and is retried from there, less and less often; the
mark moves past it. Only trouble with the CRM as a whole stops a round, and then the mark stays.

The mark is one row, and a lease on it owns the round. A holder that dies loses the round when the lease ends. One
that was frozen and comes back can no longer move the mark, and importing a sale twice still gives one ticket.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from models import CrmActivity, PollMark
from models.due import due
from services.actions.engine.claims import crm_words, operator_message
from services.crm.breaker import AlwaysClosed
from services.crm.errors import CrmError, CrmNotCalled, CrmRefused, CrmUnavailable, LoginRefused
from services.crm.protocol import LONGEST_PAUSE, Circuit, Crm, Priority
from services.crm.records import ActivityRecord
from services.errors import Refusal
from services.intake.imports import Intake, NotASale
from services.intake.inbox import list_due, select_news, select_unseen
from services.intake.manual_entry import OwnEcho, RequestUnsettled
from services.intake.poll_cursor import ById, ByModifiedDate, PollCursor
from services.intake.sale_changes import list_in_question, list_sources, list_to_compare
from services.intake.sales import Inconclusive
from services.vocabulary import IntakeReason

log = structlog.get_logger(__name__)

ACTOR = "system:poller"
SALES = "sales"
LONGEST_BACK_OFF = 600.0
RETRIES_A_ROUND = 5
COMPARED_A_ROUND = 40
"""One search takes so many ids."""

ODD_RECORDS_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """Seconds. `interval`: the pause between rounds. `overlap`: how far a round reaches back behind the mark; longer
    than the CRM's search may lag. `lease`: how long a silent holder keeps the round.

    Sales before `since` are ignored. None: since the first round of all.
    """

    interval: float = 60.0
    overlap: float = 300.0
    lease: float = 30.0
    since: datetime | None = None

    def pause(self, failures: int) -> float:
        """
        >>> [PollSettings().pause(failures) for failures in (0, 1, 2, 3, 20)]
        [60.0, 60.0, 120.0, 240.0, 600.0]
        """
        doubled = self.interval * 2 ** min(max(failures - 1, 0), 20)
        return float(min(doubled, max(self.interval, LONGEST_BACK_OFF)))


class LeaseLost(Exception):
    """Our lease ended during the round, and another process may hold it."""


class Poller:
    """Polls for one hub. Of all processes on the same database, one polls at a time."""

    def __init__(
        self,
        *,
        crm: Crm,
        intake: Intake,
        sub_type_id: int,
        settings: PollSettings,
        clock: Callable[[], datetime],
        circuit: Circuit | None = None,
        by_id: bool = False,
    ) -> None:
        self._crm = patient = crm.with_priority(Priority.BACKGROUND)
        self._cursor: PollCursor = (
            ById(patient, settings.overlap)
            if by_id
            else ByModifiedDate(patient, sub_type_id, settings.overlap)
        )
        self._by_id = by_id
        self._intake = intake
        self._sub_type_id = sub_type_id
        self._settings = settings
        self._clock = clock
        self._circuit = circuit or AlwaysClosed()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                wait = await self.poll()
            except Exception:
                # The database may be unreachable for a while. A poller that gave up would go unnoticed.
                log.exception("poll_failed")
                wait = self._settings.interval
            await asyncio.sleep(wait)

    async def poll(self) -> float:
        """Run a round if one is due and no other process runs it. Return the seconds until the next look."""
        held_mark = await self._claim_round()
        if held_mark is None:
            mark = await PollMark.get(name=SALES)
            left = (mark.not_before - self._clock()).total_seconds()
            return min(max(left, 0.0), self._settings.interval)
        try:
            await self._while_held(held_mark, self._round(held_mark))
        except LeaseLost:
            log.warning("poll_turn_lost")
        except asyncio.CancelledError:
            await self._release(held_mark, pause=0.0)
            raise
        except CrmError as error:
            await self._back_off(held_mark, error)
        return self._settings.interval

    async def _claim_round(self) -> PollMark | None:
        """Claim the round by compare-and-set. Return the mark, or None if another process has it."""
        await self._open_mark()
        await self._bring_forward()
        now = self._clock()
        held_mark = str(uuid4())
        lease = now + timedelta(seconds=self._settings.lease)
        farthest = timedelta(seconds=self._settings.lease + LONGEST_PAUSE + self._settings.interval)
        mark = PollMark.filter(due("not_before", now, farthest=farthest), name=SALES)
        if not await mark.update(holder=held_mark, not_before=lease):
            return None
        return await PollMark.get_or_none(name=SALES, holder=held_mark)

    async def _bring_forward(self) -> None:
        """End the pause after failed rounds if the CRM has answered any call since, but keep one interval."""
        succeeded_at = await self._circuit.succeeded_at()
        mark = await PollMark.get(name=SALES)
        if succeeded_at is None or not mark.failures or mark.holder is not None:
            return
        failed_at = mark.not_before - timedelta(seconds=self._settings.pause(mark.failures))
        if failed_at < succeeded_at and mark.not_before > self._clock():
            again = failed_at + timedelta(seconds=self._settings.interval)
            unchanged = PollMark.filter(name=SALES, holder=None, not_before=mark.not_before)
            await unchanged.update(not_before=again)

    async def _open_mark(self) -> None:
        since = self._settings.since or self._clock()
        mark = PollMark(name=SALES, begins_at=since, high_water=since, highest_id=0, not_before=self._clock())
        await PollMark.bulk_create([mark], ignore_conflicts=True)
        if self._settings.since is not None:
            # An earlier `since` that is set later includes those sales too; a running round still treats them as old.
            earlier = PollMark.filter(name=SALES, begins_at__gt=since)
            await earlier.update(
                begins_at=since, high_water=since, highest_id=0, holder=None, not_before=self._clock()
            )

    async def _while_held(self, held_mark: PollMark, work: Coroutine[Any, Any, None]) -> None:
        """Do the work and renew the lease. Raise LeaseLost and stop when the renewal fails."""
        working = asyncio.create_task(work)
        renewing = asyncio.create_task(self._renew(held_mark))
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise LeaseLost
            await working
        finally:
            for task in (working, renewing):
                task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)

    async def _renew(self, held_mark: PollMark) -> None:
        """Renew the lease until it is lost."""
        renewed = 1
        while renewed:
            await asyncio.sleep(self._settings.lease / 3)
            lease = self._clock() + timedelta(seconds=self._settings.lease)
            renewed = await _held(held_mark).update(not_before=lease)

    async def _round(self, held_mark: PollMark) -> None:
        started_at = self._clock()
        fetched = await self._cursor.fetch(held_mark)
        sales = [record for record in fetched.records if record.sub_type_id == self._sub_type_id]
        await self._retry_imports()
        for record in await select_news(sales, since=held_mark.begins_at):
            await self._import_record(record)
        await self._compare(sales)
        for one in await select_unseen(fetched.unread):
            problem = Inconclusive(IntakeReason.NOT_TAKEN_IN, one.explanation)
            await self._set_aside(ActivityRecord(id=one.id or 0), problem)
        moved = self._cursor.advance(held_mark, fetched=fetched, now=started_at)
        if held_mark.failures:
            log.info("poll_recovered", failures=held_mark.failures)
        odd = _with_newest(
            held_mark.odd_records or [], [one.explanation for one in fetched.unread if one.id is None]
        )
        await self._release(held_mark, pause=self._settings.interval, failures=0, odd_records=odd, **moved)

    async def _compare(self, listed: Sequence[ActivityRecord]) -> None:
        """Compare imported sales with the CRM: the listed ones and some of the others."""
        shown = {record.id: record for record in listed}
        for source in await list_sources(shown):
            await self._intake.compare(source, shown[source.crm_id], actor=ACTOR)
        asked, others = (
            await list_in_question(most=RETRIES_A_ROUND),
            await list_to_compare(most=COMPARED_A_ROUND),
        )
        by_id = {one.crm_id: one for one in (*asked, *others)}
        living = await self._crm.list_living(by_id)
        to_read = {one.crm_id for one in (*asked, *(others[:1] if self._by_id else ()))}
        for crm_id, source in by_id.items():
            if crm_id not in living or crm_id in to_read:
                await self._read_and_compare(source, is_listed=crm_id in living)
        await CrmActivity.filter(crm_id__in=list(by_id)).update(compared_at=self._clock())

    async def _read_and_compare(self, source: CrmActivity, *, is_listed: bool) -> None:
        """Compare one sale. An unlisted one counts as deleted even if its id answers, unless the search may lag."""
        try:
            record = await self._crm.get_activity(source.crm_id)
        except CrmRefused as refusal:
            log.warning("sale_not_compared", crm_activity_id=source.crm_id, error=refusal.message)
            return
        is_new = source.created_at > self._clock() - timedelta(seconds=self._settings.overlap)
        is_there = is_listed or is_new
        await self._intake.compare(source, record if is_there else None, actor=ACTOR)

    async def _import_record(self, record: ActivityRecord) -> None:
        """Import a sale, or set it aside: its failure must not hold up the others."""
        try:
            await self._intake.import_record(record, actor=ACTOR)
        except (OwnEcho, NotASale):
            await self._intake.dismiss_record(record.id, actor=ACTOR)
        except (CrmNotCalled, LoginRefused):
            raise
        except Exception as error:
            if isinstance(error, CrmUnavailable) and error.paused_until is not None:
                raise
            if not isinstance(error, CrmError | Refusal):
                log.exception("sale_broke_us", crm_activity_id=record.id)
            in_flight = isinstance(error, RequestUnsettled)
            reason = IntakeReason.REQUEST_UNSETTLED if in_flight else IntakeReason.NOT_TAKEN_IN
            problem = Inconclusive(reason, operator_message(error), crm_words=crm_words(error))
            await self._set_aside(record, problem)

    async def _set_aside(self, record: ActivityRecord, problem: Inconclusive) -> None:
        if await self._intake.set_aside(record, problem, actor=ACTOR):
            log.warning("sale_not_taken_in", crm_activity_id=record.id, error=problem.explanation)

    async def _retry_imports(self) -> None:
        """Retry some of the sales whose import failed."""
        for crm_activity_id in await list_due(self._clock(), most=RETRIES_A_ROUND):
            try:
                record = await self._crm.get_activity(crm_activity_id)
            except (CrmNotCalled, LoginRefused):
                raise
            except CrmError as error:
                problem = Inconclusive(IntakeReason.NOT_TAKEN_IN, error.message, crm_words=crm_words(error))
                await self._intake.explain(crm_activity_id, problem, tries_again=True, actor=ACTOR)
                continue
            if record is not None:
                await self._import_record(record)
            else:
                problem = Inconclusive(IntakeReason.SALE_DELETED, "The CRM no longer has the activity.")
                await self._intake.explain(crm_activity_id, problem, tries_again=False, actor=ACTOR)

    async def _back_off(self, held_mark: PollMark, error: CrmError) -> None:
        """Poll less often the longer the trouble lasts. It is logged once."""
        failures = held_mark.failures + 1
        asked = error.retry_after if isinstance(error, CrmUnavailable) else None
        pause = max(self._settings.pause(failures), asked or 0.0)
        if failures == 1:
            log.warning("poll_failing", error=error.message)
        await self._release(held_mark, pause=pause, failures=failures, **self._failed_with(error))

    def _failed_with(self, error: CrmError) -> dict[str, Any]:
        """Return the columns for a failed call. A call that was not made adds nothing."""
        if isinstance(error, CrmNotCalled):
            return {}
        return {
            "failed_at": self._clock(),
            "failure": error.result,
            "failure_explanation": error.message,
            "failure_crm_words": crm_words(error),
        }

    async def _release(self, held_mark: PollMark, *, pause: float, **columns: Any) -> None:
        due = self._clock() + timedelta(seconds=pause)
        await _held(held_mark).update(holder=None, not_before=due, **columns)


def _with_newest(known: list[str], found: list[str]) -> list[str]:
    """Merge the known and the newly found odd records, and drop the oldest beyond the limit."""
    fresh = [one for one in dict.fromkeys(found) if one not in known]
    for one in fresh:
        log.warning("odd_record", explanation=one)
    return [*known, *fresh][-ODD_RECORDS_KEPT:]


def _held(held_mark: PollMark) -> Any:
    return PollMark.filter(name=SALES, holder=held_mark.holder)
