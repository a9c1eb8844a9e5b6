"""Random histories are judged twice: by the hub, and by a person who reads nothing but the log."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from models import Milestone, Task, Ticket
from models.identity import new_id
from services.errors import Refusal
from services.events import Broadcast, EventLog
from services.tickets import cancellation, rescheduling, workflow
from services.tickets.cancellation import ChildrenChoice
from services.tickets.facts import FactsKeeper
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import save
from tests.support.hub import SteppedClock
from tests.support.live_trees import ROME
from tests.support.naive_kpis import naive_figure, told_rows, value_of

BEGIN = datetime(2026, 10, 19, 8, tzinfo=UTC)
STEPS = 150
REQUESTS = 40

ASKED = """query($figure: KpiRequest!, $from: Date!, $to: Date!) {
  kpis(from: $from, to: $to, figures: [$figure]) {
    previousFrom
    figures {
      measure { value count numerator address }
      previous { value count }
      statistics { name measure { value } }
      buckets { measure { count address } }
      exclusions { reason measure { count address } }
      series(interval: WEEK) { measure { value count } }
      groups(by: OPERATOR, first: 2) { key measure { value count address } }
    }
  }
}"""
BEHIND = """query($address: ID!) {
  kpiPopulation(address: $address, first: 100) {
    totalCount measure { value } edges { weight counts node { ... on WorkItem { id } } }
  }
}"""
FLOWS = (
    "ON_TIME",
    "SLIP",
    "REDATED",
    "FINISHED",
    "DUE",
    "LEAD_TIME",
    "CYCLE_TIME",
    "FLOW_EFFICIENCY",
    "REOPENED",
)
STATES = ("OPEN", "BACKLOG", "IN_PROGRESS", "LATE", "AGE", "STANDSTILL", "AT_RISK", "LOAD", "PROGRESS")
TICKETS = ("TICKETS", "PARENTS", "CHILDREN")
STAGES = ("MILESTONES", *TICKETS)
COUNTED = {
    **dict.fromkeys(("LEAD_TIME", "FLOW_EFFICIENCY", "AGE"), TICKETS),
    **dict.fromkeys(("CYCLE_TIME", "AT_RISK"), STAGES),
    "LOAD": ("TASKS",),
    "PROGRESS": ("MILESTONES",),
}


class History:
    """Work of some months, at random: two trees, whose every change is in the log."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clock = SteppedClock(BEGIN)
        followers = [FactsKeeper(ROME).follow]
        self.events = EventLog(clock=self.clock, broadcast=Broadcast(), followers=followers)

    async def happen(self) -> None:
        self.staff = [factories.operator() for _ in range(3)]
        self.company, self.workflow = factories.company(), factories.template()
        await save(*self.staff, self.company, self.workflow)
        for _ in range(2):
            await self._sell()
        for _ in range(STEPS):
            self.clock.advance(hours=self.random.choice((0, 1, 5, 13, 26)))
            with suppress(Refusal):
                await self._step()

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
            await change.open_stream(parent.id)
            for ticket in tickets:
                await change.create(ticket, kind="TICKET_CREATED")
            await change.create_all(stages, kind="MILESTONE_CREATED")
            await change.create_all(tasks, kind="TASK_CREATED")

    def _ticket(self, **columns) -> Ticket:
        row_id = new_id("tck")
        links = {
            "id": row_id,
            "tree_id": row_id,
            "company_id": self.company.id,
            "owner_id": self.random.choice(self.staff).id,
            "template_id": self.workflow.id,
        }
        return factories.ticket(**{**links, "created_at": self.clock(), **self._dates(), **columns})

    def _dates(self) -> dict:
        day = (BEGIN + timedelta(days=self.random.randint(0, 80))).date()
        return {"due_on": day, "original_due_on": day}

    async def _step(self) -> None:
        told = {"actor": "test", "events": self.events}
        task = self.random.choice(await Task.all().order_by("id"))
        match self.random.randint(0, 11):
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

    def request(self) -> tuple[dict, date, date]:
        random = self.random
        key = random.choice((*FLOWS, *STATES))
        wanted = {
            "key": key,
            "subject": random.choice(COUNTED.get(key, ("TASKS", *STAGES))),
            "against": random.choice(("ORIGINAL", "CURRENT")),
            "close": random.choice(("LATEST", "FIRST")),
        }
        today = ROME.today(self.clock())
        if key in STATES:
            return wanted, today - timedelta(days=3), today + timedelta(days=1)
        first = BEGIN.date() + timedelta(days=random.randint(-5, 60))
        return wanted, first, first + timedelta(days=random.randint(1, 60))


@pytest.mark.parametrize("seed", range(4))
async def test_every_figure_is_what_the_log_says_and_keeps_the_laws(execute, db, seed):
    history = History(seed)
    await history.happen()
    rows = await told_rows()
    context = context_for()
    context.clock = history.clock

    async def answer(document, **variables):
        result = await execute(document, context, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def ask(wanted, first, end):
        data = await answer(ASKED, figure=wanted, **{"from": str(first), "to": str(end)})
        return data["kpis"]["figures"][0]

    seen = 0
    for _ in range(REQUESTS):
        wanted, first, end = history.request()
        place = (wanted, first, end)
        figure = await ask(wanted, first, end)
        naive = naive_figure(rows, *wanted.values(), first, end, history.clock())

        measure = figure["measure"]
        value = measure["value"] and Decimal(measure["value"])
        assert (value, measure["count"]) == (value_of(wanted["key"], naive), len(naive.weights)), place
        left_out = {one["reason"]: one["measure"]["count"] for one in figure["exclusions"]}
        assert left_out == dict(naive.left_out), place
        seen += measure["count"]

        population = (await answer(BEHIND, address=measure["address"]))["kpiPopulation"]
        weights = {edge["node"]["id"]: Decimal(edge["weight"]) for edge in population["edges"]}
        assert (population["totalCount"], weights) == (measure["count"], naive.weights), place
        for one in (*figure["buckets"], *figure["exclusions"]):
            behind = (await answer(BEHIND, address=one["measure"]["address"]))["kpiPopulation"]
            assert len(behind["edges"]) == behind["totalCount"] == one["measure"]["count"], place
        for group in figure["groups"]:
            behind = (await answer(BEHIND, address=group["measure"]["address"]))["kpiPopulation"]
            assert len(behind["edges"]) == behind["totalCount"] == group["measure"]["count"], place

        assert sum(group["measure"]["count"] for group in figure["groups"]) == measure["count"], place
        if wanted["key"] in FLOWS:
            assert sum(one["measure"]["count"] for one in figure["series"]) == measure["count"], place
            length = end - first
            assert figure["previous"] == {
                name: (await ask(wanted, first - length, first))["measure"][name]
                for name in ("value", "count")
            }, place
            middle = first + length / 2 if length.days > 1 else None
            if middle:
                halves = [await ask(wanted, first, middle), await ask(wanted, middle, end)]
                assert sum(half["measure"]["count"] for half in halves) == measure["count"], place
    assert seen > REQUESTS / 4
