"""Figures are asked for as a console does, about work whose rows a test writes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

import models
from tests.support import factories
from tests.support.factories import save

FIGURE = """query($figure: KpiRequest!, $from: Date, $to: Date, $lastDays: Int, $filter: KpiFilter) {
  kpis(from: $from, to: $to, lastDays: $lastDays, filter: $filter, figures: [$figure]) {
    figures {
      subject trend
      definition { key example }
      measure { value unit count numerator address }
      previous { value count }
      statistics { name measure { value } }
      buckets { atLeast below measure { value address } }
      exclusions { reason measure { value address } }
    }
  }
}"""
POPULATION = """query($address: ID!, $first: Int, $after: String, $order: KpiPopulationOrder) {
  kpiPopulation(address: $address, first: $first, after: $after, orderBy: $order) {
    totalCount from to
    measure { value count numerator }
    edges { cursor title subtitle weight counts at node { ... on WorkItem { id } } }
    pageInfo { hasNextPage endCursor }
  }
}"""
NOVEMBER = {"from": "2026-11-01", "to": "2026-12-01"}

Figure = Callable[..., Awaitable[Any]]


def at(text: str) -> datetime:
    """An instant of UTC, written shortly."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Work:
    """A parent ticket, and what a test puts into it."""

    parent: models.Ticket
    operator: models.Operator
    company: models.Company
    workflow: models.WorkflowTemplate

    async def tickets(self, *columns: dict[str, Any]) -> list[models.Ticket]:
        links = {"company_id": self.company.id, "owner_id": self.operator.id, "template_id": self.workflow.id}
        rows = [factories.ticket(**{**links, **one}) for one in columns]
        await save(*rows)
        return rows

    async def milestones(self, *columns: dict[str, Any], ticket: models.Ticket | None = None) -> list[Any]:
        rows = [
            factories.milestone(ticket or self.parent, **{"position": factories.number(), **one})
            for one in columns
        ]
        await save(*rows)
        return rows

    async def tasks(self, *columns: dict[str, Any], **of_milestone: Any) -> list[models.Task]:
        [milestone] = await self.milestones(of_milestone)
        rows = [
            factories.task(milestone, **{"position": n, "assignee_id": self.operator.id, **one})
            for n, one in enumerate(columns, 1)
        ]
        await save(*rows)
        return rows


@pytest.fixture
async def work(db) -> Work:
    owner, customer, workflow = factories.operator(), factories.company(), factories.template()
    parent = factories.ticket(company_id=customer.id, owner_id=owner.id, template_id=workflow.id)
    await save(owner, customer, workflow, parent)
    return Work(parent, owner, customer, workflow)


@pytest.fixture
async def opportunities(work: Work) -> None:
    amounts = [Decimal("1500.00"), Decimal("0.10"), Decimal("0.20"), None, Decimal("99.00")]
    instants = [
        "2026-11-02 09:00",
        "2026-11-03 09:00",
        "2026-11-04 09:00",
        "2026-11-05 09:00",
        "2026-10-05 09:00",
    ]
    statuses = ["WON", "LOST", "OPEN", "OPEN", "WON"]
    rows = [
        factories.opportunity(work.parent, amount=amount, created_at=at(instant), status=status)
        for amount, instant, status in zip(amounts, instants, statuses, strict=True)
    ]
    await save(*rows)


@pytest.fixture
def figure(ask) -> Figure:
    """One figure, after the facts of all rows were stored."""

    async def run(key: str, *, filter: Any = None, period: Any = NOVEMBER, **request: Any) -> Any:
        await factories.store_facts()
        data = await ask(FIGURE, figure={"key": key, **request}, filter=filter, **period)
        return data["kpis"]["figures"][0]

    return run


@pytest.fixture
def behind(ask) -> Figure:
    """The rows behind a number."""

    async def run(measure: Any, **page: Any) -> Any:
        return (await ask(POPULATION, address=measure["address"], **page))["kpiPopulation"]

    return run
