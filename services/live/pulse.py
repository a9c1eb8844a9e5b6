"""The pulse of the hub: which lists changed, at most once a second, and all that is shown around every screen."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import structlog
from tortoise.connection import get_connection

from models import Event
from models.database import READS
from services.events import ANY, Batch, Broadcast, Once

log = structlog.get_logger(__name__)


class ListTopic(StrEnum):
    """Lists that a screen may show."""

    TICKETS = "TICKETS"
    TASKS = "TASKS"
    INTAKE = "INTAKE"
    ACTIONS = "ACTIONS"
    OPPORTUNITIES = "OPPORTUNITIES"
    CATALOG = "CATALOG"


WORK = frozenset({ListTopic.TICKETS, ListTopic.TASKS})
"""The lists of work, which also change at midnight: what is late then is another."""

TOPICS: Mapping[str, frozenset[ListTopic]] = {
    "Ticket": WORK,
    "TicketLine": WORK,
    "Milestone": WORK,
    "Task": WORK,
    "Operator": WORK,
    "Company": WORK | {ListTopic.OPPORTUNITIES},
    "IntakeItem": frozenset({ListTopic.INTAKE}),
    "Action": frozenset({ListTopic.ACTIONS}),
    "ActionItem": frozenset({ListTopic.ACTIONS}),
    "Opportunity": frozenset({ListTopic.OPPORTUNITIES}),
    "UnmatchedOpportunity": frozenset({ListTopic.OPPORTUNITIES}),
    "Kit": frozenset({ListTopic.CATALOG}),
    "KitLine": frozenset({ListTopic.CATALOG}),
    "Service": frozenset({ListTopic.CATALOG}),
    "WorkflowTemplate": frozenset({ListTopic.CATALOG}),
}
"""The lists in which a change of a row shows, by the row's type."""

OVERLAP = timedelta(seconds=10)
"""How much later than its instant a change may be committed and still be noticed."""


@dataclass(frozen=True, slots=True)
class Beat:
    """How things are at one moment. What its watchers read for it is read once, through `batch`.

    `grew`: something was committed since the beat before. `shared` keeps what is made of this very beat for all who
    get it; a beat with what a slow watcher missed is another one.
    """

    data_until: datetime
    today: date
    grew: bool = False
    changed: frozenset[ListTopic] = frozenset()
    batch: Batch = field(default_factory=Batch)
    shared: Once = field(default_factory=Once, init=False, compare=False)

    def after(self, missed: "Beat | None") -> "Beat":
        """Return this beat for those who have not taken the one before yet: with all that changed in both."""
        if missed is None:
            return self
        return replace(self, changed=self.changed | missed.changed, grew=self.grew or missed.grew)


@dataclass(eq=False)
class _Listener:
    """The latest beat that a watcher has not taken yet, with all that changed since the one before."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    beat: Beat | None = None

    def put(self, beat: Beat) -> None:
        self.beat = beat
        self.arrived.set()

    async def take(self) -> Beat:
        await self.arrived.wait()
        beat, self.beat = self.beat, None
        self.arrived.clear()
        assert beat is not None
        return beat


class Pulse:
    """Beats for all watchers of this process: at most every `shortest` seconds, and at least every `alive` seconds."""

    def __init__(
        self, broadcast: Broadcast, *, today: Callable[[], date], shortest: float = 1.0, alive: float = 15.0
    ) -> None:
        self._broadcast = broadcast
        self._today = today
        self._shortest = shortest
        self.alive = alive
        self._listeners: set[_Listener] = set()
        self._reader: asyncio.Task[None] | None = None

    async def follow(self) -> AsyncGenerator[Beat]:
        """Follow for as long as you iterate. The first beat says how things are, and each later one what changed."""
        listener = _Listener()
        if self._reader is None:
            self._started = asyncio.Event()
            self._reader = asyncio.create_task(self._read())
        self._listeners.add(listener)
        try:
            await self._started.wait()
            yield replace(self._last, changed=frozenset(), grew=False, batch=Batch())
            while True:
                yield await listener.take()
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        signal = self._broadcast.listen(ANY)
        try:
            while True:
                try:
                    await (self._look() if self._started.is_set() else self._begin())
                except Exception:
                    log.exception("feed_read_failed", stream="pulse")
                    signal.set()
                await asyncio.sleep(self._shortest)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.alive - self._shortest):
                        await signal.wait()
                signal.clear()
        finally:
            self._broadcast.stop_listening(ANY, signal)

    async def _begin(self) -> None:
        """Find out where the log ends: only what comes later is new."""
        self._last = Beat(await _last_change(), self._today())
        self._seen = dict(await self._recent())
        self._started.set()

    async def _look(self) -> None:
        """Tell which lists changed. New events are found by their instants and known by their ids."""
        recent = await self._recent()
        new = [entity for event_id, entity in recent if event_id not in self._seen]
        self._seen = dict(recent)
        changed = frozenset(topic for entity in new for topic in TOPICS.get(entity, ()))
        today = self._today()
        if today != self._last.today:
            changed |= WORK
        self._last = Beat(await _last_change(), today, bool(new), changed)
        # Those who missed the same get the same.
        beats = {missed: self._last.after(missed) for missed in {one.beat for one in self._listeners}}
        for listener in self._listeners:
            listener.put(beats[listener.beat])

    async def _recent(self) -> list[tuple[str, str]]:
        since = self._last.data_until - OVERLAP
        events = Event.filter(occurred_at__gte=since).using_db(get_connection(READS))
        return await events.values_list("id", "entity")


async def _last_change() -> datetime:
    """Return when the last change was made."""
    last = (
        await Event.all().using_db(get_connection(READS)).order_by("-occurred_at").only("occurred_at").first()
    )
    return last.occurred_at if last else datetime.fromtimestamp(0, UTC)
