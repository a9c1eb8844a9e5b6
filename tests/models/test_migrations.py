"""Migrations meet tables that hold rows already."""

from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace

import pytest
from tortoise.connection import get_connection
from tortoise.migrations.operations import AddField, RunPython, RunSQL

from models import (
    Action,
    ActionAttempt,
    ActionItem,
    Company,
    Event,
    Milestone,
    Opportunity,
    Stream,
    Task,
    Ticket,
    migrations,
)
from models.database import WRITES
from tests.support import factories
from tests.support.factories import NOW

checklists = import_module("models.migrations.0033_checklist_entry_ids")
enumerations = import_module("models.migrations.0027_words_that_are_enumerations")
reasons_apart = import_module("models.migrations.0019_reasons_apart")
serial = import_module("models.migrations.0034_serial")
sort_keys = import_module("models.migrations.0025_sort_keys")
stored_facts = import_module("models.migrations.0028_stored_facts")


def test_every_column_that_was_added_has_a_value_for_the_rows_that_were_there():
    modules = [
        import_module(f"{migrations.__name__}.{one.name}") for one in iter_modules(migrations.__path__)
    ]
    added = [
        operation
        for module in modules
        for operation in module.Migration.operations
        if isinstance(operation, AddField)
    ]

    assert len(added) > 10
    assert [one.name for one in added if not one.field.null and not one.field.has_db_default()] == []


@pytest.mark.parametrize(
    ("status", "kinds", "column"),
    [
        pytest.param(
            "SKIPPED", ["TASK_WAIVED", "TASK_SKIPPED"], "skipped_reason", id="skipped after it was waived"
        ),
        pytest.param("TODO", ["TASK_WAIVED"], "waived_reason", id="waived"),
        pytest.param("DONE", ["TASK_TODO"], "reopened_reason", id="reopened"),
    ],
)
async def test_the_reason_of_a_task_moves_to_the_column_of_its_meaning(db, status, kinds, column):
    tree = await factories.save_tree(children=0, milestones=1, tasks=1)
    task = await Task.get(ticket_id=tree.parent.id, position=1)
    await Task.filter(id=task.id).update(status=status, skipped_reason="Non serve")
    await Stream.create(id=tree.parent.id)
    await factories.save(
        *(
            factories.event(tree.parent, seq=n, entity_id=task.id, kind=kind)
            for n, kind in enumerate(kinds, 1)
        )
    )
    [apart] = [one for one in reasons_apart.Migration.operations if isinstance(one, RunSQL)]

    for statement in apart.sql:
        await get_connection(WRITES).execute_query(statement)

    moved = await Task.get(id=task.id)
    reasons = {name: getattr(moved, name) for name in ("skipped_reason", "waived_reason", "reopened_reason")}
    assert {name: reason for name, reason in reasons.items() if reason} == {column: "Non serve"}


async def test_rows_that_were_there_get_their_sort_keys(db):
    tree = await factories.save_tree(children=1)
    await Company.filter(id=tree.parent.company_id).update(name="D'Àmico S.p.A.", sort_name="")
    await Opportunity.all().update(title="  Perché no?", sort_title="")
    [fill] = [one for one in sort_keys.Migration.operations if isinstance(one, RunPython)]
    connection = get_connection(WRITES)

    await fill.code(None, SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect))

    assert await Company.all().values_list("sort_name", flat=True) == ["damico spa"]
    assert await Opportunity.all().values_list("sort_title", flat=True) == ["perche no"]


async def test_words_that_were_renamed_are_renamed_where_they_are_stored(db):
    tree = await factories.save_tree(children=0, milestones=1, tasks=1)
    await Stream.create(id=tree.parent.id)
    kinds = ["SHADOW_WELL", "TASK_DONE"]
    await factories.save(
        *(
            factories.event(tree.parent, seq=n, entity_id=tree.parent.id, kind=kind)
            for n, kind in enumerate(kinds)
        )
    )
    action = await Action.create(kind="SYNC_OPPORTUNITIES", status="COMPLETED", item_count=1, created_at=NOW)
    item = await ActionItem.create(
        action_id=action.id,
        position=1,
        lane="",
        kind="OPPORTUNITY",
        key="4711",
        reference="",
        label="Formazione",
        state="FINISHED",
        next_try_at=NOW,
        created_at=NOW,
    )
    for number, result in enumerate(["CrmForbidden", "KeyError", "CREATED"]):
        await ActionAttempt.create(item_id=item.id, number=number, step="TALK", started_at=NOW, result=result)
    [rename] = [one for one in enumerations.Migration.operations if isinstance(one, RunSQL)]

    for statement in rename.sql:
        await get_connection(WRITES).execute_query(statement)

    assert await Event.all().order_by("seq").values_list("kind", flat=True) == ["SHADOW_IN_SYNC", "TASK_DONE"]
    assert await ActionItem.all().values_list("kind", flat=True) == ["SYNC_OPPORTUNITY"]
    assert await ActionAttempt.all().order_by("number").values_list("step", "result") == [
        ("CALL", "CRM_FORBIDDEN"),
        ("CALL", "INTERNAL_ERROR"),
        ("CALL", "CREATED"),
    ]


async def test_a_column_that_was_renamed_is_renamed_in_the_events_that_were_there(db):
    tree = await factories.save_tree(children=0, milestones=1, tasks=1)
    await Stream.create(id=tree.parent.id)
    written = [
        (None, {"digits": "5155", "title": 'Un "digits": nel titolo'}),
        (None, {"id": tree.parent.id, "digits": None}),
        ({"title": "a"}, {"title": "b"}),
        ({"digits": "5155"}, None),
    ]
    await factories.save(
        *(
            factories.event(tree.parent, seq=n, entity="Ticket", before=before, stored_after=after)
            for n, (before, after) in enumerate(written)
        )
    )
    [rename] = [one for one in serial.Migration.operations if isinstance(one, RunPython)]
    connection = get_connection(WRITES)

    await rename.code(None, SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect))

    assert await Event.all().order_by("seq").values_list("before", "stored_after") == [
        (None, {"serial": "5155", "title": 'Un "digits": nel titolo'}),
        (None, {"id": tree.parent.id, "serial": None}),
        ({"title": "a"}, {"title": "b"}),
        ({"serial": "5155"}, None),
    ]


async def test_titles_that_were_there_get_their_sort_keys(db):
    await factories.save_tree(children=1)
    for model in (Ticket, Milestone, Task):
        await model.all().update(title="  Perché no?", sort_title="")
    [fill] = [one for one in stored_facts.Migration.operations if isinstance(one, RunPython)]
    connection = get_connection(WRITES)

    await fill.code(None, SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect))

    for model in (Ticket, Milestone, Task):
        assert set(await model.all().values_list("sort_title", flat=True)) == {"perche no"}


async def test_rows_that_were_there_get_their_facts_at_the_next_start(db):
    tree = await factories.save_tree(children=1)
    stream = await Stream.create(id=tree.parent.id, seq=1)
    told = await Task.filter(ticket_id=tree.parent.id).order_by("position").first()
    await factories.save(factories.event(stream, seq=1, entity_id=told.id))

    await factories.store_facts(outdated=True)

    task = await Task.get(id=told.id)
    assert (task.ready, task.yellow_on, task.urgency) == (True, date(2026, 11, 20), 2)
    parent = await Ticket.get(id=tree.parent.id)
    assert {task.updated_at, parent.updated_at} == {factories.NOW}
    assert (parent.task_count, parent.red_on) == (4, date(2026, 11, 27))


async def test_the_entries_of_checklists_get_ids_in_their_rows_and_in_the_log(db):
    tree = await factories.save_tree(children=0)
    [first, *_] = await Task.filter(ticket_id=tree.parent.id).order_by("position")
    entries = [{"text": "Visura", "done": True}, {"text": "Perché?", "done": False}]
    await Task.filter(id=first.id).update(checklist=entries)
    stream = await Stream.create(id=tree.parent.id, seq=1)
    told = {"title": "Firma", "checklist": entries}
    await factories.save(
        factories.event(stream, seq=1, entity_id=first.id, kind="TASK_CREATED", stored_after=told)
    )
    [name] = checklists.Migration.operations
    connection = get_connection(WRITES)
    state = SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect)

    await name.code(None, state)

    named = (await Task.get(id=first.id)).checklist
    assert [{**entry, "id": None} for entry in named] == [{**entry, "id": None} for entry in entries]
    assert len({entry["id"] for entry in named}) == 2
    event = await Event.get(entity_id=first.id)
    assert event.stored_after == {"title": "Firma", "checklist": named}
