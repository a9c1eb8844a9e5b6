"""A request that is repeated under its key gets its first answer, and nothing is created twice."""

import asyncio

import pytest

import models
from tests.schema.conftest import worker
from tests.support import factories

ADD = """
mutation ($milestone: ID!, $title: String!, $key: String) {
  addTask(milestoneId: $milestone, input: { title: $title }, requestKey: $key) {
    task { id } problems { code path }
  }
}
"""


@pytest.fixture
def giulia():
    return worker()


@pytest.fixture
async def milestones(db):
    trees = [await factories.save_tree(children=0) for _ in range(2)]
    return [(await models.Milestone.get(ticket_id=tree.parent.id)).id for tree in trees]


async def test_a_repeated_request_answers_the_same_task(execute, giulia, milestones):
    asked = {"milestone": milestones[0], "title": "Privacy", "key": "uno"}

    answers = [await execute(ADD, giulia, **asked) for _ in range(2)]

    assert answers[0].data == answers[1].data
    assert await models.Task.filter(title="Privacy").count() == 1


async def test_it_answers_the_same_after_everything_has_changed(execute, giulia, milestones):
    asked = {"milestone": milestones[0], "title": "Privacy", "key": "uno"}
    first = await execute(ADD, giulia, **asked)
    await models.Task.filter(title="Privacy").update(title="Informativa")
    await models.Ticket.all().update(status="CANCELLED")

    again = await execute(ADD, giulia, **asked)

    assert again.data == first.data


async def test_requests_at_the_same_moment_make_one_task(execute, giulia, milestones):
    asked = {"milestone": milestones[0], "title": "Privacy", "key": "uno"}

    answers = await asyncio.gather(*(execute(ADD, giulia, **asked) for _ in range(8)))

    assert len({answer.data["addTask"]["task"]["id"] for answer in answers}) == 1
    assert await models.Task.filter(title="Privacy").count() == 1


@pytest.mark.parametrize("at_once", [False, True], ids=["one after the other", "at once"])
async def test_a_key_is_refused_with_other_contents(execute, giulia, milestones, at_once):
    first, second = (execute(ADD, giulia, milestone=one, title="Privacy", key="uno") for one in milestones)

    answers = await asyncio.gather(first, second) if at_once else [await first, await second]

    problems = [problem for answer in answers for problem in answer.data["addTask"]["problems"]]
    assert problems == [{"code": "REQUEST_KEY_REUSED", "path": ["requestKey"]}]
    assert await models.Task.filter(title="Privacy").count() == 1


async def test_a_key_belongs_to_its_operator(execute, giulia, milestones):
    asked = {"milestone": milestones[0], "title": "Privacy", "key": "uno"}

    await execute(ADD, giulia, **asked)
    await execute(ADD, worker(), **asked)

    assert await models.Task.filter(title="Privacy").count() == 2


async def test_a_key_that_was_refused_is_free_again(execute, giulia, milestones):
    await models.Ticket.all().update(status="CANCELLED")
    refused = await execute(ADD, giulia, milestone=milestones[0], title="Privacy", key="uno")
    await models.Ticket.all().update(status="OPEN")

    answer = await execute(ADD, giulia, milestone=milestones[0], title="Informativa", key="uno")

    assert refused.data["addTask"]["problems"][0]["code"] == "TICKET_CANCELLED"
    assert answer.data["addTask"]["problems"] == []


async def test_control_without_a_key_every_request_is_new(execute, giulia, milestones):
    for _ in range(2):
        await execute(ADD, giulia, milestone=milestones[0], title="Privacy")

    assert await models.Task.filter(title="Privacy").count() == 2
