"""Two years of sample history, so that figures and their charts have something to show.

Every choice is drawn from the seed: the same seed on the same day makes the same history, but for ids and milliseconds.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from models import Milestone, Operator, Opportunity, Task, Ticket
from server.clock import utc_now
from server.sample import TENANT
from server.sample_past import ACTOR, Past, Stories, Story, open_tasks
from services.errors import Refusal
from services.intake.sales import Choice
from services.operators import OperatorDraft, create_operator, set_responsible
from services.opportunities.generation import list_lines
from services.planning.calendar import WorkCalendar
from services.tickets import workflow
from services.tickets.cancellation import ChildrenChoice, cancel_ticket
from services.tickets.editing import TicketEdit, update_ticket
from services.tickets.rescheduling import reschedule_task
from services.vocabulary import MilestoneKind, OpportunityStatus, Priority, Role, TicketStatus

COLLEAGUES = (
    ("Elena Riva", 36, ("analista", "consulente senior"), ("T50", "KHW")),
    ("Davide Conti", 40, ("progettista", "analista"), ("PBX", "CLB", "I24")),
    ("Marta Gallo", 30, ("amministrazione", "consulente senior"), ("SOF", "FND", "CBK")),
    ("Pietro Sartori", 38, ("formatore", "consulente senior"), ("SOT", "BND")),
)
"""More people than the last weeks alone need: name, hours a week, workflow roles, services."""

TRADES = ("Carpenteria", "Tipografia", "Caseificio", "Falegnameria", "Torneria", "Maglificio", "Oleificio")
PLACES = ("Adda", "Brenta", "Cadore", "Ticino", "Polesine", "Salento", "Maremma", "Etna")
KITS = {
    "Start Office Finance": 5,
    "Start Office Digital": 5,
    "Start Office Training": 4,
    "Start Office Sustainability": 3,
    "Incarico 24 Mesi": 1,
    "Incarico Consulenza Strumenti Economico-Finanziari": 3,
}
"""How often each kit is sold, beside the others."""

SELLERS = (2002, 2003, 2004, 2005)
WON, LOST = 3, 4


@dataclass(frozen=True)
class History:
    """How much of a history: about so many sales in each of the months before today, and one more every half year."""

    months: int = 24
    sales_a_month: int = 2
    seed: int = 2026

    def begins_at(self, calendar: WorkCalendar) -> datetime:
        """Return the first working morning of the history."""
        today = calendar.today(utc_now())
        months = today.year * 12 + today.month - 1 - self.months
        first = date(months // 12, months % 12 + 1, 1)
        return datetime.combine(calendar.on_or_after(first), time(8), calendar.zone)

    async def begin(self, past: Past, stories: Stories) -> None:
        """Employ the colleagues, and let sales come in."""
        await _employ(past)
        # The CRM's users and the operators of a sample need no secrets.
        stories.add(_Sales(Random(self.seed), past, stories, self).tell)  # noqa: S311


async def _employ(past: Past) -> None:
    events = past.hub.events
    for name, weekly_hours, roles, services in COLLEAGUES:
        draft = OperatorDraft(
            name=name,
            email=f"{name.split()[0].lower()}@consulenza.example",
            role=Role.OPERATOR,
            workflow_roles=roles,
            weekly_hours=Decimal(weekly_hours),
        )
        operator = await create_operator(draft, actor=ACTOR, events=events)
        for code in services:
            await set_responsible(code, operator.id, actor=ACTOR, events=events)


@dataclass(frozen=True)
class _Story:
    rng: Random
    past: Past
    stories: Stories

    @property
    def calendar(self) -> WorkCalendar:
        return self.past.hub.calendar

    def begin(self, story: Story) -> None:
        """Begin another story, which ends where the hub refuses what comes next: the ticket was cancelled, say."""

        async def until_refused() -> None:
            with suppress(Refusal):
                await story()

        self.stories.add(until_refused)

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    async def wait(self, working_days: int) -> None:
        """Go on so many working days later; on the same day, some minutes later."""
        await self.stories.until(self.after(working_days))

    def after(self, working_days: int) -> datetime:
        now = self.stories.now
        if working_days == 0:
            return now + timedelta(minutes=self.rng.randint(5, 90))
        return self.on(self.calendar.add(self.calendar.today(now), working_days))

    def on(self, day: date) -> datetime:
        """Return an instant within the working hours of a day, or of the next working day."""
        start = datetime.combine(self.calendar.on_or_after(day), time(8, 30), self.calendar.zone)
        return start + timedelta(minutes=self.rng.randrange(9 * 60))


@dataclass(frozen=True)
class _Sales(_Story):
    """Sales come in month after month, each with a story of its own."""

    history: History

    async def tell(self) -> None:
        companies = [await self._company(name) for name in self._names()]
        for number, instant in enumerate(self._instants()):
            await self.stories.until(instant)
            rng = Random(self.history.seed * 10_000 + number)  # noqa: S311
            self.begin(_Sale(rng, self.past, self.stories, self.rng.choice(companies)).tell)

    def _names(self) -> list[str]:
        names = [f"{trade} {place} S.r.l." for trade in TRADES for place in PLACES]
        return self.rng.sample(names, min(len(names), 3 + 2 * self.history.months))

    async def _company(self, name: str) -> int:
        return int((await self.past.control.post("records/Company", {"companyName": name}))["id"])

    def _instants(self) -> list[datetime]:
        first = self.history.begins_at(self.calendar).date()
        days = []
        for month in range(self.history.months):
            count = self.history.sales_a_month + month // 6 + self.rng.randint(-1, 1)
            starts_on = first + timedelta(days=round(month * 30.44))
            days += [starts_on + timedelta(days=self.rng.randrange(30)) for _ in range(count)]
        return sorted(map(self.on, days))


@dataclass(frozen=True)
class _Sale(_Story):
    """A sale: it comes in, is onboarded and delivered, or comes to nothing."""

    company: int

    async def tell(self) -> None:
        sale = await self._record()
        await self.wait(self.rng.randint(0, 1))
        parent = await self._import(sale)
        if parent is None:
            return
        if self.happens(0.25):
            edit = TicketEdit(priority=self.rng.choice((Priority.LOW, Priority.HIGH, Priority.CRITICAL)))
            await update_ticket(parent.id, edit, actor=parent.owner_id, events=self.past.hub.events)
        # Some sales are cancelled before their opportunities are made, some after.
        fate = self.rng.random()
        cancelled, early = fate < 0.08, 0.04 <= fate < 0.08
        await _Work(self.rng, self.past, self.stories, parent.id).finish(tasks=2 if cancelled else None)
        if early or not cancelled:
            await self._deliver(parent, "Il cliente ha fretta" if early else "Concordato con il cliente")
        if cancelled:
            await self.wait(self.rng.randint(3, 12))
            await self._cancel(parent)

    async def _record(self) -> int:
        kit = self.rng.choices(list(KITS), list(KITS.values()))[0]
        record = {
            "subTypeId": TENANT["intake_sub_type_id"],
            "type": TENANT["activity_type"],
            "state": TENANT["open_state"],
            "companyId": self.company,
            "ownerId": self.rng.choice(SELLERS),
            "subject": f"Venduto {kit}" if self.happens(0.93) else "Contratto firmato, kit da chiarire",
            "activityDate": self.stories.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return int((await self.past.control.post("records/Activity", record))["id"])

    async def _import(self, sale: int) -> Ticket | None:
        """Import the sale. A person decides about one that the hub does not recognise."""
        intake = self.past.hub.intake
        imported = await intake.import_activity(sale, actor=ACTOR)
        if imported.intake_item_id is not None:
            await self.wait(self.rng.randint(1, 4))
            if self.happens(0.3):
                await intake.dismiss(imported.intake_item_id, actor=ACTOR)
                return None
            choice = Choice(kit_code=self.rng.choice(("SOF", "SOD", "SOS")))
            imported = await intake.resolve(imported.intake_item_id, choice, actor=ACTOR)
        return await Ticket.get(id=imported.ticket_id or "")

    async def _cancel(self, parent: Ticket) -> None:
        await cancel_ticket(
            parent.id,
            self.rng.choice(("Il cliente ha receduto", "Il cliente non risponde", "Azienda in liquidazione")),
            children=self.rng.choice(list(ChildrenChoice)),
            actor=parent.owner_id,
            events=self.past.hub.events,
        )

    async def _deliver(self, parent: Ticket, reason: str) -> None:
        """Make the opportunities and the child tickets. Each of these has a story of its own."""
        await self.wait(self.rng.randint(0, 2))
        await self.past.press_yellow_on(parent, without=await self._unwanted_lines(parent), reason=reason)
        await self._settle(parent, lost=0.05)
        await self.wait(self.rng.randint(0, 2))
        await self.past.press_orange_on(parent)
        for child in await Ticket.filter(parent_id=parent.id).order_by("code"):
            rng = Random(self.rng.random())  # noqa: S311
            self.begin(_Work(rng, self.past, self.stories, child.id).finish)
        if self.happens(0.1):
            self.begin(partial(self._lose_some, parent))

    async def _unwanted_lines(self, parent: Ticket) -> list[str]:
        """Most customers do without what is optional, and some without a mandatory line."""
        lines = await list_lines(parent.id)
        unwanted = [line.id for line in lines if not line.mandatory and self.happens(0.6)]
        return [*unwanted, lines[0].id] if self.happens(0.05) else unwanted

    async def _lose_some(self, parent: Ticket) -> None:
        """Weeks later the CRM shows other states, and a synchronisation finds them."""
        await self.wait(self.rng.randint(10, 40))
        await self._settle(parent, lost=0.4)
        await self.past.press_orange_on(parent)

    async def _settle(self, parent: Ticket, *, lost: float) -> None:
        """The CRM's users win some opportunities and lose others."""
        made = Opportunity.filter(tree_id=parent.tree_id, status=OpportunityStatus.OPEN)
        for one in await made.order_by("code"):
            drawn = self.rng.random()
            if drawn < lost or drawn > 0.5:
                status = LOST if drawn < lost else WON
                await self.past.control.patch(f"records/Opportunity/{one.crm_id}", {"status": status})


@dataclass(frozen=True)
class _Work(_Story):
    """The work of one ticket: early, in time or late, with what happens to work."""

    ticket_id: str

    async def finish(self, *, tasks: int | None = None) -> None:
        """Finish the first tasks, by default all, one after the other."""
        pace = self.rng.triangular(0.4, 1.7, 0.8)
        cancelled_after = self.rng.randint(2, 12) if self.happens(0.03) else None
        done = 0
        while tasks is None or done < tasks:
            ticket = await Ticket.get(id=self.ticket_id)
            task = await open_tasks(ticket).first()
            if task is None or ticket.status == TicketStatus.CANCELLED:
                return
            if done == cancelled_after and ticket.parent_id is not None:
                await self._cancel(ticket)
                return
            await self._do(task, pace)
            done += 1

    async def _cancel(self, child: Ticket) -> None:
        reason, events = "Servizio non più richiesto", self.past.hub.events
        await cancel_ticket(child.id, reason, children=None, actor=child.owner_id, events=events)

    async def _do(self, task: Task, pace: float) -> None:
        """Finish a task, or make it go away; perhaps start, hand over, re-date or reopen it in between."""
        actor, events = task.assignee_id, self.past.hub.events
        await self.wait(self.rng.randint(15, 50) if self.happens(0.01) else self.rng.choice((0, 0, 1)))
        if await self._goes_away(task):
            return
        if self.happens(0.5):
            await workflow.start_task(task.id, actor=actor, events=events)
        if self.happens(0.04):
            actor = await self._hand_over(task)
        ends_at = self.after(round(task.sla_days * pace * self.rng.triangular(0.3, 1.6, 0.8)))
        if self.calendar.today(ends_at) > task.due_on and self.happens(0.45):
            await self._redate(task, ends_at)
        await self.stories.until(ends_at)
        await workflow.complete_task(task.id, actor=actor, events=events)
        if self.happens(0.015):
            await self.wait(self.rng.randint(1, 6))
            await workflow.reopen_task(task.id, "Il documento va corretto", actor=actor, events=events)

    async def _goes_away(self, task: Task) -> bool:
        """Skip the task, waive it, or cancel its milestone, where that is possible."""
        actor, events = task.assignee_id, self.past.hub.events
        if task.position == 1 and self.happens(0.25):
            milestone = await Milestone.get(id=task.milestone_id)
            if milestone.kind == MilestoneKind.OPTIONAL:
                await workflow.cancel_milestone(milestone.id, "Non serve", actor=actor, events=events)
                return True
        if task.mandatory:
            if not self.happens(0.012):
                return False
            await workflow.waive_task(task.id, "Il cliente provvede da sé", actor=actor, events=events)
        elif not self.happens(0.35):
            return False
        await workflow.skip_task(task.id, "Non serve in questo caso", actor=actor, events=events)
        return True

    async def _hand_over(self, task: Task) -> str:
        colleagues = await Operator.filter(active=True).order_by("email")
        colleague = self.rng.choice(colleagues)
        await workflow.assign_task(task.id, colleague.id, actor=task.assignee_id, events=self.past.hub.events)
        return colleague.id

    async def _redate(self, task: Task, ends_at: datetime) -> None:
        """Move the due date to the day of the end. Some do it in time, others after the date has passed."""
        moved_at = self.on(self.calendar.move(task.due_on, self.rng.choice((-1, 1, 2))))
        if self.stories.now < moved_at < ends_at:
            await self.stories.until(moved_at)
            await reschedule_task(
                task.id,
                self.calendar.today(ends_at),
                actor=task.assignee_id,
                events=self.past.hub.events,
                calendar=self.calendar,
            )
