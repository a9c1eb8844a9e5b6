"""Where the tasks of a milestone, a ticket and a tree stand."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

import models
from tests.support import factories
from tests.support.factories import TODAY

FIELDS = "done late blocked inProgress toDo total"
COUNTS = f"""query($id: ID!) {{ ticket(id: $id) {{
    tree: taskCounts {{ {FIELDS} }} own: taskCounts(scope: OWN) {{ {FIELDS} }}
    milestones {{ id taskCounts {{ {FIELDS} }} }}
    children {{ id taskCounts(scope: TREE) {{ {FIELDS} }} own: taskCounts(scope: OWN) {{ {FIELDS} }}
        milestones {{ id taskCounts {{ {FIELDS} }} }} }} }} }}"""


def standing(task, milestone):
    """Where a task counts, as a person would say it; None for nowhere."""
    if milestone.status == "CANCELLED" or task.status == "SKIPPED":
        return None
    if task.status == "DONE":
        return "done"
    if task.due_on < TODAY:
        return "late"
    if task.blocked:
        return "blocked"
    return {"IN_PROGRESS": "inProgress", "TODO": "toDo"}[task.status]


def counted(tasks, milestones):
    found = Counter(standing(task, milestones[task.milestone_id]) for task in tasks)
    names = FIELDS.split()[:-1]
    return {name: found[name] for name in names} | {"total": sum(found[name] for name in names)}


async def random_statuses(random):
    for milestone in await models.Milestone.all():
        status = random.choice(["PLANNED", "IN_PROGRESS", "COMPLETED", "CANCELLED"])
        await models.Milestone.filter(id=milestone.id).update(status=status)
    for task in await models.Task.all().select_related("milestone"):
        statuses = (
            ["DONE", "SKIPPED"] if task.milestone.status == "COMPLETED" else ["DONE", "TODO", "SKIPPED"]
        )
        await models.Task.filter(id=task.id).update(
            status=random.choice([*statuses, *(["IN_PROGRESS"] if "TODO" in statuses else [])]),
            due_on=TODAY + timedelta(days=random.randint(-2, 2)),
        )
    await factories.store_facts()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_task_is_counted_where_it_stands(ask, db, seed):
    tree = await factories.save_tree(children=3)
    await random_statuses(Random(seed))
    milestones = {one.id: one for one in await models.Milestone.all()}
    tasks = await models.Task.all()

    found = (await ask(COUNTS, id=tree.parent.id))["ticket"]

    def of(column, row_id):
        return counted([one for one in tasks if getattr(one, column) == row_id], milestones)

    assert found["tree"] == counted(tasks, milestones)
    assert found["own"] == of("ticket_id", tree.parent.id)
    for child in found["children"]:
        assert child["taskCounts"] == child["own"] == of("ticket_id", child["id"])
    for milestone in [
        *found["milestones"],
        *(one for child in found["children"] for one in child["milestones"]),
    ]:
        assert milestone["taskCounts"] == of("milestone_id", milestone["id"])


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(40, id="many")])
async def test_counts_take_no_statement_of_their_own(ask, statements, children):
    tree = await factories.save_tree(children=children)
    statements.clear()

    await ask(COUNTS, id=tree.parent.id)

    assert len(statements) == 4


async def test_a_ticket_without_tasks_has_none_anywhere(ask, db):
    [ticket] = await factories.save_tickets({})

    found = (await ask(COUNTS, id=ticket.id))["ticket"]

    assert set(found["tree"].values()) == {0}
