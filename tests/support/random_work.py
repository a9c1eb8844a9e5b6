"""Random work of operators: everything that they may do, in any order, against the real hub and the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

from models import (
    Action,
    ActionItem,
    Comment,
    IntakeItem,
    Link,
    Milestone,
    Operator,
    Opportunity,
    Service,
    Task,
    Ticket,
    TicketLine,
    UnmatchedOpportunity,
)
from server.wiring import Hub
from services import comments, links
from services.actions import cancel_action, retry_action
from services.activities import generation as activities
from services.errors import Refusal
from services.intake.imports import Choice
from services.opportunities import generation as opportunities, sync as opportunity_sync
from services.opportunities.mapping import Destination, map_opportunity
from services.opportunities.repairs import RepairRequest, repair_opportunity
from services.planning.tickets.drafts import MilestoneDraft, TaskDraft
from services.tickets import additions, cancellation, editing, rescheduling, workflow as milestones
from services.tickets.cancellation import ChildrenChoice
from services.tickets.editing import TaskEdit, TicketEdit
from services.vocabulary import LinkKind, Priority, Repair
from tests.support.hub import BREMBATE, VALDARNO, SteppedClock, edit_record, sell
from tests.support.sandbox_process import SandboxProcess

KITS = ("Start Office Digital", "kit SOF", "kit SOT", "SOD oppure SOF", "niente di preciso")
PHASES = (53001, 53002, 53003, 53004)
WON, LOST = 3, 4
CREATES = ("Opportunity", "Activity")


class RandomWork:
    """`clock` is moved with every step, now and then backwards: clocks of several machines do that."""

    def __init__(
        self, hub: Hub, sandbox: SandboxProcess, clock: SteppedClock, staff: list[Operator], seed: int
    ) -> None:
        self._hub = hub
        self._sandbox = sandbox
        self._clock = clock
        self._staff = staff
        self._random = Random(seed)
        self._crm_user = asyncio.Lock()
        # How often each is done, in relation to the others.
        self._deeds: dict[Callable[[], Awaitable[object]], int] = {
            self._take_in: 2,
            self._resolve: 2,
            self._work_on_task: 24,
            self._complete_whole_milestone: 8,
            self._end_milestone: 2,
            self._assign: 2,
            self._re_date_task: 2,
            self._re_date_milestone: 2,
            self._add_work: 2,
            self._edit: 3,
            self._tick: 2,
            self._comment: 3,
            self._link: 2,
            self._cancel_ticket: 1,
            self._generate: 5,
            self._synchronise: 6,
            self._show_milestones: 6,
            self._retry: 1,
            self._call_off: 1,
            self._edit_opportunity: 3,
            self._spoil_opportunity: 2,
            self._add_opportunity: 1,
            self._map: 2,
            self._repair: 3,
            self._trouble: 2,
            self.settle: 6,
        }

    async def do(self, steps: int) -> None:
        """So many steps, some of them at once; what is declined is declined. At the end nothing is open."""
        await self._try(self._take_in)
        while steps > 0:
            self._clock.advance(seconds=self._random.choice((-0.5, 1, 60, 3600)))
            at_once = self._random.choice((1, 1, 1, 3))
            deeds = self._random.choices(list(self._deeds), list(self._deeds.values()), k=at_once)
            await asyncio.gather(*(self._try(deed) for deed in deeds))
            steps -= at_once
        await self.settle()

    async def _try(self, deed: Callable[[], Awaitable[object]]) -> None:
        try:
            await deed()
        except Refusal:
            return

    async def settle(self) -> None:
        """Carry out whatever is open."""
        for _ in range(200):
            lanes = await self._hub.engine.due_lanes()
            await asyncio.gather(*(self._hub.engine.run_lane(lane) for lane in lanes))
            if not await ActionItem.filter(open_key__not_isnull=True).exists():
                return
            self._clock.advance(seconds=10)
        raise AssertionError("Something never comes to an end.")

    @property
    def _context(self) -> dict[str, Any]:
        return {"actor": self._random.choice(self._staff).id, "events": self._hub.events}

    async def _any(self, query: Any) -> Any:
        rows = await query.order_by("id")
        if not rows:
            raise Refusal("There is nothing to do this with.")
        return self._random.choice(rows)

    async def _take_in(self) -> None:
        number = await sell(self._sandbox, self._random.choice(KITS))
        for _ in range(self._random.choice((1, 2))):
            await self._hub.intake.import_activity(number, actor=self._context["actor"])

    async def _resolve(self) -> None:
        item = await self._any(IntakeItem.filter(status="WAITING"))
        actor = self._context["actor"]
        if self._random.random() < 0.3:
            await self._hub.intake.dismiss(item.id, actor=actor)
        else:
            await self._hub.intake.resolve(item.id, Choice(kit_code="SOD"), actor=actor)

    async def _work_on_task(self) -> None:
        task = await self._any(Task.all())
        use_case, *more = self._random.choice(
            [
                (milestones.start_task,),
                (milestones.complete_task,),
                (milestones.complete_task,),
                (milestones.skip_task, None),
                (milestones.reopen_task, "Da rivedere"),
                (milestones.waive_task, "Non serve"),
            ]
        )
        await use_case(task.id, *more, **self._context)

    async def _complete_whole_milestone(self) -> None:
        milestone = await self._any(Milestone.filter(status__in=("PLANNED", "IN_PROGRESS")))
        for task in await Task.filter(milestone_id=milestone.id).order_by("position"):
            await milestones.complete_task(task.id, **self._context)

    async def _end_milestone(self) -> None:
        milestone = await self._any(Milestone.all())
        if self._random.random() < 0.5:
            await milestones.cancel_milestone(milestone.id, "Non richiesta", **self._context)
        else:
            await milestones.complete_milestone(milestone.id, **self._context)

    async def _assign(self) -> None:
        task = await self._any(Task.all())
        await milestones.assign_task(task.id, self._random.choice(self._staff).id, **self._context)

    def _day_near(self, day: date) -> date:
        return day + timedelta(days=self._random.randint(-10, 30))

    async def _re_date_task(self) -> None:
        task = await self._any(Task.all())
        await rescheduling.reschedule_task(
            task.id, self._day_near(task.due_on), calendar=self._hub.calendar, **self._context
        )

    async def _re_date_milestone(self) -> None:
        milestone = await self._any(Milestone.all())
        await rescheduling.reschedule_milestone(
            milestone.id, self._day_near(milestone.due_on), calendar=self._hub.calendar, **self._context
        )

    async def _add_work(self) -> None:
        reported = {"calendar": self._hub.calendar, **self._context}
        new = TaskDraft(title="Integrazione", sla_days=self._random.randint(1, 5))
        if self._random.random() < 0.3:
            ticket = await self._any(Ticket.all())
            await additions.add_milestone(
                ticket.id, MilestoneDraft(title="Verifica", tasks=[new]), **reported
            )
        else:
            task = await self._any(Task.all())
            after = self._random.choice((None, task.id))
            await additions.add_task(task.milestone_id, new, after_task_id=after, **reported)

    async def _edit(self) -> None:
        if self._random.random() < 0.5:
            task = await self._any(Task.all())
            await editing.update_task(
                task.id, TaskEdit(title=f"Nota {self._random.random()}"), **self._context
            )
        else:
            ticket = await self._any(Ticket.all())
            owner = self._random.choice(self._staff).id
            edit = TicketEdit(
                priority=self._random.choice(list(Priority)), owner_id=owner, hand_over_tasks=True
            )
            await editing.update_ticket(ticket.id, edit, **self._context)

    async def _tick(self) -> None:
        task = await self._any(Task.all())
        if not task.checklist:
            raise Refusal("There is nothing to tick.")
        entry = self._random.choice(task.checklist)
        await editing.tick_checklist(task.id, entry["id"], not entry["done"], **self._context)

    async def _comment(self) -> None:
        reported = self._context
        mine = await Comment.filter(author_id=reported["actor"]).order_by("id")
        deed = self._random.choice(("add", "edit", "delete")) if mine else "add"
        if deed == "add":
            subject = await self._any(self._random.choice((Ticket, Milestone, Task)).all())
            await comments.add_comment(
                subject.id, f"@[{reported['actor']}] {self._random.random()}", **reported
            )
        elif deed == "edit":
            await comments.edit_comment(self._random.choice(mine).id, f"{self._random.random()}", **reported)
        else:
            await comments.delete_comment(self._random.choice(mine).id, **reported)

    async def _link(self) -> None:
        if self._random.random() < 0.3:
            await links.remove_link((await self._any(Link.all())).id, **self._context)
        else:
            subject = await self._any(self._random.choice((Ticket, Milestone, Task)).all())
            address = f"https://docs.example.it/{self._random.randint(1, 3)}"
            await links.add_link(
                subject.id, address, f"{self._random.random()}", LinkKind.OTHER, **self._context
            )

    async def _cancel_ticket(self) -> None:
        ticket = await self._any(Ticket.all())
        children = self._random.choice((None, *ChildrenChoice))
        await cancellation.cancel_ticket(ticket.id, "Recesso", children=children, **self._context)

    async def _generate(self) -> None:
        ticket = await self._any(Ticket.filter(kind="PARENT"))
        await opportunities.generate_opportunities(ticket.id, override_reason="Urgente", **self._context)

    async def _synchronise(self) -> None:
        ticket = await self._any(Ticket.all())
        scope = self._random.choice(({}, {"ticket_id": ticket.id}, {"company_id": ticket.company_id}))
        await opportunity_sync.sync_opportunities(**scope, **self._context)

    async def _show_milestones(self) -> None:
        opportunity = await self._any(Opportunity.all())
        await activities.generate_activities(opportunity.id, **self._context)

    async def _retry(self) -> None:
        action = await self._any(Action.filter(status="WAITING"))
        await retry_action(action.id, **self._context)

    async def _call_off(self) -> None:
        action = await self._any(Action.filter(status__in=["RUNNING", "WAITING"]))
        await cancel_action(action.id, **self._context)

    @asynccontextmanager
    async def _at_the_crm(self) -> AsyncIterator[Opportunity]:
        """One of ours that the CRM still holds; no one else changes it there meanwhile."""
        async with self._crm_user:
            held = [one["id"] for one in await self._sandbox.records("Opportunity")]
            yield await self._any(Opportunity.filter(crm_id__in=held))

    async def _edit_opportunity(self) -> None:
        values = self._random.choice(
            (
                {"amount": self._random.randint(1, 9999)},
                {"phase": self._random.choice(PHASES)},
                {"status": WON},
                {"status": LOST},
                {"crossId": self._random.choice((BREMBATE, VALDARNO))},
            )
        )
        async with self._at_the_crm() as opportunity:
            await edit_record(self._sandbox, "Opportunity", opportunity.crm_id, **values)

    async def _spoil_opportunity(self) -> None:
        async with self._at_the_crm() as opportunity:
            deed = self._random.choice(("delete", "merge", "rename"))
            if deed == "delete":
                await self._sandbox.delete("Opportunity", opportunity.crm_id)
            elif deed == "merge":
                survivor = await self._sandbox.add("Opportunity", title="Proposta unica", crossId=BREMBATE)
                await self._sandbox.merge("Opportunity", opportunity.crm_id, into=survivor)
            else:
                await edit_record(self._sandbox, "Opportunity", opportunity.crm_id, code="", title="Altro")

    async def _add_opportunity(self) -> None:
        title = self._random.choice(("Proposta", "Know How", "Formazione 4.0 e Bandi"))
        await self._sandbox.add("Opportunity", title=title, crossId=BREMBATE)

    async def _map(self) -> None:
        unmatched = await self._any(UnmatchedOpportunity.all())
        line = await self._any(TicketLine.all())
        service = await self._any(Service.filter(workflow_code__not_isnull=True))
        destination = self._random.choice(
            (Destination(line_id=line.id), Destination(ticket_id=line.ticket_id, service_id=service.id))
        )
        await map_opportunity(
            unmatched.crm_id, destination, crm=self._hub.crm, calendar=self._hub.calendar, **self._context
        )

    async def _repair(self) -> None:
        opportunity = await self._any(Opportunity.filter(flag__not_isnull=True))
        request = RepairRequest(repair=self._random.choice(list(Repair)), reason="Deciso con il cliente")
        await repair_opportunity(opportunity.id, request, crm=self._hub.crm, **self._context)

    async def _trouble(self) -> None:
        fault = self._random.choice(("commit_then_drop", "drop_before", "html_502"))
        match = {
            "controller": self._random.choice(CREATES),
            "action": self._random.choice(("create", "search")),
        }
        await self._sandbox.plan(fault, match=match)
