"""The state that a tree is read in has a name, and the answer of a mutation shows what it changed.

`LIVE_RACES=10000` makes the race of reads and writes the long form.
"""

import asyncio
import os
from contextlib import suppress

import pytest

from models import Event, Milestone, Task
from resolvers.reads import operation
from services.tickets import workflow
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.live_trees import (
    GROUPS,
    ROWS,
    TREE,
    event_log,
    rows_of_groups,
    rows_of_tree,
    save_live_tree,
)
from tests.support.tree_reads import reading_without_a_transaction

RACES = int(os.environ.get("LIVE_RACES", "60"))

COMPLETE = f"""mutation($id: ID!) {{
  completeTask(taskId: $id) {{ treeSeq changed {{ {GROUPS} }} problems {{ code }} }} }} {ROWS}"""
START_TWICE = """mutation($id: ID!) {
  first: startTask(taskId: $id) { treeSeq changed { tasks { id } } }
  second: startTask(taskId: $id) { treeSeq changed { tasks { id } tickets { id } } } }"""


@pytest.fixture
def context():
    return context_for(Role.OPERATOR, events=event_log())


async def last_event(tree):
    return await Event.filter(stream_id=tree.parent.id).order_by("-seq").first()


async def test_a_tree_names_the_last_event_that_it_contains(ask):
    tree = await save_live_tree()
    last = await last_event(tree)

    of_parent = (await ask(TREE, id=tree.parent.id))["ticket"]
    of_child = (await ask(TREE, id=tree.children[0].id))["ticket"]

    assert (of_parent["treeSeq"], of_parent["treeCursor"]) == (last.seq, last.id)
    assert (of_child["treeSeq"], of_child["treeCursor"]) == (last.seq, last.id)


async def test_naming_the_state_takes_no_statement_of_its_own(ask, statements):
    tree = await save_live_tree()
    statements.clear()

    await ask("query($id: ID!) { ticket(id: $id) { treeSeq treeCursor } }", id=tree.parent.id)

    assert len(statements) == 1


async def test_the_answer_shows_every_row_that_reads_differently_now(ask):
    tree = await save_live_tree(children=2, milestones=2, tasks=1)
    first = await Milestone.filter(ticket_id=tree.children[0].id).order_by("position").first()
    task = await Task.get(milestone_id=first.id)
    before = rows_of_tree((await ask(TREE, id=tree.parent.id))["ticket"])

    answer = (await ask(COMPLETE, id=task.id))["completeTask"]
    after = (await ask(TREE, id=tree.parent.id))["ticket"]

    changed = rows_of_groups(answer["changed"])
    differing = {row_id for row_id, row in rows_of_tree(after).items() if before[row_id] != row}
    assert answer["treeSeq"] == after["treeSeq"]
    assert differing <= changed.keys()
    assert changed == {row_id: rows_of_tree(after)[row_id] for row_id in changed}
    # The task, its milestone, child and parent; the milestone that was blocked, and its task; the child's opportunity.
    assert len(differing) == 6
    assert len(changed) == 7


async def test_a_press_that_changes_nothing_names_the_state_as_it_is(ask):
    tree = await save_live_tree()
    task = await Task.filter(ticket_id=tree.parent.id).first()

    answer = await ask(START_TWICE, id=task.id)

    assert answer["first"]["changed"] == {"tasks": [{"id": task.id}]}
    assert answer["second"] == {
        "treeSeq": answer["first"]["treeSeq"],
        "changed": {"tasks": [], "tickets": []},
    }


async def test_a_refused_mutation_changes_nothing_and_names_no_state(ask):
    await save_live_tree()

    answer = (await ask(COMPLETE, id="tsk_01h455vb4pex5vsknk084sn02q"))["completeTask"]

    assert answer == {"treeSeq": None, "changed": None, "problems": [{"code": "UNKNOWN_TASK"}]}


async def test_what_is_not_selected_is_not_read(ask, statements):
    tree = await save_live_tree()
    task = await Task.filter(ticket_id=tree.children[0].id).first()
    statements.clear()

    await ask("mutation($id: ID!) { startTask(taskId: $id) { treeSeq problems { code } } }", id=task.id)
    without = len(statements)
    await ask("mutation($id: ID!) { completeTask(taskId: $id) { changed { tasks { id } } } }", id=task.id)

    assert without == 0
    # What the task, its milestone and its ticket belong to; the tasks.
    assert len(statements) == 4


async def unlike_its_seq(ask, count):
    """Of so many reads of a tree, the first in which a row is older or newer than the `treeSeq` beside it: the `seq`,
    and the version that is shown and that the log tells."""
    tree = await save_live_tree(children=0)
    log = event_log()
    [task, *_] = await Task.filter(ticket_id=tree.parent.id).order_by("id")

    async def write():
        while True:
            await workflow.complete_task(task.id, actor="test", events=log)
            await workflow.reopen_task(task.id, None, actor="test", events=log)

    writer = asyncio.create_task(write())
    found = None
    while count and found is None:
        ticket = (await ask(TREE, id=tree.parent.id))["ticket"]
        shown = ticket["milestones"][0]["tasks"][0]["version"]
        before = Event.filter(entity_id=task.id, seq__lte=ticket["treeSeq"], entity="Task")
        last = await before.order_by("-seq").first()
        if last is not None and shown != last.after["version"]:
            found = ticket["treeSeq"], shown, last.after["version"]
        count -= 1
    writer.cancel()
    with suppress(asyncio.CancelledError):
        await writer
    return found


# The long form takes longer than a test usually may.
@pytest.mark.timeout(600 + RACES)
async def test_no_row_is_older_or_newer_than_the_seq_beside_it(ask):
    assert await unlike_its_seq(ask, RACES) is None


async def test_control_without_the_read_transaction_rows_are_older_than_their_seq(ask, monkeypatch):
    monkeypatch.setattr(operation, "reading", reading_without_a_transaction)

    assert await unlike_its_seq(ask, 5000) is not None
