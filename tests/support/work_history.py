"""Random work of some months, of two trees: every change is made by the use cases, at a time that is stepped on."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from models import Milestone, Task, Ticket
from models.identity import new_id
from services.errors import Refusal
from services.events import Broadcast, EventLog
from services.tickets import cancellation, rescheduling, workflow
from services.tickets.cancellation import ChildrenChoice
from services.tickets.editing import TicketEdit, update_ticket
from services.tickets.facts import FactsKeeper
from services.vocabulary import Priority
from tests.support import factories
from tests.support.factories import save
from tests.support.hub import SteppedClock
from tests.support.live_trees import ROME

AUTUMN = datetime(2026, 10, 19, 8, tzinfo=UTC)
SPRING = datetime(2026, 3, 16, 8, tzinfo=UTC)
"""Some days before the clocks change, and some weeks before a holiday."""

STEPS = 150

STATES = ("OPEN", "BACKLOG", "IN_PROGRESS", "LATE", "AGE", "STANDSTILL", "AT_RISK", "LOAD", "PROGRESS")
TICKETS = ("TICKETS", "PARENTS", "CHILDREN")
STAGES = ("MILESTONES", *TICKETS)
SUBJECTS = ("TASKS", *STAGES)
COUNTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("LEAD_TIME", "FLOW_EFFICIENCY", "AGE"), TICKETS),
    **dict.fromkeys(("CYCLE_TIME", "AT_RISK"), STAGES),
    "LOAD": ("TASKS",),
    "PROGRESS": ("MILESTONES",),
}


class WorkHistory:
    """Work of some months, at random: two trees, whose every change is in the log. It begins at an instant."""

    def __init__(self, seed: int, begin: datetime = AUTUMN) -> None:
        self.random = Random(seed)
        self.begin = begin
        self.clock = SteppedClock(begin)
        followers = [FactsKeeper(ROME).follow]
        self.events = EventLog(clock=self.clock, broadcast=Broadcast(), followers=followers)

    async def happen(self, meanwhile: Callable[[], Awaitable[Any]] | None = None) -> None:
        """Let it happen. `meanwhile` is done now and then."""
        self.staff = [factories.operator() for _ in range(3)]
        self.company, self.workflow = factories.company(), factories.template()
        await save(*self.staff, self.company, self.workflow)
        for _ in range(2):
            await self._sell()
        for _ in range(STEPS):
            self.clock.advance(hours=self.random.choice((0, 1, 5, 13, 26)))
            with suppress(Refusal):
                await self._step()
            if meanwhile is not None and self.random.random() < 0.1:
                await meanwhile()

    async def _sell(self) -> None:
        parent = self._ticket()
        below = {"kind": "CHILD", "parent_id": parent.id, "tree_id": parent.id}
        tickets = [parent, *(self._ticket(**below, position=n) for n in (1, 2))]
        stages = [
            factories.milestone(ticket, position=n, title=f"Fase {n}", **self._dates())
            for ticket in tickets
            for n in (1, 2)
        ]
        tasks = [
            factories.task(
                stage,
                position=n,
                mandatory=n < 3,
                sla_days=self.random.randint(1, 15),
                estimated_hours=Decimal(self.random.randint(1, 16)) / 4,
                assignee_id=self.random.choice(self.staff).id,
                **self._dates(),
            )
            for stage in stages
            for n in range(1, self.random.randint(1, 4))
        ]
        async with self.events.change(actor="test") as change:
            change.open_streams([parent.id])
            for ticket in tickets:
                await change.create(ticket, kind="TICKET_CREATED")
            await change.create_all(stages, kind="MILESTONE_CREATED")
            await change.create_all(tasks, kind="TASK_CREATED")

    def _ticket(self, **columns: Any) -> Ticket:
        row_id = new_id("tck")
        links = {
            "id": row_id,
            "tree_id": row_id,
            "company_id": self.company.id,
            "owner_id": self.random.choice(self.staff).id,
            "template_id": self.workflow.id,
        }
        return factories.ticket(**{**links, "created_at": self.clock(), **self._dates(), **columns})

    def _dates(self) -> dict[str, Any]:
        day = (self.begin + timedelta(days=self.random.randint(0, 80))).date()
        return {"due_on": day, "original_due_on": day}

    async def _step(self) -> None:
        told: dict[str, Any] = {"actor": "test", "events": self.events}
        task = self.random.choice(await Task.all().order_by("id"))
        match self.random.randint(0, 13):
            case 0 | 1:
                await workflow.start_task(task.id, **told)
            case 2 | 3 | 4 | 5:
                await workflow.complete_task(task.id, **told)
            case 6:
                await workflow.reopen_task(task.id, "Da rivedere", **told)
            case 7:
                await workflow.skip_task(task.id, "Non serve", **told)
            case 8:
                await workflow.assign_task(task.id, self.random.choice(self.staff).id, **told)
            case 9:
                day = task.due_on + timedelta(days=self.random.randint(-5, 15))
                await rescheduling.reschedule_task(task.id, day, calendar=ROME, **told)
            case 10 if self.random.random() < 0.3:
                stage = self.random.choice(await Milestone.all().order_by("id"))
                await workflow.cancel_milestone(stage.id, "Non richiesta", **told)
            case 11 if self.random.random() < 0.1:
                ticket = self.random.choice(await Ticket.all().order_by("id"))
                keep = {"children": ChildrenChoice.KEEP}
                await cancellation.cancel_ticket(ticket.id, "Recesso", **keep, **told)
            case 12:
                await workflow.waive_task(task.id, "Non richiesto", **told)
            case 13:
                ticket = self.random.choice(await Ticket.all().order_by("id"))
                owner = self.random.choice(self.staff).id
                edit = TicketEdit(priority=self.random.choice(list(Priority)), owner_id=owner)
                await update_ticket(ticket.id, edit, **told)
