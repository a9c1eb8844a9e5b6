"""The same tree the way most Strawberry servers do it: resolvers, DataLoaders and hydrated models."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

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
    tasks: list[Task] = strawberry.field(resolver=many("tasks"))


@strawberry.type
class Ticket:
    id: strawberry.ID
    code: str
    title: str
    milestones: list[Milestone] = strawberry.field(resolver=many("milestones"))
    children: list["Ticket"] = strawberry.field(resolver=many("children"))


async def ticket(id: strawberry.ID) -> Any:
    return await models.Ticket.get_or_none(id=id)


@strawberry.type
class Query:
    ticket = strawberry.field(resolver=ticket, graphql_type=Ticket | None)


schema = strawberry.Schema(query=Query)
