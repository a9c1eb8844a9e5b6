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
    KpiDay,
    Milestone,
    Opportunity,
    Stream,
    Task,
    Ticket,
    TicketLine,
    migrations,
)
from models.database import WRITES
from models.kpis import OPEN_END
from tests.support import factories
from tests.support.factories import NOW

checklists = import_module("models.migrations.0033_checklist_entry_ids")
enumerations = import_module("models.migrations.0027_words_that_are_enumerations")
finish_history = import_module("models.migrations.0038_finish_history")
words_of_notes = import_module("models.migrations.0041_reasons_of_dates_and_words_of_notes")
kinds_of_past_tickets = import_module("models.migrations.0050_kinds_of_past_tickets")
lines_that_await = import_module("models.migrations.0049_lines_that_await_a_child")
item_reasons = import_module("models.migrations.0040_item_reasons")
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
    reported = await Task.filter(ticket_id=tree.parent.id).order_by("position").first()
    await factories.save(factories.event(stream, seq=1, entity_id=reported.id))

    await factories.store_facts(outdated=True)

    task = await Task.get(id=reported.id)
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
    reported = {"title": "Firma", "checklist": entries}
    await factories.save(
        factories.event(stream, seq=1, entity_id=first.id, kind="TASK_CREATED", stored_after=reported)
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


async def test_what_was_finished_before_gets_its_history_from_the_log(db):
    tree = await factories.save_tree(children=0)
    [task, *_] = await Task.filter(ticket_id=tree.parent.id).order_by("position")
    milestone = await Milestone.get(ticket_id=tree.parent.id)
    stream = await Stream.create(id=tree.parent.id, seq=9)
    first, last = "2026-11-20T09:30:00+00:00", "2026-11-22T09:30:00+00:00"
    told = [
        ("Ticket", tree.parent.id, {"status": "OPEN", "owner_id": "opr_1"}),
        ("Milestone", milestone.id, {"status": "PLANNED", "ticket_id": tree.parent.id}),
        ("Task", task.id, {"status": "TODO", "assignee_id": "opr_2", "ticket_id": tree.parent.id}),
        ("Task", task.id, {"status": "DONE", "finished_at": first}),
        ("Milestone", milestone.id, {"status": "COMPLETED", "completed_at": first}),
        ("Task", task.id, {"status": "TODO", "finished_at": None}),
        ("Milestone", milestone.id, {"status": "PLANNED", "completed_at": None}),
        ("Task", task.id, {"assignee_id": "opr_3"}),
        ("Task", task.id, {"status": "DONE", "finished_at": last}),
    ]
    await factories.save(
        *(
            factories.event(stream, seq=n, entity=entity, entity_id=row_id, stored_after=after)
            for n, (entity, row_id, after) in enumerate(told, 1)
        )
    )
    [fold] = [one for one in finish_history.Migration.operations if isinstance(one, RunPython)]
    connection = get_connection(WRITES)

    await fold.code(None, SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect))

    task, milestone = await Task.get(id=task.id), await Milestone.get(id=milestone.id)
    assert (task.first_finished_at.isoformat(), task.reopened_count, task.finished_owner_id) == (
        first,
        1,
        "opr_3",
    )
    assert (milestone.first_completed_at.isoformat(), milestone.reopened_count) == (first, 1)
    assert milestone.finished_owner_id == "opr_1"
    assert (await Ticket.get(id=tree.parent.id)).finished_owner_id is None


async def test_items_that_were_there_say_why_where_that_is_certain(db):
    action = await Action.create(kind="SYNC_OPPORTUNITIES", status="WAITING", item_count=9, created_at=NOW)
    told = {
        "UP_TO_DATE": ("UNCHANGED", None, None),
        "ALREADY_THERE": ("ADOPTED", None, None),
        "ITS_CODE": ("ADOPTED", "Recognised by the code that it carries.", None),
        "FOUND_TWICE": (
            "NEEDS_ATTENTION",
            "The CRM holds this more than once: 4711, 4712.",
            "NEEDS_ATTENTION",
        ),
        "STOPPED": ("CANCELLED", "Cancelled by an operator.", None),
        "CRM_FORBIDDEN": ("FAILED", "POST /Opportunity was refused.", "CRM_FORBIDDEN"),
        "CRM_UNAVAILABLE": (None, "POST /Opportunity could not connect.", "CRM_UNAVAILABLE"),
        None: ("NEEDS_ATTENTION", "Words that no version is known to have written.", None),
        "": ("CREATED", None, "CREATED"),
    }
    for position, (outcome, explanation, result) in enumerate(told.values(), start=1):
        item = await ActionItem.create(
            action_id=action.id,
            position=position,
            lane="",
            kind="SYNC_OPPORTUNITY",
            key=str(position),
            reference="",
            label="Formazione",
            state="FINISHED",
            outcome=outcome,
            explanation=explanation,
            next_try_at=NOW,
            created_at=NOW,
        )
        if result:
            await ActionAttempt.create(
                item_id=item.id, number=1, step="CALL", started_at=NOW, result="ABSENT"
            )
            await ActionAttempt.create(item_id=item.id, number=2, step="CALL", started_at=NOW, result=result)

    await run_words_of(item_reasons)

    stored = await ActionItem.all().order_by("position").values_list("reason", flat=True)
    assert stored == [reason or None for reason in told]


async def test_notes_that_were_there_are_found_by_their_words(db):
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    await Ticket.filter(id=tree.parent.id).update(notes="Perché? " * 50, search_notes="")
    [fill] = [one for one in words_of_notes.Migration.operations if isinstance(one, RunPython)]
    connection = get_connection(WRITES)

    await fill.code(None, SimpleNamespace(client=connection, DIALECT=connection.capabilities.dialect))

    keys = await Ticket.all().order_by("id").values_list("search_notes", flat=True)
    assert sorted(keys) == ["", " ".join(["perche"] * 50)]


async def test_lines_that_were_there_await_a_child_if_they_have_none(db):
    tree = await factories.save_tree(children=2)
    await Opportunity.filter(child_ticket_id=tree.children[1].id).update(child_ticket_id=None)
    await TicketLine.all().update(awaits_child=True)

    await run_words_of(lines_that_await)

    assert await TicketLine.all().order_by("position").values_list("awaits_child", flat=True) == [False, True]


async def test_days_that_were_kept_get_the_kind_of_their_tickets(db):
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    kept = {"source_id": tree.parent.id, "since_on": date(2026, 11, 2), "until_on": OPEN_END}
    for entity, row in (("Ticket", tree.parent), ("Ticket", tree.children[0]), ("Task", await Task.first())):
        await KpiDay.create(entity=entity, row_id=row.id, **kept)

    await run_words_of(kinds_of_past_tickets)

    assert await KpiDay.all().order_by("id").values_list("kind", flat=True) == ["PARENT", "CHILD", None]


async def run_words_of(migration):
    [run] = [one for one in migration.Migration.operations if isinstance(one, RunSQL)]
    for statement in [run.sql] if isinstance(run.sql, str) else run.sql:
        await get_connection(WRITES).execute_query(statement)
