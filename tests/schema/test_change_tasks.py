"""One change of many tasks: each succeeds or is refused, and says which; what succeeds is written together."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

import models
from models.identity import new_id
from services.planning.calendar import WorkCalendar
from services.tickets import cascade
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import save

CHANGE = """
mutation ($tasks: [TaskTargetInput!]!, $change: TaskChangeInput!) {
  changeTasks(tasks: $tasks, change: $change) {
    results { taskId changed task { id status assignee { name } dueOn } problems { code path } }
    trees { treeId treeSeq }
    problems { code path }
  }
}
"""


@pytest.fixture
def giulia():
    return worker()


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=2, milestones=3, tasks=11)
    await factories.store_facts()
    await models.Event.all().delete()
    return tree


@pytest.fixture
async def task_ids(tree):
    return [one.id for one in await models.Task.all().order_by("id")]


def targets(*ids):
    return [{"id": one} for one in ids]


async def test_a_hundred_tasks_of_which_thirty_are_bad_give_thirty_problems(execute, giulia, tree, task_ids):
    good, mandatory = task_ids[:40], task_ids[40:50]
    await models.Task.filter(id__in=good).update(mandatory=False)
    await models.Task.filter(id__in=mandatory).update(mandatory=True)
    unknown = [new_id("tsk") for _ in range(10)]
    stale = [{"id": one, "expectedVersion": 7} for one in task_ids[50:60]]
    more = await factories.save_tree(children=1, milestones=4, tasks=7)
    others = [one.id for one in await models.Task.filter(ticket__parent_id=more.parent.id)] + [
        one.id for one in await models.Task.filter(ticket_id=more.parent.id)
    ]
    await models.Task.filter(id__in=others).update(mandatory=False)
    asked = [*targets(*good, *mandatory, *unknown), *stale, *targets(*others[:30])]

    answer = await execute(CHANGE, giulia, tasks=asked, change={"skip": {"reason": "Non serve"}})

    payload = answer.data["changeTasks"]
    assert [one["taskId"] for one in payload["results"]] == [one["id"] for one in asked]
    problems = [problem for one in payload["results"] for problem in one["problems"]]
    assert len(asked) == 100
    assert [problem["code"] for problem in problems] == (
        ["TASK_IS_MANDATORY"] * 10 + ["UNKNOWN_TASK"] * 10 + ["CONFLICT"] * 10
    )
    assert [problem["path"] for problem in problems] == (
        [["tasks", str(index), "id"] for index in range(40, 60)]
        + [["tasks", str(index), "expectedVersion"] for index in range(60, 70)]
    )
    assert {one["task"]["status"] for one in payload["results"] if one["changed"]} == {"SKIPPED"}
    assert sum(one["changed"] for one in payload["results"]) == 70
    assert await models.Task.filter(status="SKIPPED").count() == 70
    seqs = {stream.id: stream.seq for stream in await models.Stream.all()}
    assert payload["trees"] == [
        {"treeId": one.parent.id, "treeSeq": seqs[one.parent.id]} for one in (tree, more)
    ]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        pytest.param({"start": True}, {"status": "IN_PROGRESS"}, id="start"),
        pytest.param({"complete": True}, {"status": "DONE"}, id="complete"),
        pytest.param({"reopen": {"reason": "Riprende"}}, {"status": "TODO"}, id="reopen"),
        pytest.param({"waive": {"reason": "Non serve"}}, {"status": "IN_PROGRESS"}, id="waive"),
        pytest.param({"assign": {"operatorId": "LUCA"}}, {"assignee": {"name": "Luca"}}, id="assign"),
        pytest.param({"reschedule": {"dueOn": "2026-12-01"}}, {"dueOn": "2026-12-01"}, id="to a day"),
        pytest.param({"reschedule": {"byWorkingDays": 5}}, {"dueOn": "2026-11-30"}, id="by days"),
    ],
)
async def test_each_change_does_what_its_own_mutation_does(execute, giulia, tree, change, shown):
    luca = factories.operator(name="Luca")
    await save(luca)
    if "assign" in change:
        change = {"assign": {"operatorId": luca.id}}
    ids = [one.id for one in await models.Task.filter(position=4, ticket_id=tree.parent.id)]
    await models.Task.filter(id__in=ids).update(status="TODO" if "start" in change else "IN_PROGRESS")

    answer = await execute(CHANGE, giulia, tasks=targets(*ids), change=change)

    assert answer.errors is None
    [result] = answer.data["changeTasks"]["results"]
    assert (result["changed"], result["problems"]) == (True, [])
    assert {name: result["task"][name] for name in shown} == shown


async def test_a_task_that_is_so_already_is_no_problem_and_has_not_changed(execute, giulia, task_ids):
    await execute(CHANGE, giulia, tasks=targets(task_ids[0]), change={"start": True})

    answer = await execute(CHANGE, giulia, tasks=targets(*task_ids[:2]), change={"start": True})

    assert [one["changed"] for one in answer.data["changeTasks"]["results"]] == [False, True]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        pytest.param(
            {"assign": {"operatorId": "opr_x"}}, "UNKNOWN_OPERATOR", ["assign", "operatorId"], id="who"
        ),
        pytest.param({"waive": {}}, "REASON_REQUIRED", ["waive", "reason"], id="why"),
        pytest.param(
            {"reschedule": {"dueOn": "2020-01-01"}}, "DATE_OUT_OF_RANGE", ["reschedule", "dueOn"], id="when"
        ),
        pytest.param(
            {"reschedule": {"byWorkingDays": -100}},
            "DATE_OUT_OF_RANGE",
            ["reschedule", "byWorkingDays"],
            id="how much earlier",
        ),
        pytest.param(
            {"reschedule": {"byWorkingDays": 366}},
            "BAD_USER_INPUT",
            ["reschedule", "byWorkingDays"],
            id="how much later",
        ),
    ],
)
async def test_a_problem_with_the_change_is_reported_for_each_task(
    execute, giulia, task_ids, change, code, path
):
    answer = await execute(CHANGE, giulia, tasks=targets(*task_ids[:2]), change=change)

    problems = [one["problems"] for one in answer.data["changeTasks"]["results"]]
    assert problems == [[{"code": code, "path": ["change", *path]}]] * 2
    assert await models.Event.all().count() == 0


@pytest.mark.parametrize(
    ("number", "change", "path"),
    [
        pytest.param(0, {"start": True}, ["tasks"], id="no task"),
        pytest.param(101, {"start": True}, ["tasks"], id="too many"),
        pytest.param(1, {"start": False}, ["change", "start"], id="not start"),
    ],
)
async def test_a_request_that_cannot_be_tried_is_refused_as_a_whole(
    execute, giulia, db, number, change, path
):
    asked = targets(*(new_id("tsk") for _ in range(number)))

    answer = await execute(CHANGE, giulia, tasks=asked, change=change)

    assert answer.data["changeTasks"] == {
        "results": None,
        "trees": None,
        "problems": [{"code": "BAD_USER_INPUT", "path": path}],
    }


async def test_a_task_that_is_named_twice_is_refused_before_anything_is_done(execute, giulia, task_ids):
    answer = await execute(CHANGE, giulia, tasks=targets(*task_ids[:2], task_ids[0]), change={"start": True})

    assert answer.data["changeTasks"]["problems"] == [
        {"code": "BAD_USER_INPUT", "path": ["tasks", "2", "id"]}
    ]
    assert await models.Event.all().count() == 0


@pytest.mark.parametrize(
    "change", [{}, {"start": True, "complete": True}, {"reschedule": {}}], ids=["none", "two", "no date"]
)
async def test_exactly_one_change_is_chosen(execute, giulia, task_ids, change):
    answer = await execute(CHANGE, giulia, tasks=targets(task_ids[0]), change=change)

    assert [error.extensions["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert await models.Event.all().count() == 0


@pytest.mark.parametrize("backwards", [False, True], ids=["as they follow", "the other way round"])
@pytest.mark.parametrize(
    "change",
    [{"reschedule": {"byWorkingDays": 5}}, {"reschedule": {"dueOn": "2026-12-01"}}],
    ids=["by days", "to a day"],
)
async def test_tasks_that_take_each_other_along_each_come_to_be_where_they_were_sent(
    execute, giulia, tree, change, backwards
):
    milestone = await models.Milestone.filter(ticket_id=tree.children[0].id).order_by("position").first()
    tasks = await models.Task.filter(milestone_id=milestone.id).order_by("position")
    days = change["reschedule"].get("byWorkingDays")
    calendar = WorkCalendar(ZoneInfo("Europe/Rome"))
    wanted = [calendar.move(one.due_on, days).isoformat() if days else "2026-12-01" for one in tasks]
    seen = [{"id": one.id, "expectedVersion": one.version} for one in tasks]

    answer = await execute(CHANGE, giulia, tasks=seen[::-1] if backwards else seen, change=change)

    results = answer.data["changeTasks"]["results"]
    assert [one["problems"] for one in results] == [[]] * len(tasks)
    due = [one["task"]["dueOn"] for one in results]
    assert (due[::-1] if backwards else due) == wanted


async def test_all_changes_of_a_request_are_one_in_the_log(execute, giulia, tree, task_ids):
    await execute(CHANGE, giulia, tasks=targets(*task_ids), change={"start": True})

    assert len({event.change_id for event in await models.Event.all()}) == 1


async def test_what_breaks_in_the_middle_leaves_nothing_changed(execute, giulia, tree, task_ids, monkeypatch):
    write, done = cascade.write_transitions, []

    async def break_down_at_the_tenth(*given, **more):
        done.append(given)
        if len(done) == 10:
            raise OSError("broken")
        return await write(*given, **more)

    monkeypatch.setattr(cascade, "write_transitions", break_down_at_the_tenth)

    answer = await execute(CHANGE, giulia, tasks=targets(*task_ids[:20]), change={"start": True})

    assert [error.extensions["code"] for error in answer.errors] == ["INTERNAL"]
    assert len(done) == 10
    assert await models.Event.all().count() == 0
    assert await models.Task.filter(status="IN_PROGRESS").count() == 0


async def test_requests_for_the_same_trees_in_other_orders_wait_for_each_other(
    execute, giulia, tree, task_ids
):
    more = await factories.save_tree(children=2, milestones=2, tasks=3)
    ids = task_ids[:20] + [one.id for one in await models.Task.filter(tree_id=more.parent.id)]
    asked = [targets(*ids), targets(*ids[::-1])] * 3

    answers = await asyncio.gather(
        *(execute(CHANGE, giulia, tasks=some, change={"start": True}) for some in asked)
    )

    changed = [sum(one["changed"] for one in answer.data["changeTasks"]["results"]) for answer in answers]
    assert sorted(changed) == [0, 0, 0, 0, 0, len(ids)]


@pytest.mark.parametrize("number", [1, 20])
async def test_the_tasks_of_all_results_are_read_together(execute, giulia, task_ids, statements, number):
    statements.clear()

    await execute(CHANGE, giulia, tasks=targets(*task_ids[:number]), change={"start": True})

    assert len(statements) == 2, "The tasks, and their assignees."
