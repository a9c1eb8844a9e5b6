"""Sample work for a new demo: sales of the last weeks in every stage, done by the same use cases as the operators'.

The hub runs with a clock that stands some working days back and moves towards today, so that some of the work is late.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from tortoise.queryset import QuerySet

from models import Action, Opportunity, Task, Ticket
from models.database import close_database, migrate, open_database
from server.clock import utc_now
from server.sandbox_control import SandboxControl
from server.settings import Settings
from server.wiring import Hub, calendar_of, connect_hub, working_in_background
from services.activities.generation import generate_activities
from services.catalog.store import store_catalog
from services.intake.imports import find_known
from services.opportunities.generation import generate_opportunities
from services.opportunities.sync import sync_opportunities
from services.planning.calendar import WorkCalendar
from services.planning.catalog.loader import load_catalog
from services.tickets.workflow import complete_task, start_task
from services.vocabulary import ActionStatus, TaskStatus

UNLIMITED = 100_000
ACTOR = "system:demo"

REFUSAL = {
    "match": {"controller": "Opportunity", "action": "create", "nth": 2},
    "fault": "status",
    "args": {"status": 400, "message": "Il campo Fase non è ammesso per questa azienda."},
}

VALDARNO, TESSITURA, LOGISTICA, PASTIFICIO = 842017, 842230, 842604, 842911
VETRERIA, CANTINA, STUDIO = 843102, 843311, 843720
ELETTROIMPIANTI, VALDARNO_AGAIN, VETRERIA_AGAIN = 833311, 844802, 845020
UNCLEAR = (844018, 844206)
"""One names two kits, the other none: both wait in the inbox."""


@dataclass
class PastClock:
    """The time of some working days ago; it passes as usual."""

    calendar: WorkCalendar
    _behind: timedelta = field(default=timedelta())

    def __call__(self) -> datetime:
        return utc_now() - self._behind

    def stand(self, working_days_ago: int) -> None:
        today = self.calendar.today(utc_now())
        self._behind = (
            today - self.calendar.subtract(today, working_days_ago) if working_days_ago else timedelta()
        )


@dataclass(frozen=True)
class _Past:
    hub: Hub
    control: SandboxControl

    async def sell(self, *sales: int) -> None:
        for sale in sales:
            await self.hub.intake.import_activity(sale, actor=ACTOR)

    async def onboard(self, sale: int, *, tasks: int = 100) -> None:
        """Complete the first tasks of the parent ticket, by default all."""
        await self._complete(await _parent_of(sale), tasks)

    async def deliver(self, sale: int, *, tasks: int = 100) -> None:
        """Complete the first tasks of each child ticket, by default all."""
        for child in await Ticket.filter(parent_id=(await _parent_of(sale)).id).order_by("code"):
            await self._complete(child, tasks)

    async def start(self, sale: int) -> None:
        """Start the next task of the parent ticket."""
        task = await _open_tasks(await _parent_of(sale)).first()
        assert task is not None
        await start_task(task.id, actor=task.assignee_id, events=self.hub.events)

    async def press_yellow(self, sale: int) -> None:
        ticket = await _parent_of(sale)
        await _finished(
            await generate_opportunities(ticket.id, actor=ticket.owner_id, events=self.hub.events)
        )

    async def press_orange(self, sale: int) -> None:
        ticket = await _parent_of(sale)
        await _finished(
            await sync_opportunities(ticket_id=ticket.id, actor=ticket.owner_id, events=self.hub.events)
        )

    async def press_violet(self, sale: int, *, children: int = 100) -> None:
        ticket = await _parent_of(sale)
        for one in await Opportunity.filter(tree_id=ticket.id).order_by("code").limit(children):
            await _finished(await generate_activities(one.id, actor=ticket.owner_id, events=self.hub.events))

    async def press_yellow_and_be_refused(self, sale: int) -> None:
        """The CRM refuses one of the opportunities, so the action waits for a person."""
        await self.control.post("faults", REFUSAL)
        await self.press_yellow(sale)
        await self.control.delete("faults")

    async def _complete(self, ticket: Ticket, count: int) -> None:
        for task in await _open_tasks(ticket).limit(count):
            await complete_task(task.id, actor=task.assignee_id, events=self.hub.events)


def _steps(past: _Past) -> Sequence[tuple[int, Callable[[], Awaitable[None]]]]:
    """Return the steps with their working days ago, the oldest first."""
    return (
        (30, partial(past.sell, VALDARNO)),
        (27, partial(past.onboard, VALDARNO)),
        (27, partial(past.press_yellow, VALDARNO)),
        (26, partial(past.press_orange, VALDARNO)),
        (26, partial(past.press_violet, VALDARNO)),
        (25, partial(past.sell, ELETTROIMPIANTI)),
        (22, partial(past.onboard, ELETTROIMPIANTI)),
        (22, partial(past.press_yellow, ELETTROIMPIANTI)),
        (21, partial(past.press_orange, ELETTROIMPIANTI)),
        (20, partial(past.deliver, VALDARNO, tasks=8)),
        (20, partial(past.sell, TESSITURA)),
        (18, partial(past.onboard, TESSITURA)),
        (18, partial(past.press_yellow, TESSITURA)),
        (17, partial(past.press_orange, TESSITURA)),
        (17, partial(past.press_violet, TESSITURA, children=2)),
        (14, partial(past.sell, LOGISTICA)),
        (12, partial(past.deliver, TESSITURA, tasks=3)),
        (11, partial(past.deliver, VALDARNO)),
        (11, partial(past.onboard, LOGISTICA)),
        (11, partial(past.press_yellow, LOGISTICA)),
        (10, partial(past.deliver, ELETTROIMPIANTI, tasks=9)),
        (8, partial(past.sell, VETRERIA, PASTIFICIO, VALDARNO_AGAIN)),
        (6, partial(past.onboard, VETRERIA, tasks=2)),
        (6, partial(past.onboard, PASTIFICIO)),
        (3, partial(past.sell, CANTINA)),
        (2, partial(past.onboard, CANTINA, tasks=1)),
        (2, partial(past.start, CANTINA)),
        (1, partial(past.sell, *UNCLEAR)),
        (0, partial(past.press_yellow_and_be_refused, PASTIFICIO)),
        (0, partial(past.sell, STUDIO, VETRERIA_AGAIN)),
    )


async def add_sample_work(
    settings: Settings, control: SandboxControl, *, employ: Callable[[Hub], Awaitable[object]]
) -> None:
    """Add operators and sample work to a new database. `control` steers the sandbox."""
    clock = PastClock(calendar_of(settings))
    async with _hub_of_the_past(settings, clock) as hub:
        await employ(hub)
        async with working_in_background(hub), _without_limit(control):
            for working_days_ago, step in _steps(_Past(hub, control)):
                clock.stand(working_days_ago)
                await step()
            await _all_finished()


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


async def _parent_of(sale: int) -> Ticket:
    known = await find_known(sale)
    assert known is not None
    return await Ticket.get(id=known.ticket_id)


def _open_tasks(ticket: Ticket) -> QuerySet[Task]:
    return Task.filter(ticket_id=ticket.id, status__in=(TaskStatus.TODO, TaskStatus.IN_PROGRESS)).order_by(
        "milestone__position", "position"
    )


async def _finished(action: Action) -> None:
    while (await Action.get(id=action.id)).status == ActionStatus.RUNNING:  # noqa: ASYNC110 - in the database
        await asyncio.sleep(0.02)


async def _all_finished() -> None:
    for action in await Action.filter(status=ActionStatus.RUNNING):
        await _finished(action)
