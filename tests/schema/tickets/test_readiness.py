"""What is blocked, and what is ready."""

import pytest

import models
from tests.support.shown_tickets import save_milestone

BLOCKED = "query($id: ID!) { ticket(id: $id) { milestones { blocked tasks { blocked } } } }"


@pytest.mark.parametrize(
    ("statuses", "depends_on", "blocked"),
    [
        pytest.param(["PLANNED", "PLANNED"], [[], []], [False, True], id="the one before is open"),
        pytest.param(["COMPLETED", "PLANNED"], [[], []], [False, False], id="the one before is completed"),
        pytest.param(["CANCELLED", "PLANNED"], [[], []], [False, False], id="the one before is cancelled"),
        pytest.param(
            ["IN_PROGRESS", "COMPLETED"], [[], []], [False, False], id="a finished one waits no more"
        ),
        pytest.param(
            ["PLANNED", "COMPLETED", "PLANNED"],
            [[], [], []],
            [False, False, False],
            id="only the one right before",
        ),
        pytest.param(
            ["PLANNED", "COMPLETED", "PLANNED"],
            [[], [], [1, 2]],
            [False, False, True],
            id="a declared one is open",
        ),
        pytest.param(
            ["COMPLETED", "PLANNED", "PLANNED"],
            [[], [], [1]],
            [False, False, False],
            id="only the declared one counts",
        ),
    ],
)
async def test_blocked_is_who_waits_for_open_work(ask, parent, statuses, depends_on, blocked):
    for position, (status, positions) in enumerate(zip(statuses, depends_on, strict=True), start=1):
        await save_milestone(parent, "TODO", "DONE", position=position, status=status, depends_on=positions)

    milestones = (await ask(BLOCKED, id=parent.id))["ticket"]["milestones"]

    assert [one["blocked"] for one in milestones] == blocked
    assert [[task["blocked"] for task in one["tasks"]] for one in milestones] == [
        [one, False] for one in blocked
    ]


async def test_the_one_before_is_the_nearest_that_there_is(ask, parent):
    await save_milestone(parent, position=1)
    await save_milestone(parent, position=4)

    milestones = (await ask(BLOCKED, id=parent.id))["ticket"]["milestones"]

    assert [one["blocked"] for one in milestones] == [False, True]


READY = "query($id: ID!) { ticket(id: $id) { milestones { tasks { ready } } } }"


@pytest.mark.parametrize(
    ("statuses", "optional", "ready"),
    [
        pytest.param(["TODO", "TODO"], [], [True, False], id="one after the other"),
        pytest.param(["IN_PROGRESS", "TODO"], [], [True, False], id="a started one can be worked on"),
        pytest.param(["DONE", "TODO"], [], [False, True], id="the one before is done"),
        pytest.param(
            ["TODO", "TODO", "TODO"], [0], [True, True, False], id="nobody waits for an optional one"
        ),
        pytest.param(["SKIPPED", "TODO"], [0], [False, True], id="the one before is skipped"),
    ],
)
async def test_ready_is_what_can_be_taken_up_now(ask, parent, statuses, optional, ready):
    _, work = await save_milestone(parent, *statuses)
    await models.Task.filter(id__in=[work[index].id for index in optional]).update(mandatory=False)

    [milestone] = (await ask(READY, id=parent.id))["ticket"]["milestones"]

    assert [task["ready"] for task in milestone["tasks"]] == ready


@pytest.mark.parametrize("status", ["PLANNED", "IN_PROGRESS"])
async def test_nothing_is_ready_while_its_milestone_waits(ask, parent, status):
    await save_milestone(parent, "TODO", position=1, status=status)
    await save_milestone(parent, "TODO", position=2)

    milestones = (await ask(READY, id=parent.id))["ticket"]["milestones"]

    assert [one["tasks"] for one in milestones] == [[{"ready": True}], [{"ready": False}]]
