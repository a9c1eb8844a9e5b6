"""A tree that is watched, over a log whose changes wake the watchers."""

from contextlib import aclosing

import pytest

from schema import schema
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.live_trees import WATCH, save_live_tree, watching_over


@pytest.fixture
def context(log, broadcast):
    return context_for(Role.OPERATOR, events=log, watching=watching_over(broadcast))


@pytest.fixture
async def tree(db):
    return await save_live_tree(children=2)


@pytest.fixture
async def watch(context):
    """Watch a tree: each item, or the extensions of the error in its place."""
    opened = []

    async def items(tree, after, document):
        variables = {"id": tree.parent.id, "after": after}
        async with aclosing(await schema.stream(document, variables, context_value=context)) as results:
            async for result in results:
                yield result.errors[0].extensions if result.errors else result.data["ticketEvents"]

    def start(tree, after=None, document=WATCH):
        opened.append(items(tree, after, document))
        return opened[-1]

    yield start
    for one in opened:
        await one.aclose()
