"""A part of our schema the way most Strawberry servers do it: resolvers, DataLoaders and hydrated models.

`peers/strawberry_server.py` serves it over HTTP.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from tortoise.expressions import Q

import models


def children_of(model: type[Any], key: str) -> DataLoader[str, list[Any]]:
    async def load(ids: list[str]) -> list[list[Any]]:
        found = defaultdict(list)
        for row in await model.filter(**{f"{key}__in": ids}).order_by("position"):
            found[getattr(row, key)].append(row)
        return [found[one] for one in ids]

    return DataLoader(load_fn=load)


def loaders() -> dict[str, DataLoader[str, list[Any]]]:
    return {
        "children": children_of(models.Ticket, "parent_id"),
        "milestones": children_of(models.Milestone, "ticket_id"),
        "tasks": children_of(models.Task, "milestone_id"),
    }


def many(name: str) -> Callable[..., Any]:
    async def resolve(root: Any, info: Info) -> Any:
        return await info.context[name].load(root.id)

    return resolve


def progress(root: Any) -> float | None:
    return root.finished_task_count / root.task_count if root.task_count else None


@strawberry.type
class Task:
    id: strawberry.ID
    title: str
    status: str


@strawberry.type
class Milestone:
    id: strawberry.ID
    title: str
    status: str
    progress: float | None = strawberry.field(resolver=progress)
    tasks: list[Task] = strawberry.field(resolver=many("tasks"))


@strawberry.type
class Ticket:
    id: strawberry.ID
    code: str
    title: str
    progress: float | None = strawberry.field(resolver=progress)
    milestones: list[Milestone] = strawberry.field(resolver=many("milestones"))
    children: list["Ticket"] = strawberry.field(resolver=many("children"))


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class TicketConnection:
    nodes: list[Ticket]
    page_info: PageInfo


@strawberry.enum
class TicketKind(StrEnum):
    PARENT = "PARENT"
    CHILD = "CHILD"


@strawberry.input
class KindFilter:
    eq: TicketKind | None = None


@strawberry.input
class TicketFilter:
    kind: KindFilter | None = None


@strawberry.enum
class KpiKey(StrEnum):
    OPEN = "OPEN"
    BACKLOG = "BACKLOG"
    IN_PROGRESS = "IN_PROGRESS"
    LATE = "LATE"


@strawberry.enum
class KpiSubject(StrEnum):
    PARENTS = "PARENTS"
    MILESTONES = "MILESTONES"
    TASKS = "TASKS"


@strawberry.input
class KpiRequest:
    key: KpiKey
    subject: KpiSubject


@strawberry.type
class Measure:
    count: int


@strawberry.type
class Kpi:
    measure: Measure


@strawberry.type
class KpiReport:
    figures: list[Kpi]


@strawberry.type
class CompleteTaskPayload:
    task: Task | None


async def ticket(id: strawberry.ID) -> Any:
    return await models.Ticket.get_or_none(id=id)


async def tickets(first: int, after: str | None = None, filter: TicketFilter | None = None) -> Any:
    found = models.Ticket.all()
    if filter and filter.kind and filter.kind.eq:
        found = found.filter(kind=filter.kind.eq.value)
    if after:
        instant, last_id = after.split(" ")
        created_at = datetime.fromisoformat(instant)
        found = found.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=last_id))
    rows = await found.order_by("-created_at", "-id").limit(first + 1)
    nodes: list[Any] = rows[:first]
    cursor = f"{nodes[-1].created_at.isoformat()} {nodes[-1].id}" if nodes else None
    return TicketConnection(
        nodes=nodes, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor)
    )


async def kpis(last_days: int, figures: list[KpiRequest]) -> KpiReport:
    return KpiReport(figures=[Kpi(measure=Measure(count=await _count(one))) for one in figures])


async def _count(request: KpiRequest) -> int:
    open_tasks = models.Task.filter(status__in=["TODO", "IN_PROGRESS"])
    match request.key, request.subject:
        case KpiKey.OPEN, KpiSubject.PARENTS:
            return await models.Ticket.filter(kind="PARENT", status__in=["OPEN", "IN_PROGRESS"]).count()
        case KpiKey.BACKLOG, KpiSubject.TASKS:
            return await models.Task.filter(status="TODO").count()
        case KpiKey.IN_PROGRESS, KpiSubject.MILESTONES:
            return await models.Milestone.filter(status="IN_PROGRESS").count()
        case KpiKey.LATE, KpiSubject.TASKS:
            return await open_tasks.filter(due_on__lt=datetime.now(ZoneInfo("Europe/Rome")).date()).count()
        case _:
            raise NotImplementedError(request)


async def complete_task(task_id: strawberry.ID) -> Any:
    await models.Task.filter(id=task_id).update(status="DONE", finished_at=datetime.now(UTC))
    return CompleteTaskPayload(task=await models.Task.get_or_none(id=task_id))  # type: ignore[arg-type]


@strawberry.type
class Query:
    ticket = strawberry.field(resolver=ticket, graphql_type=Ticket | None)
    tickets = strawberry.field(resolver=tickets, graphql_type=TicketConnection)
    kpis = strawberry.field(resolver=kpis)


@strawberry.type
class Mutation:
    complete_task = strawberry.mutation(resolver=complete_task, graphql_type=CompleteTaskPayload)


schema = strawberry.Schema(query=Query, mutation=Mutation)
