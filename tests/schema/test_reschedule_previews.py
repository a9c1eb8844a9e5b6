"""A new date shows what it would move before it moves it, and then moves exactly that."""

from datetime import timedelta
from random import Random

import pytest

import models
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import TODAY, save

MOVES = "moves { node { id title } startsOnBefore startsOn dueOnBefore dueOn workingDays sla }"
PREVIEW = f"""
query ($id: ID!, $dueOn: Date!) {{
  previewRescheduleTask(taskId: $id, dueOn: $dueOn) {{
    dueOn {MOVES} crmActivityCount warnings planToken problems {{ code path }}
  }}
}}
"""
PREVIEW_MILESTONE = PREVIEW.replace("RescheduleTask(taskId", "RescheduleMilestone(milestoneId")
STALE = """
problems {
  code path
  ... on PlanStaleProblem { moves { node { id } shownStartsOn shownDueOn startsOn dueOn } }
}
"""
RUN = f"""
mutation ($id: ID!, $dueOn: Date!, $token: String) {{
  rescheduleTask(taskId: $id, dueOn: $dueOn, planToken: $token) {{ task {{ dueOn }} {STALE} }}
}}
"""
RUN_MILESTONE = RUN.replace("rescheduleTask(taskId", "rescheduleMilestone(milestoneId").replace(
    "task {", "milestone {"
)


@pytest.fixture
def giulia():
    return worker()


@pytest.fixture
async def tree(db):
    """A ticket of two milestones, the second of which waits for the first. Everything is due on Monday 23 November."""
    tree = await factories.save_tree(children=0)
    for task in await models.Task.all():
        await models.Task.filter(id=task.id).update(title=f"Lavoro {task.position}")
    later = factories.milestone(tree.parent, position=2, title="Consegna", depends_on=[1])
    await save(later, factories.task(later, assignee_id=tree.operator.id, title="Invio"))
    await factories.store_facts()
    await models.Event.all().delete()
    return tree


@pytest.fixture
async def last(tree):
    """The last task of the first milestone."""
    return await models.Task.get(ticket_id=tree.parent.id, milestone__position=1, position=4)


async def dates():
    rows = [*await models.Ticket.all(), *await models.Milestone.all(), *await models.Task.all()]
    return {row.id: (row.starts_on.isoformat(), row.due_on.isoformat()) for row in rows}


async def test_a_preview_shows_what_moves_from_when_to_when_and_writes_nothing(execute, giulia, last):
    before = await dates()

    answer = await execute(PREVIEW, giulia, id=last.id, dueOn="2026-11-25")

    preview = answer.data["previewRescheduleTask"]
    assert [(one["node"]["title"], one["dueOn"]) for one in preview["moves"]] == [
        ("Lavoro 4", "2026-11-25"),
        ("Onboarding", "2026-11-25"),
        ("Consegna", "2026-11-25"),
        ("Invio", "2026-11-25"),
        ("Start Office Finance", "2026-11-25"),
    ]
    assert preview["moves"][2] == {
        "node": {"id": preview["moves"][2]["node"]["id"], "title": "Consegna"},
        "startsOnBefore": "2026-11-23",
        "startsOn": "2026-11-25",
        "dueOnBefore": "2026-11-23",
        "dueOn": "2026-11-25",
        "workingDays": 2,
        "sla": "GREEN",
    }
    assert (preview["dueOn"], preview["problems"]) == ("2026-11-25", [])
    assert await dates() == before
    assert await models.Event.all().count() == 0


async def test_a_preview_counts_the_activities_of_the_crm_that_follow(execute, giulia, tree, last):
    for milestone in await models.Milestone.all():
        await models.CrmActivity.create(
            crm_id=factories.number(),
            role="SHADOW",
            tree_id=tree.parent.id,
            milestone_id=milestone.id,
            subject="x",
            created_at=factories.NOW,
        )

    answer = await execute(PREVIEW, giulia, id=last.id, dueOn="2026-11-25")

    assert answer.data["previewRescheduleTask"]["crmActivityCount"] == 2


@pytest.mark.parametrize(
    ("due_on", "warnings"),
    [
        pytest.param("2026-11-24", ["MOVES_THE_TICKET"], id="a day later"),
        pytest.param(
            "2026-11-28", ["NOT_A_WORKING_DAY", "MOVES_THE_TICKET", "FAR_FROM_THE_PLAN"], id="a Saturday"
        ),
        pytest.param("2026-11-25", ["MOVES_THE_TICKET"], id="as late as its days"),
        pytest.param("2026-11-26", ["MOVES_THE_TICKET", "FAR_FROM_THE_PLAN"], id="later than its days"),
        pytest.param("2026-11-20", ["IN_THE_PAST", "BEFORE_ITS_START"], id="last Friday"),
        pytest.param("2026-11-23", [], id="where it is"),
    ],
)
async def test_a_preview_warns(execute, giulia, tree, last, due_on, warnings):
    await models.Ticket.all().update(starts_on=TODAY - timedelta(days=7))

    answer = await execute(PREVIEW, giulia, id=last.id, dueOn=due_on)

    assert answer.data["previewRescheduleTask"]["warnings"] == warnings


@pytest.mark.parametrize("document", [PREVIEW, PREVIEW_MILESTONE], ids=["task", "milestone"])
async def test_what_a_run_refuses_its_preview_refuses_too(execute, giulia, last, document):
    row_id = last.id if document is PREVIEW else last.milestone_id
    early = await execute(document, giulia, id=row_id, dueOn="2020-01-01")
    unknown = await execute(document, giulia, id="x", dueOn="2026-11-25")
    await models.Ticket.all().update(status="CANCELLED")
    cancelled = await execute(document, giulia, id=row_id, dueOn="2026-11-25")

    codes = [next(iter(one.data.values()))["problems"][0]["code"] for one in (early, unknown, cancelled)]
    assert codes[0] == "DATE_OUT_OF_RANGE"
    assert codes[1] in ("UNKNOWN_TASK", "UNKNOWN_MILESTONE")
    assert codes[2] == "TICKET_CANCELLED"
    assert next(iter(early.data.values()))["moves"] is None


async def test_a_run_with_the_token_does_what_was_shown(execute, giulia, last):
    shown = (await execute(PREVIEW, giulia, id=last.id, dueOn="2026-11-25")).data["previewRescheduleTask"]

    answer = await execute(RUN, giulia, id=last.id, dueOn="2026-11-25", token=shown["planToken"])

    assert answer.data["rescheduleTask"] == {"task": {"dueOn": "2026-11-25"}, "problems": []}


async def test_a_run_that_would_move_something_else_is_refused_and_says_what(execute, giulia, tree, last):
    shown = (await execute(PREVIEW, giulia, id=last.id, dueOn="2026-11-25")).data["previewRescheduleTask"]
    later = await models.Milestone.get(title="Consegna")
    await models.Task.filter(milestone_id=later.id).update(status="DONE")
    task = await models.Task.get(milestone_id=later.id)

    answer = await execute(RUN, giulia, id=last.id, dueOn="2026-11-25", token=shown["planToken"])

    assert answer.data["rescheduleTask"]["problems"] == [
        {
            "code": "PLAN_STALE",
            "path": ["planToken"],
            "moves": [
                {
                    "node": {"id": task.id},
                    "shownStartsOn": "2026-11-25",
                    "shownDueOn": "2026-11-25",
                    "startsOn": None,
                    "dueOn": None,
                }
            ],
        }
    ]
    assert await models.Event.all().count() == 0


async def test_a_token_is_good_for_its_own_date_and_row_only(execute, giulia, last):
    shown = (await execute(PREVIEW, giulia, id=last.id, dueOn="2026-11-25")).data["previewRescheduleTask"]
    token = shown["planToken"]

    another_day = await execute(RUN, giulia, id=last.id, dueOn="2026-11-26", token=token)
    another_row = await execute(RUN_MILESTONE, giulia, id=last.milestone_id, dueOn="2026-11-25", token=token)

    [day] = another_day.data["rescheduleTask"]["problems"]
    [row] = another_row.data["rescheduleMilestone"]["problems"]
    assert (day["code"], row["code"]) == ("PLAN_STALE", "PLAN_STALE")
    assert {(one["shownDueOn"], one["dueOn"]) for one in day["moves"]} == {("2026-11-25", "2026-11-26")}
    assert row["moves"] == []


@pytest.mark.parametrize("seed", range(3))
async def test_random_previews_equal_their_runs(execute, giulia, db, seed):
    await factories.save_tree(children=1, milestones=4, tasks=4)
    await models.Ticket.all().update(starts_on=TODAY - timedelta(days=30))
    for milestone in await models.Milestone.filter(position__gt=1):
        await models.Milestone.filter(id=milestone.id).update(depends_on=[milestone.position - 1])
    random = Random(seed)
    rows = [*await models.Milestone.all().order_by("id"), *await models.Task.all().order_by("id")]
    moved = 0

    for _ in range(25):
        row = random.choice(rows)
        asked = {"id": row.id, "dueOn": (TODAY + timedelta(days=random.randint(-20, 60))).isoformat()}
        is_task = isinstance(row, models.Task)
        if is_task and random.random() < 0.2:
            await models.Task.filter(id=row.id).update(status=random.choice(["DONE", "IN_PROGRESS", "TODO"]))
        before = await dates()
        answer = await execute(PREVIEW if is_task else PREVIEW_MILESTONE, giulia, **asked)
        [preview] = answer.data.values()
        answer = await execute(RUN if is_task else RUN_MILESTONE, giulia, **asked, token=preview["planToken"])
        [run] = answer.data.values()

        after = await dates()
        changed = {one: after[one] for one in after if after[one] != before[one]}
        shown = {one["node"]["id"]: (one["startsOn"], one["dueOn"]) for one in preview["moves"] or ()}
        assert shown == changed
        assert [one["code"] for one in run["problems"]] == [one["code"] for one in preview["problems"]]
        moved += len(changed)

    assert moved > 50


@pytest.mark.parametrize("tasks", [1, 9])
async def test_what_moves_is_read_with_a_statement_for_each_type(execute, giulia, db, statements, tasks):
    tree = await factories.save_tree(children=1, milestones=1, tasks=tasks)
    milestone = await models.Milestone.get(ticket_id=tree.children[0].id)
    statements.clear()

    answer = await execute(PREVIEW_MILESTONE, giulia, id=milestone.id, dueOn="2026-11-25")

    moves = answer.data["previewRescheduleMilestone"]["moves"]
    assert len(moves) == tasks + 2
    assert len(statements) == 3, "Tickets, milestones and tasks."
