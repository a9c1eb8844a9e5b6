"""What the console costs in a real browser, with a ticket tree of 3,000 rows in which others work."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext

from models import Task
from models.database import tortoise_config
from tests.e2e.conftest import Prepared, copied
from tests.support.browser import run_in_browser
from tests.support.databases import Databases
from tests.support.factories import save_tree, store_facts
from tests.support.graphql_client import Client
from tests.support.running_hub import running_hub, running_sandbox

CHANGES_PER_SECOND = 20
START = "mutation($id: ID!) { startTask(taskId: $id) { problems { code } } }"
REOPEN = 'mutation($id: ID!) { reopenTask(taskId: $id, reason: "again") { problems { code } } }'

pytestmark = [pytest.mark.chromium, pytest.mark.only_on("sqlite")]


def test_the_console_keeps_to_its_budgets(databases: Databases, prepared: Prepared, tmp_path: Path) -> None:
    with copied(prepared, databases, tmp_path / "office") as files:
        code, tasks = asyncio.run(_plant_big_tree(files.database_url))
        with running_sandbox(files) as sandbox, running_hub(files, sandbox) as hub:
            there = {
                "HUB_ADDRESS": hub.address,
                "HUB_OPERATOR_TOKEN": prepared.operator_token,
                "HUB_BIG_TREE": code,
            }
            with _others_at_work(Client(hub.address, prepared.operator_token), tasks) as changed:
                run_in_browser("budgets/tree.spec.ts", there, results=tmp_path / "results")

    assert len(changed) > CHANGES_PER_SECOND


async def _plant_big_tree(database_url: str) -> tuple[str, list[str]]:
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(database_url))
        tree = await save_tree(children=40, milestones=6, tasks=11)
        await store_facts()
        tasks = await Task.filter(ticket_id__in=[child.id for child in tree.children]).limit(200)
        return tree.parent.code, [task.id for task in tasks]


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
