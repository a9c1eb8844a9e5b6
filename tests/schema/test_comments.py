"""People comment on tickets, milestones and tasks, reword what they said, and take it back."""

import asyncio
import json

import pytest

import models
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import NOW, save

COMMENT = """
comment {
  id subjectId body author { name } mentions { name } replyTo { id } createdAt editedAt deletedAt version
}
"""
ADD = f"""
mutation ($subject: ID!, $body: String!, $reply: ID, $key: String) {{
  addComment(subjectId: $subject, body: $body, replyToId: $reply, requestKey: $key) {{
    {COMMENT} treeSeq changed {{ comments {{ id body }} tasks {{ id commentCount }} }} problems {{ code path }}
  }}
}}
"""
EDIT = f"""
mutation ($id: ID!, $body: String!, $version: Int) {{
  editComment(commentId: $id, body: $body, expectedVersion: $version) {{
    {COMMENT}
    problems {{ code path ... on ConflictProblem {{ changes {{ field before after }} }} }}
  }}
}}
"""
DELETE = f"mutation ($id: ID!) {{ deleteComment(commentId: $id) {{ {COMMENT} problems {{ code path }} }} }}"
READ = """
query ($id: ID!) {
  node(id: $id) {
    ... on WorkItem { commentCount comments(first: 10) { nodes { body } } }
  }
}
"""
TREE = """
query ($id: ID!) {
  ticket(id: $id) {
    milestones {
      tasks { commentCount comments(first: 5) { nodes { body author { name } mentions { name } replyTo { body } } } }
    }
  }
}
"""


@pytest.fixture
async def people(db):
    giulia, luca = factories.operator(name="Giulia"), factories.operator(name="Luca")
    await save(giulia, luca)
    return [worker(operator_id=one.id) for one in (giulia, luca)]


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=0)
    await factories.store_facts()
    await models.Event.all().delete()
    return tree


@pytest.fixture
async def task(tree):
    return await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first()


@pytest.fixture
def say(execute):
    async def run(context, subject, body, **rest):
        answer = await execute(ADD, context, subject=subject.id, body=body, **rest)
        assert answer.errors is None, answer.errors
        return answer.data["addComment"]

    return run


async def test_a_comment_is_in_the_tree_of_its_task_with_its_author(people, task, say):
    payload = await say(people[0], task, " Il cliente firma lunedì. ")

    comment_id = payload["comment"]["id"]
    assert payload == {
        "comment": {
            "id": comment_id,
            "subjectId": task.id,
            "body": "Il cliente firma lunedì.",
            "author": {"name": "Giulia"},
            "mentions": [],
            "replyTo": None,
            "createdAt": NOW.isoformat(),
            "editedAt": None,
            "deletedAt": None,
            "version": 1,
        },
        "treeSeq": payload["treeSeq"],
        "changed": {
            "comments": [{"id": comment_id, "body": "Il cliente firma lunedì."}],
            "tasks": [{"id": task.id, "commentCount": 1}],
        },
        "problems": [],
    }
    [event] = await models.Event.all()
    assert (event.stream_id, event.kind, event.actor) == (task.tree_id, "COMMENT_ADDED", people[0].actor)


async def test_tickets_milestones_and_tasks_have_comments_of_their_own(people, tree, task, say, ask):
    milestone = await models.Milestone.get(id=task.milestone_id)
    for subject in (tree.parent, milestone, task):
        await say(people[0], subject, f"Su {type(subject).__name__}")

    found = [(await ask(READ, id=one.id))["node"] for one in (tree.parent, milestone, task)]

    assert found == [
        {"commentCount": 1, "comments": {"nodes": [{"body": f"Su {name}"}]}}
        for name in ("Ticket", "Milestone", "Task")
    ]


async def test_a_comment_mentions_each_operator_once_in_the_order_of_the_text(people, task, say):
    giulia, luca = (one.actor for one in people)

    payload = await say(people[0], task, f"@[{luca}] chiama, @[{giulia}] scrive, @[{luca}] chiude")

    assert payload["comment"]["mentions"] == [{"name": "Luca"}, {"name": "Giulia"}]


async def test_a_reply_to_a_reply_belongs_to_the_first_comment(people, task, say):
    first = await say(people[0], task, "Firmato?")
    second = await say(people[1], task, "Lunedì.", reply=first["comment"]["id"])

    third = await say(people[0], task, "Bene.", reply=second["comment"]["id"])

    assert [one["comment"]["replyTo"] for one in (second, third)] == [{"id": first["comment"]["id"]}] * 2


@pytest.mark.parametrize(
    ("asked", "code", "path"),
    [
        pytest.param({"body": " \u200b "}, "BAD_USER_INPUT", ["body"], id="nothing"),
        pytest.param({"body": "x" * 10_001}, "TEXT_TOO_LONG", ["body"], id="too much"),
        pytest.param({"body": "@[opr_nobody]"}, "UNKNOWN_OPERATOR", ["body"], id="an unknown operator"),
        pytest.param(
            {"body": " ".join(f"@[opr_{n}]" for n in range(21))},
            "BAD_USER_INPUT",
            ["body"],
            id="many operators",
        ),
        pytest.param({"reply": "cmt_nothing"}, "UNKNOWN_COMMENT", ["replyToId"], id="a reply to nothing"),
        pytest.param({"subject": "tsk_nothing"}, "UNKNOWN_SUBJECT", ["subjectId"], id="no such task"),
        pytest.param({"subject": "opr_1"}, "UNKNOWN_SUBJECT", ["subjectId"], id="no task"),
    ],
)
async def test_an_impossible_comment_is_a_problem_and_leaves_no_trace(
    execute, people, task, asked, code, path
):
    answer = await execute(ADD, people[0], **{"subject": task.id, "body": "Firmato?", **asked})

    assert answer.errors is None
    assert answer.data["addComment"]["problems"] == [{"code": code, "path": path}]
    assert await models.Comment.all().count() == await models.Event.all().count() == 0


async def test_a_reply_to_a_comment_on_something_else_is_refused(people, tree, task, say):
    elsewhere = await say(people[0], tree.parent, "Firmato?")

    payload = await say(people[0], task, "Lunedì.", reply=elsewhere["comment"]["id"])

    assert payload["problems"] == [{"code": "UNKNOWN_COMMENT", "path": ["replyToId"]}]


async def test_a_repeated_request_makes_one_comment(execute, people, task):
    asked = {"subject": task.id, "body": "Firmato?", "key": "uno"}

    answers = await asyncio.gather(*(execute(ADD, people[0], **asked) for _ in range(4)))

    assert len({answer.data["addComment"]["comment"]["id"] for answer in answers}) == 1
    assert await models.Comment.all().count() == 1


async def test_an_author_rewords_a_comment_and_the_log_keeps_both(execute, people, task, say):
    comment = (await say(people[0], task, "Firmato?"))["comment"]

    answer = await execute(
        EDIT, people[0], id=comment["id"], body=f"@[{people[1].actor}] firmato?", version=1
    )

    reworded = answer.data["editComment"]["comment"]
    assert (reworded["mentions"], reworded["editedAt"], reworded["version"]) == (
        [{"name": "Luca"}],
        NOW.isoformat(),
        2,
    )
    edited = await models.Event.get(kind="COMMENT_EDITED")
    assert (edited.before["body"], edited.after["body"]) == ("Firmato?", reworded["body"])


async def test_a_stale_rewording_shows_both_texts(execute, people, task, say):
    comment = (await say(people[0], task, "Firmato?"))["comment"]
    await execute(EDIT, people[0], id=comment["id"], body="Firmato!")

    answer = await execute(EDIT, people[0], id=comment["id"], body="Inviato?", version=1)

    [problem] = answer.data["editComment"]["problems"]
    changes = {change["field"]: (change["before"], change["after"]) for change in problem["changes"]}
    assert (problem["code"], changes["body"]) == ("CONFLICT", ("Firmato?", "Firmato!"))


async def test_only_the_author_rewords_or_removes_a_comment(execute, people, task, say):
    comment = (await say(people[0], task, "Firmato?"))["comment"]

    edited = await execute(EDIT, people[1], id=comment["id"], body="Inviato?")
    deleted = await execute(DELETE, people[1], id=comment["id"])

    refused = [{"code": "NOT_YOURS", "path": ["commentId"]}]
    assert edited.data["editComment"]["problems"] == deleted.data["deleteComment"]["problems"] == refused
    assert (await models.Comment.get(id=comment["id"])).body == "Firmato?"


async def test_a_removed_comment_leaves_a_trace_without_its_text(execute, people, task, say, ask):
    comment = (await say(people[0], task, "Password: tramonto"))["comment"]
    await execute(EDIT, people[0], id=comment["id"], body="La password è alba")

    answer = await execute(DELETE, people[0], id=comment["id"])

    left = answer.data["deleteComment"]["comment"]
    assert (left["body"], left["author"], left["deletedAt"]) == ("", {"name": "Giulia"}, NOW.isoformat())
    events = await models.Event.filter(entity_id=comment["id"]).order_by("seq")
    assert [event.kind for event in events] == ["COMMENT_ADDED", "COMMENT_EDITED", "COMMENT_REMOVED"]
    assert (events[-1].before["body"], events[-1].after["body"]) == (None, "")
    log = json.dumps(await models.Event.all().values("before", "stored_after", "consequences"))
    assert "tramonto" not in log
    assert "alba" not in log
    assert (await ask(READ, id=task.id))["node"]["commentCount"] == 0


async def test_a_removed_comment_is_removed_once_and_cannot_be_reworded(execute, people, task, say):
    comment = (await say(people[0], task, "Firmato?"))["comment"]
    await execute(DELETE, people[0], id=comment["id"])

    again = await execute(DELETE, people[0], id=comment["id"])
    edited = await execute(EDIT, people[0], id=comment["id"], body="Inviato?")

    assert again.data["deleteComment"]["problems"] == []
    assert await models.Event.all().count() == 2
    assert edited.data["editComment"]["problems"] == [{"code": "COMMENT_REMOVED", "path": ["commentId"]}]


async def test_people_comment_on_a_cancelled_ticket_too(people, tree, say):
    await models.Ticket.all().update(status="CANCELLED")

    payload = await say(people[0], tree.parent, "Perché?")

    assert payload["problems"] == []


@pytest.mark.parametrize("number", [1, 6])
async def test_the_comments_of_a_tree_take_seven_statements_however_many_there_are(
    people, tree, say, ask, statements, number
):
    for task in await models.Task.all():
        for _ in range(number):
            first = await say(people[0], task, f"@[{people[1].actor}] firmato?")
            await say(people[1], task, "Lunedì.", reply=first["comment"]["id"])
    statements.clear()

    tasks = (await ask(TREE, id=tree.parent.id))["ticket"]["milestones"][0]["tasks"]

    assert [len(task["comments"]["nodes"]) for task in tasks] == [min(5, 2 * number)] * 4
    assert tasks[0]["comments"]["nodes"][1]["replyTo"]["body"] == tasks[0]["comments"]["nodes"][0]["body"]
    assert len(statements) == 7
