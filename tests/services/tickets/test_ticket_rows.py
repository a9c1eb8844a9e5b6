"""The rows of a ticket: read with one statement, and shared within a change as long as they are current."""

import pytest

from models import Milestone, Task, Ticket
from models.transaction import transaction
from services.events import Broadcast, EventLog, EventType
from services.tickets.ticket_rows import read_ticket, take_in_hand
from tests.support import factories
from tests.support.factories import NOW


@pytest.fixture
def events(db):
    return EventLog(clock=lambda: NOW, broadcast=Broadcast(), followers=[factories.keeper().follow])


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=1, milestones=2, tasks=3)
    await factories.store_facts()
    return tree


def columns(rows):
    return [{name: getattr(row, name) for name in type(row)._meta.fields_db_projection} for row in rows]


async def test_they_are_the_rows_that_single_statements_read(tree):
    ticket_id = tree.children[0].id
    async with transaction():
        rows = await read_ticket(ticket_id)

    milestones = await Milestone.filter(ticket_id=ticket_id).order_by("position")
    tasks = [await Task.filter(milestone_id=one.id).order_by("position") for one in milestones]
    assert columns([rows.ticket]) == columns([await Ticket.get(id=ticket_id)])
    assert columns(rows.milestones) == columns(milestones)
    assert [columns(rows.tasks[one.id]) for one in milestones] == [columns(some) for some in tasks]


async def finish_by_another_object(events, task):
    """Change a row that is at hand by another object that stands for it. Return how many tasks count as finished."""
    async with events.change(task.tree_id, actor="test") as change:
        await take_in_hand(change, task.ticket_id)
        other = await Task.get(id=task.id)
        await change.update(other, kind=EventType.TASK_DONE, status="DONE", finished_at=NOW)
    return (await Milestone.get(id=task.milestone_id)).finished_task_count


async def test_rows_at_hand_are_read_again_when_another_object_of_one_was_changed(events, tree):
    task = await Task.filter(ticket_id=tree.children[0].id).first()

    assert await finish_by_another_object(events, task) == 1


async def test_control_rows_at_hand_that_are_trusted_blindly_give_wrong_facts(events, tree, monkeypatch):
    monkeypatch.setattr("services.tickets.facts.in_hand", lambda change, ticket: change.at_hand.get(ticket))
    task = await Task.filter(ticket_id=tree.children[0].id).first()

    assert await finish_by_another_object(events, task) == 0
