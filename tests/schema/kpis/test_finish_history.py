"""What stays known of a finish: when it first was, how often it was reopened, and whose it was."""

import pytest

import models
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import NOW, save

PRESS = """mutation($id: ID!) {{ {name}(taskId: $id{more}) {{ problems {{ code }} }} }}"""
ASSIGN = """mutation($id: ID!, $to: ID!) { assignTask(taskId: $id, operatorId: $to) { problems { code } } }"""


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=0)
    await factories.store_facts()
    return tree


async def test_the_first_finish_outlives_the_reopening_and_the_last_holder_the_next_one(execute, tree):
    giulia = worker()
    colleague = factories.operator()
    await save(colleague)
    tasks = await models.Task.filter(ticket_id=tree.parent.id).order_by("position")

    async def press(name: str, task: models.Task, more: str = "") -> None:
        result = await execute(PRESS.format(name=name, more=more), giulia, id=task.id)
        assert result.errors is None
        assert result.data[name]["problems"] == []

    for task in tasks:
        await press("completeTask", task)
    await press("reopenTask", tasks[0], ', reason: "Da rivedere"')
    await execute(ASSIGN, giulia, id=tasks[0].id, to=colleague.id)

    rows = [
        await models.Task.get(id=tasks[0].id),
        await models.Milestone.get(ticket_id=tree.parent.id),
        await models.Ticket.get(id=tree.parent.id),
    ]
    firsts = ["first_finished_at", "first_completed_at", "first_closed_at"]
    assert [getattr(row, name) for row, name in zip(rows, firsts, strict=True)] == [NOW] * 3
    assert [row.reopened_count for row in rows] == [1, 1, 1]
    assert [row.finished_owner_id for row in rows] == [tree.operator.id] * 3

    await press("completeTask", tasks[0])

    task = await models.Task.get(id=tasks[0].id)
    assert (task.finished_owner_id, task.reopened_count) == (colleague.id, 1)


async def test_a_task_that_was_only_skipped_or_started_was_not_finished(execute, tree):
    giulia = worker()
    task = await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first()

    for name, more in (("startTask", ""), ("reopenTask", ', reason: "Da capo"')):
        await execute(PRESS.format(name=name, more=more), giulia, id=task.id)

    task = await models.Task.get(id=task.id)
    assert (task.first_finished_at, task.reopened_count, task.finished_owner_id) == (None, 0, None)
