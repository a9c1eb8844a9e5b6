"""Random months of a whole hub: work, and beside it sales, lines, opportunities, the inbox and effects in the CRM."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import models
from models import (
    Action,
    ActionItem,
    CrmActivity,
    IntakeItem,
    Milestone,
    Opportunity,
    Task,
    Ticket,
    TicketLine,
)
from models.identity import new_id
from services.errors import Refusal
from services.tickets import cancellation, rescheduling, workflow
from services.tickets.cancellation import ChildrenChoice
from tests.support import factories
from tests.support.factories import save
from tests.support.live_trees import ROME
from tests.support.work_history import WorkHistory

STEPS = 160
LATE_WINTER = datetime(2027, 3, 25, 21, tzinfo=UTC)
"""Before the clocks change in spring and before Easter; the history begins before they change in autumn."""

BACKUP_STEP, RESTORE_STEP = 30, 42
KEPT: Sequence[type[Any]] = (
    models.Stream, Ticket, TicketLine, Opportunity, Milestone, Task, CrmActivity, IntakeItem, Action, ActionItem,
    models.Event,
)  # fmt: skip
"""The tables that a history changes, those that others point to first."""

REASONS = ("NO_KIT", "AMBIGUOUS_KIT", "SALE_CHANGED")
OUTCOMES = ("CREATED", "FAILED", "NEEDS_ATTENTION")


class SalesHistory(WorkHistory):
    async def happen(self, _meanwhile: None = None) -> None:
        self.staff = [
            factories.operator(weekly_hours=hours) for hours in (Decimal(30), Decimal("38.5"), None)
        ]
        self.company, self.workflow, self.service = (
            factories.company(), factories.template(), factories.service(),
        )  # fmt: skip
        await save(*self.staff, self.company, self.workflow, self.service)
        for _ in range(3):
            await self._sell()
        rare = {
            50: self._keep_children_open,
            60: self._skip,
            65: self._finish_after_midnight,
            70: self._sell,
            STEPS // 2: self._sleep,
            STEPS // 2 + 1: self._move_what_is_late,
            STEPS // 2 + 10: self._sell,
            STEPS - 40: self._reopen,
            STEPS - 20: self._cancel_milestone,
        }
        for number in range(STEPS):
            self.clock.advance(
                hours=self.random.choice((0, 1, 5, 13, 26)), minutes=self.random.choice((0, 50))
            )
            if number == BACKUP_STEP:
                backup = [await model.all() for model in KEPT]
            if number == RESTORE_STEP:
                self.lost = {one.id for one in await models.Event.all()} - {one.id for one in backup[-1]}
                await self._restore(backup)
            if number in rare:
                await self._surely(rare[number])
            else:
                with suppress(Refusal):
                    await (self._step if self.random.random() < 0.7 else self._beside)()

    async def _surely(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Do something of which there is much to choose from until it is not declined."""
        for _ in range(100):
            with suppress(Refusal):
                return await deed()
        raise AssertionError(f"{deed.__name__} is always declined.")

    async def _restore(self, backup: list[list[Any]]) -> None:
        """Put the tables back to an earlier state. Time does not go back with them."""
        for model in reversed(KEPT):
            if model is Ticket:
                await Ticket.filter(kind="CHILD").delete()
            await model.all().delete()
        for model, rows in zip(KEPT, backup, strict=True):
            if rows:
                await model.bulk_create(sorted(rows, key=lambda row: getattr(row, "kind", "") == "CHILD"))

    def _dates(self) -> dict[str, Any]:
        day = (self.clock() + timedelta(days=self.random.randint(-4, 50))).date()
        return {"due_on": day, "original_due_on": day}

    async def _any(self, rows: Any) -> Any:
        found = await rows.order_by("id")
        if not found:
            raise Refusal("There is none.")
        return self.random.choice(found)

    async def _sleep(self) -> None:
        self.clock.now = LATE_WINTER

    async def _keep_children_open(self) -> None:
        parent = await self._any(Ticket.filter(kind="PARENT", status__in=("OPEN", "IN_PROGRESS")))
        keep = {"children": ChildrenChoice.KEEP}
        await cancellation.cancel_ticket(parent.id, "Recesso", actor="test", events=self.events, **keep)

    async def _move_what_is_late(self) -> None:
        today = ROME.today(self.clock())
        task = await self._any(Task.filter(status="TODO", due_on__lt=today, yellow_on__isnull=False))
        told: dict[str, Any] = {"actor": "test", "events": self.events}
        await rescheduling.reschedule_task(task.id, ROME.add(today, 3), calendar=ROME, **told)

    async def _finish_after_midnight(self) -> None:
        """Past it in Rome, and before it by UTC."""
        self.clock.now = (self.clock.now + timedelta(days=1)).replace(hour=23, minute=30)
        task = await self._any(Task.filter(status__in=("TODO", "IN_PROGRESS")))
        await workflow.complete_task(task.id, actor="test", events=self.events)

    async def _skip(self) -> None:
        told: dict[str, Any] = {"actor": "test", "events": self.events}
        task = await self._any(Task.filter(status="TODO"))
        await workflow.waive_task(task.id, "Non richiesto", **told)
        await workflow.skip_task(task.id, "Non serve", **told)

    async def _reopen(self) -> None:
        task = await self._any(Task.filter(status="DONE"))
        await workflow.reopen_task(task.id, "Da rivedere", actor="test", events=self.events)

    async def _cancel_milestone(self) -> None:
        stage = await self._any(Milestone.filter(status__in=("PLANNED", "IN_PROGRESS")))
        await workflow.cancel_milestone(stage.id, "Non richiesta", actor="test", events=self.events)

    async def _sell(self) -> None:
        await super()._sell()
        parent = await Ticket.filter(kind="PARENT").order_by("-id").first()
        children = await Ticket.filter(parent_id=parent.id).order_by("position")
        lines = [
            factories.line(
                parent,
                id=new_id("tln"),
                position=n,
                service_id=self.service.id,
                amount=self._amount(),
                awaits_child=n > len(children),
            )
            for n in (1, 2, 3)
        ]
        async with self.events.change(parent.id, "intake", actor="test") as change:
            await change.create_all(lines, kind="LINE_CREATED")
            for line, child in zip(lines, children, strict=False):
                await change.create(
                    self._opportunity(line, child_ticket_id=child.id), kind="OPPORTUNITY_CREATED"
                )
            source, luck = self._source(parent), self.random.random()
            if luck < 0.8:
                await change.create(source, kind="SALE_IMPORTED")
            if luck < 0.3:
                await change.create(self._waiting("NO_KIT", source.crm_id, -30), kind="INTAKE_ITEM_CREATED")
        if 0.3 < luck < 0.5:
            await self._act(ActionItem(kind="CREATE_SALE", crm_id=source.crm_id, **self._finished("CREATED")))

    def _amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 300_000)) / 100

    def _opportunity(self, line: TicketLine, **columns: Any) -> Opportunity:
        return Opportunity(
            tree_id=line.tree_id,
            ticket_id=line.ticket_id,
            ticket_line_id=line.id,
            company_id=self.company.id,
            crm_id=factories.number(),
            title="Formazione",
            status="OPEN",
            amount=self.random.choice((None, self._amount())),
            created_at=self.clock(),
            refreshed_at=self.clock(),
            **columns,
        )

    def _source(self, parent: Ticket) -> CrmActivity:
        before = timedelta(hours=self.random.randint(1, 300))
        return CrmActivity(
            role="SOURCE",
            tree_id=parent.id,
            ticket_id=parent.id,
            crm_id=factories.number(),
            subject="Venduto",
            occurred_at=self.random.choice((None, self.clock() - before, self.clock() - before)),
            created_at=self.clock(),
        )

    def _waiting(self, reason: str, crm_id: int, hours: int = 0) -> IntakeItem:
        return IntakeItem(
            crm_activity_id=crm_id,
            status="WAITING",
            reason=reason,
            explanation="",
            subject="Venduto",
            description="",
            created_at=self.clock() + timedelta(hours=hours),
        )

    def _finished(self, outcome: str) -> dict[str, Any]:
        return {"state": "FINISHED", "outcome": outcome, "open_key": None, "finished_at": self.clock()}

    async def _act(self, *items: ActionItem) -> None:
        now = self.clock()
        action = Action(
            id=new_id("axn"),
            kind="SYNC_OPPORTUNITIES",
            status="RUNNING",
            item_count=len(items),
            created_at=now,
        )
        for position, item in enumerate(items):
            item.action_id, item.position, item.lane, item.reference = action.id, position, "", ""
            item.key, item.label = str(factories.number()), "Formazione"
            item.next_try_at = item.created_at = now
            item.open_key = None if item.state == "FINISHED" else item.key
        async with self.events.change(actor="test") as change:
            change.open_streams([action.id])
            await change.create(action, kind="ACTION_STARTED")
            await change.create_all(items, kind="ITEM_PLANNED")

    async def _beside(self) -> None:
        match self.random.randint(0, 8):
            case 0:
                flag = self.random.choice((None, "DELETED", "MERGED"))
                await self._change(await self._any(Opportunity.all()), flag=flag)
            case 1:
                amount = self.random.choice((None, self._amount()))
                await self._change(await self._any(Opportunity.all()), amount=amount)
            case 2:
                taken = await Opportunity.all().values_list("ticket_line_id", flat=True)
                line = await self._any(TicketLine.exclude(id__in=list(taken)))
                async with self.events.change(line.tree_id, actor="test") as change:
                    await change.create(self._opportunity(line), kind="OPPORTUNITY_ADOPTED")
            case 3:
                sources = await CrmActivity.exclude(
                    crm_id__in=await IntakeItem.all().values_list("crm_activity_id", flat=True)
                ).values_list("crm_id", flat=True)
                crm_id = self.random.choice([factories.number(), *sorted(sources)])
                async with self.events.change("intake", actor="test") as change:
                    item = self._waiting(self.random.choice(REASONS), crm_id)
                    await change.create(item, kind="INTAKE_ITEM_CREATED")
            case 4:
                item = await self._any(IntakeItem.filter(status="WAITING"))
                await self._change(item, status=self.random.choice(("RESOLVED", "DISMISSED")))
            case 5:
                await self._act(*(ActionItem(kind="CREATE_OPPORTUNITY", state="PENDING") for _ in range(3)))
            case 6 | 7:
                item = await self._any(ActionItem.exclude(state="FINISHED"))
                outcome = self.random.choice(OUTCOMES)
                action = await Action.get(id=item.action_id)
                count = action.attention_count + (outcome != "CREATED")
                await self._change(action, attention_count=count)
                await self._change(item, **self._finished(outcome))
            case 8:
                await self._change(await self._any(Action.filter(attention_count__gt=0)), attention_count=0)

    async def _change(self, row: Any, **columns: Any) -> None:
        async with self.events.change(row.event_stream_id, actor="test") as change:
            await change.update(row, kind="CHANGED", **columns)
