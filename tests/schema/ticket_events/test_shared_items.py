"""An item is executed and written once for all who selected the same of it and have the same role."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace

import orjson
import pytest
import strawberry

from models.identity import new_id
from schema import schema as hub_schema
from schema.limits import EXTENSIONS
from schema.streams import LiveSchema, ReadyResult
from services.events import Once
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.schema.ticket_events.watched_items import SMALL, complete, tasks_of

WITH_TITLES = """subscription ($id: ID!, $with: Boolean!) {
  ticketEvents(ticketId: $id) { state rows { tasks { id title @include(if: $with) } } } }"""


@pytest.fixture
async def results(context, tree):
    """Watch the tree, and yield the results of an item."""
    async with AsyncExitStack() as held:

        async def watch(document=SMALL, role=Role.OPERATOR, **variables):
            viewer = replace(context.viewer, operator_id=new_id("opr"), operator_role=role, token_role=role)
            stream = await hub_schema.stream(
                document, {"id": tree.parent.id, **variables}, replace(context, viewer=viewer)
            )
            await held.enter_async_context(aclosing(stream))
            await anext(stream)
            return stream

        yield watch


async def of_each(*streams):
    async with asyncio.timeout(60):
        return await asyncio.gather(*map(anext, streams))


async def test_all_who_selected_the_same_get_the_very_same_result(results, log, tree):
    watchers = [await results() for _ in range(20)]

    await complete(log, (await tasks_of(tree.parent))[0])
    first, *others = await of_each(*watchers)

    assert isinstance(first, ReadyResult)
    assert all(one is first for one in others)
    assert orjson.loads(first.json) == {"data": first.data}


async def test_who_returns_with_a_cursor_gets_the_same_result_as_those_who_stayed(results, log, tree):
    one, two, three, *_ = await tasks_of(tree.parent)
    stayed = await results()
    await complete(log, one)
    [missed] = await of_each(stayed)
    cursor = missed.data["ticketEvents"]["cursor"]
    await complete(log, two)
    returned = await results(after=cursor)

    await of_each(stayed)
    await complete(log, three)
    first, second = await of_each(stayed, returned)

    assert first is second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({}, {"role": Role.VIEWER}, id="role"),
        pytest.param({}, {"document": SMALL + " "}, id="document"),
        pytest.param(
            {"document": WITH_TITLES, "with": True}, {"document": WITH_TITLES, "with": False}, id="variable"
        ),
    ],
)
async def test_a_difference_in_what_is_shown_is_a_result_of_its_own(results, log, tree, one, other):
    watchers = [await results(**one), await results(**other)]

    await complete(log, (await tasks_of(tree.parent))[0])
    first, second = await of_each(*watchers)

    assert first is not second
    shown = [set(one.data["ticketEvents"]["rows"]["tasks"][0]) for one in (first, second)]
    assert shown == [{"id", "title"} if one.get("with") else {"id"}, {"id"}]


@dataclass
class Greeting:
    shared: Once = field(default_factory=Once)


@strawberry.type
class Greeted:
    @strawberry.field
    def name(self, info: strawberry.Info) -> str:
        return info.context.viewer.name

    @strawberry.field
    def role(self, info: strawberry.Info) -> str:
        return info.context.viewer.role

    @classmethod
    def is_type_of(cls, value, _info) -> bool:
        return isinstance(value, Greeting)


@strawberry.type
class Query:
    nothing: int | None = None


def schema_that_greets(greeting):
    async def greet() -> AsyncIterator[Greeting]:
        yield greeting

    @strawberry.type
    class Subscription:
        greeted = strawberry.subscription(resolver=greet, graphql_type=Greeted)

    return LiveSchema(Query, subscription=Subscription, extensions=EXTENSIONS)


@pytest.mark.parametrize(("selected", "together"), [("role", True), ("name", False)])
async def test_only_what_asks_for_no_more_than_the_role_is_shared(selected, together):
    schema = schema_that_greets(Greeting())
    context = context_for()
    other = replace(context, viewer=replace(context.viewer, name="Grace", operator_id=new_id("opr")))

    first, second = [
        await anext(await schema.stream(f"subscription {{ greeted {{ {selected} }} }}", None, one))
        for one in (context, other)
    ]

    assert (first is second) is together
    if not together:
        assert [one.data["greeted"] for one in (first, second)] == [{"name": "Ada"}, {"name": "Grace"}]
