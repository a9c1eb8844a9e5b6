"""What the console costs in a real browser, with ticket trees of 150 and 3,000 rows in which others work."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext

from models import Task
from models.database import tortoise_config
from tests.e2e.conftest import Prepared, copied
from tests.support.browser import run_in_browser
from tests.support.databases import Databases
from tests.support.factories import Tree, save_tree, store_facts
from tests.support.graphql_client import Client
from tests.support.running_hub import running_hub, running_sandbox

CHANGES_PER_SECOND = 20
START = "mutation($id: ID!) { startTask(taskId: $id) { problems { code } } }"
REOPEN = 'mutation($id: ID!) { reopenTask(taskId: $id, reason: "again") { problems { code } } }'

pytestmark = [pytest.mark.chromium, pytest.mark.only_on("sqlite")]


def test_the_console_keeps_to_its_budgets(databases: Databases, prepared: Prepared, tmp_path: Path) -> None:
    with copied(prepared, databases, tmp_path / "office") as files:
        trees = asyncio.run(_plant_trees(files.database_url))
        with running_sandbox(files) as sandbox, running_hub(files, sandbox) as hub:
            there = {
                "HUB_ADDRESS": hub.address,
                "HUB_OPERATOR_TOKEN": prepared.operator_token,
                "HUB_SMALL_TREE": trees[0].code,
                "HUB_BIG_TREE": trees[1].code,
            }
            with ExitStack() as stack:
                office = Client(hub.address, prepared.operator_token)
                changed = [stack.enter_context(_others_at_work(office, tree.tasks)) for tree in trees]
                run_in_browser("budgets/tree.spec.ts", there, results=tmp_path / "results")

    assert min(map(len, changed)) > CHANGES_PER_SECOND


@dataclass(frozen=True)
class Planted:
    code: str
    tasks: list[str]


async def _plant_trees(database_url: str) -> list[Planted]:
    """Plant a tree of some 150 rows, which is more than the page shows, and one of twenty times as many."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(database_url))
        trees = [await save_tree(children=children, milestones=6, tasks=11) for children in (2, 40)]
        await store_facts()
        return [await _planted(tree) for tree in trees]


async def _planted(tree: Tree) -> Planted:
    tasks = await Task.filter(ticket_id__in=[child.id for child in tree.children]).limit(200)
    return Planted(tree.parent.code, [task.id for task in tasks])


@contextmanager
def _others_at_work(hub: Client, tasks: list[str]) -> Iterator[list[str]]:
    """Somebody else starts and reopens tasks until the block ends; yields the tasks that they changed."""
    changed: list[str] = []
    done = threading.Event()

    def work() -> None:
        for mutation in cycle((START, REOPEN)):
            for task in tasks:
                if done.wait(1 / CHANGES_PER_SECOND):
                    return
                assert hub.ask(mutation, id=task) is not None
                changed.append(task)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield changed
    finally:
        done.set()
        worker.join()
