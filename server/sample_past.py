"""How a sample of the past is made: by the operators' own use cases, with a clock that stands in the past."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Protocol

from tortoise.queryset import QuerySet

from models import Action, Operator, Opportunity, Task, Ticket
from models.database import close_database, migrate, open_database
from server.clock import utc_now
from server.sandbox_control import SandboxControl
from server.settings import Settings
from server.wiring import Hub, calendar_of, connect_hub, working_in_background
from services.activities.generation import generate_activities
from services.catalog.store import store_catalog
from services.intake.imports import find_known
from services.kpis.targets import save_target
from services.opportunities.generation import generate_opportunities, list_lines
from services.opportunities.sync import sync_opportunities
from services.planning.calendar import WorkCalendar
from services.planning.catalog.loader import load_catalog
from services.planning.kpis.words import KpiKey
from services.tickets.workflow import complete_task, start_task
from services.vocabulary import ActionStatus, MilestoneStatus, Role, TaskStatus

UNLIMITED = 100_000
ACTOR = "system:demo"

REFUSAL = {
    "match": {"controller": "Opportunity", "action": "create", "nth": 2},
    "fault": "status",
    "args": {"status": 400, "message": "Il campo Fase non è ammesso per questa azienda."},
}

TARGETS = ((KpiKey.ON_TIME, Decimal("0.9")), (KpiKey.TIME_TO_ONBOARDED, Decimal(10)))

Story = Callable[[], Awaitable[None]]


@dataclass
class PastClock:
    """The time of a sample: it passes as usual, jumps to what happens next, and never goes back."""

    _behind: timedelta

    @classmethod
    def at(cls, instant: datetime) -> "PastClock":
        return cls(utc_now() - instant)

    def __call__(self) -> datetime:
        return utc_now() - self._behind

    def stand(self, at: datetime) -> None:
        """Move on to this instant. One that has passed already changes nothing."""
        self._behind = max(min(self._behind, utc_now() - at), timedelta())


@dataclass(frozen=True)
class Past:
    """What operators do in a sample, with the hub and the sandbox that it happens in."""

    hub: Hub
    control: SandboxControl

    async def set_targets(self) -> None:
        administrator = await Operator.filter(role=Role.ADMIN).order_by("id").first()
        assert administrator is not None
        for key, value in TARGETS:
            await save_target(
                key,
                None,
                value,
                None,
                actor=administrator.id,
                calendar=self.hub.calendar,
                events=self.hub.events,
            )

    async def sell(self, *sales: int) -> None:
        for sale in sales:
            await self.hub.intake.import_activity(sale, actor=ACTOR)

    async def onboard(self, sale: int, *, tasks: int = 100) -> None:
        """Complete the first tasks of the parent ticket, by default all."""
        await self._complete(await parent_of(sale), tasks)

    async def deliver(self, sale: int, *, tasks: int = 100) -> None:
        """Complete the first tasks of each child ticket, by default all."""
        for child in await Ticket.filter(parent_id=(await parent_of(sale)).id).order_by("code"):
            await self._complete(child, tasks)

    async def start(self, sale: int) -> None:
        """Start the next task of the parent ticket."""
        task = await open_tasks(await parent_of(sale)).first()
        assert task is not None
        await start_task(task.id, actor=task.assignee_id, events=self.hub.events)

    async def press_yellow(self, sale: int) -> None:
        await self.press_yellow_on(await parent_of(sale))

    async def press_orange(self, sale: int) -> None:
        await self.press_orange_on(await parent_of(sale))

    async def press_yellow_on(
        self, ticket: Ticket, *, without: Collection[str] = (), reason: str | None = None
    ) -> None:
        """Make the opportunities of all lines but those `without`; a reason may be needed."""
        lines = [line.id for line in await list_lines(ticket.id) if line.id not in without]
        await finished(
            await generate_opportunities(
                ticket.id,
                line_ids=lines if without else None,
                override_reason=reason,
                actor=ticket.owner_id,
                events=self.hub.events,
            )
        )

    async def press_orange_on(self, ticket: Ticket) -> None:
        await finished(
            await sync_opportunities(ticket_id=ticket.id, actor=ticket.owner_id, events=self.hub.events)
        )

    async def press_violet(self, sale: int, *, children: int = 100) -> None:
        ticket = await parent_of(sale)
        for one in await Opportunity.filter(tree_id=ticket.id).order_by("code").limit(children):
            await finished(await generate_activities(one.id, actor=ticket.owner_id, events=self.hub.events))

    async def press_yellow_and_be_refused(self, sale: int) -> None:
        """The CRM refuses one of the opportunities, so the action waits for a person."""
        await self.control.post("faults", REFUSAL)
        await self.press_yellow(sale)
        await self.control.delete("faults")

    async def _complete(self, ticket: Ticket, count: int) -> None:
        for task in await open_tasks(ticket).limit(count):
            await complete_task(task.id, actor=task.assignee_id, events=self.hub.events)


class Stories:
    """Stories that happen together, one step at a time and in the order of time.

    A story does what happens now, and then waits `until` it goes on. It may begin others with `add`. `now` is the
    instant of the step, as it was planned.
    """

    def __init__(self, clock: PastClock) -> None:
        self._clock = clock
        self.now = clock()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._told: set[asyncio.Task[None]] = set()
        self._step = asyncio.Event()
        self._failure: BaseException | None = None

    def add(self, story: Story) -> None:
        beginning = self._wait(self.now)

        async def begin() -> None:
            await beginning
            await story()

        task = asyncio.create_task(begin())
        self._told.add(task)
        task.add_done_callback(self._end)

    async def until(self, at: datetime) -> None:
        """Wait for this instant. It comes once all earlier ones of other stories have passed, or never."""
        going_on = self._wait(at)
        self._step.set()
        await going_on

    async def happen(self, told: Callable[[datetime], None] = lambda _: None) -> None:
        """Let happen what happens until now. What would come later never comes. `told` gets each instant."""
        try:
            while self._waiting and self._waiting[0][0] <= utc_now():
                at, _, going_on = heapq.heappop(self._waiting)
                told(at)
                self.now = at
                self._clock.stand(at)
                self._step.clear()
                going_on.set_result(None)
                await self._step.wait()
                if self._failure is not None:
                    raise self._failure
        finally:
            for task in self._told:
                task.cancel()
            await asyncio.gather(*self._told, return_exceptions=True)

    def _wait(self, at: datetime) -> "asyncio.Future[None]":
        going_on: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (at, next(self._numbers), going_on))
        return going_on

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._told.discard(task)
        self._failure = None if task.cancelled() else task.exception()
        self._step.set()


class Sample(Protocol):
    """Something that happens in the past."""

    def begins_at(self, calendar: WorkCalendar) -> datetime:
        """Return the instant before which nothing of it happens."""

    async def begin(self, past: Past, stories: Stories) -> None:
        """Prepare what it needs, and add its stories."""


async def add_samples(
    settings: Settings,
    control: SandboxControl,
    samples: Sequence[Sample],
    *,
    employ: Callable[[Hub], Awaitable[object]],
    told: Callable[[datetime], None] = lambda _: None,
) -> None:
    """Add operators and samples to a new database.

    `control` steers the sandbox. `told` gets each instant at which something happens.
    """
    calendar = calendar_of(settings)
    clock = PastClock.at(min(sample.begins_at(calendar) for sample in samples))
    async with _hub_of_the_past(settings, clock) as hub:
        await employ(hub)
        past, stories = Past(hub, control), Stories(clock)
        async with working_in_background(hub), _without_limit(control):
            for sample in samples:
                await sample.begin(past, stories)
            await stories.happen(told)
            for action in await Action.filter(status=ActionStatus.RUNNING):
                await finished(action)
        await hub.days.keep()


@asynccontextmanager
async def _hub_of_the_past(settings: Settings, clock: PastClock) -> AsyncIterator[Hub]:
    unhurried = {"crm_calls_per_minute": UNLIMITED, "poll_seconds": 0.0, "second_look_seconds": 0.0}
    settings = settings.model_copy(update=unhurried)
    await open_database(settings.database_url)
    try:
        await migrate()
        async with connect_hub(settings, settings.tenant(), clock=clock) as hub:
            await store_catalog(load_catalog(settings.catalog_folder), events=hub.events)
            yield hub
    finally:
        await close_database()


@asynccontextmanager
async def _without_limit(control: SandboxControl) -> AsyncIterator[None]:
    """Lift the sandbox's limit of calls for a while."""
    usual = await control.get("switches")
    await control.patch("switches", {"calls_per_window": UNLIMITED})
    try:
        yield
    finally:
        await control.patch("switches", {"calls_per_window": usual["calls_per_window"]})


async def parent_of(sale: int) -> Ticket:
    known = await find_known(sale)
    assert known is not None
    return await Ticket.get(id=known.ticket_id)


def open_tasks(ticket: Ticket) -> QuerySet[Task]:
    """Return the tasks that can still be done, in order."""
    return Task.filter(
        ticket_id=ticket.id,
        status__in=(TaskStatus.TODO, TaskStatus.IN_PROGRESS),
        milestone__status__in=(MilestoneStatus.PLANNED, MilestoneStatus.IN_PROGRESS),
    ).order_by("milestone__position", "position")


async def finished(action: Action) -> None:
    while (await Action.get(id=action.id)).status == ActionStatus.RUNNING:  # noqa: ASYNC110 - in the database
        await asyncio.sleep(0.02)
