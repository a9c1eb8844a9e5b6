"""The stored facts always say what the rows say, and the log names every row that they change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from models import Event, Milestone, Stream, Task, Ticket, TicketLine
from server.wiring import open_hub
from services.planning.calendar import WorkCalendar
from services.tickets import workflow
from services.tickets.facts import Difference, FactsKeeper
from tests.support.hub import SteppedClock, add_operator, complete_all, hub_over, settings_for
from tests.support.naive_facts import naive_facts, stored_facts
from tests.support.random_work import RandomWork


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed {seed}") for seed in (5, 48, 71)])
async def test_after_any_work_the_stored_facts_equal_a_naive_evaluation(hub_url, sandbox, seed):
    clock = SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock, time_limit=0.3) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        work = RandomWork(hub, sandbox, clock, [giulia], seed)

        for _ in range(10):
            await work.do(15)

            assert await stored_facts() == await naive_facts()
        assert [one async for one in hub.facts.rebuild(hub.events)] == []


async def test_a_task_that_becomes_ready_is_named_with_what_made_it_so(hub, giulia, parent):
    first, second, *_ = await Task.filter(ticket_id=parent.id).order_by("position")

    await workflow.complete_task(first.id, actor=giulia.id, events=hub.events)

    last = await Event.filter(stream_id=parent.id).order_by("-seq").first()
    assert last.consequences == {first.id: {"ready": False}, second.id: {"ready": True}}
    assert (await Task.get(id=second.id)).version == second.version


async def test_a_milestone_that_unblocks_another_names_it_and_its_tasks(hub, giulia, children):
    first, second, *_ = await Milestone.filter(ticket_id=children[0].id).order_by("position")

    for task in await Task.filter(milestone_id=first.id).order_by("position"):
        await workflow.complete_task(task.id, actor=giulia.id, events=hub.events)

    last = await Event.filter(stream_id=children[0].tree_id).order_by("-seq").first()
    opened = await Task.filter(milestone_id=second.id).order_by("position")
    assert last.consequences == {
        task.id: {"ready": False},
        second.id: {"blocked": False},
        opened[0].id: {"blocked": False, "ready": True},
        **{one.id: {"blocked": False} for one in opened[1:]},
    }


async def test_a_cancelled_milestone_names_the_tasks_whose_light_goes_out(hub, giulia, children):
    milestone = await Milestone.get(ticket_id=children[0].id, position=2)

    await workflow.cancel_milestone(milestone.id, "Non richiesta", actor=giulia.id, events=hub.events)

    last = await Event.filter(stream_id=children[0].tree_id).order_by("-seq").first()
    tasks = await Task.filter(milestone_id=milestone.id)
    assert {task.yellow_on for task in tasks} == {None}
    assert {task.id for task in tasks} < last.consequences.keys()


async def test_work_in_a_milestone_is_a_change_of_its_ticket_and_of_no_other_row(hub_url, sandbox):
    clock = SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        imported = await hub.intake.import_activity(845155, actor=giulia.id)
        task, *others = await Task.filter(ticket_id=imported.ticket_id).order_by("position")
        clock.advance(hours=1)

        await workflow.complete_task(task.id, actor=giulia.id, events=hub.events)

        changed = [await Task.get(id=task.id), await Milestone.get(), await Ticket.get()]
        assert {row.updated_at for row in changed} == {clock.now}
        untouched = await Task.filter(id__in=[one.id for one in others])
        assert {row.updated_at for row in untouched} == {others[0].updated_at} != {clock.now}


async def test_a_rebuild_mends_what_was_wrong_and_says_what(hub, giulia, parent):
    await complete_all(hub, parent.id, actor=giulia.id)
    right = await stored_facts()
    task = await Task.filter(ticket_id=parent.id).first()
    await Task.filter(id=task.id).update(ready=True)
    await Ticket.filter(id=parent.id).update(
        finished_task_count=1, updated_at=datetime(2020, 1, 1, tzinfo=UTC)
    )

    found = [one async for one in hub.facts.rebuild(hub.events)]

    assert Difference("Task", task.id, "ready", True, False) in found
    assert {(one.entity, one.column) for one in found} == {
        ("Task", "ready"),
        ("Ticket", "finished_task_count"),
        ("Ticket", "updated_at"),
    }
    assert await stored_facts() == right
    last = await Event.filter(stream_id=parent.id).order_by("-seq").first()
    assert (last.kind, last.entity_id) == ("FACTS_REBUILT", parent.id)
    assert last.consequences == {task.id: {"ready": False}}


async def test_a_rebuild_finds_lines_that_are_wrong_about_their_child(hub, parent, children):
    right = await stored_facts()
    line = await TicketLine.filter(tree_id=parent.id).first()
    await TicketLine.filter(id=line.id).update(awaits_child=not line.awaits_child)

    found = [one async for one in hub.facts.rebuild(hub.events)]

    assert found == [
        Difference("TicketLine", line.id, "awaits_child", not line.awaits_child, line.awaits_child)
    ]
    assert await stored_facts() == right
    last = await Event.filter(stream_id=parent.id).order_by("-seq").first()
    assert (last.kind, last.entity_id, last.consequences) == ("FACTS_REBUILT", parent.id, None)


async def test_a_rebuild_that_finds_nothing_writes_nothing(hub, parent):
    seq = (await Stream.get(id=parent.id)).seq

    found = [one async for one in hub.facts.rebuild(hub.events)]

    assert found == []
    assert (await Stream.get(id=parent.id)).seq == seq


async def test_facts_of_another_calendar_are_computed_again_once(hub, parent):
    germany = FactsKeeper(WorkCalendar(ZoneInfo("Europe/Berlin"), "DE"))
    await Task.filter(ticket_id=parent.id).update(due_on=date(2026, 12, 8))

    first = [one async for one in germany.rebuild(hub.events, outdated=True)]
    second = [one async for one in germany.rebuild(hub.events, outdated=True)]

    assert {one.column for one in first if one.entity == "Task"} >= {"yellow_on"}
    assert second == []


async def test_a_start_rebuilds_the_facts_of_an_earlier_version_and_says_so(hub, hub_url, sandbox, parent):
    right = await stored_facts()
    await Ticket.filter(id=parent.id).update(facts_basis="an earlier version", task_count=7)

    with capture_logs() as first_start:
        async with open_hub(settings_for(hub_url, sandbox)):
            rebuilt = await stored_facts()
    with capture_logs() as second_start:
        async with open_hub(settings_for(hub_url, sandbox)):
            pass

    assert rebuilt == right
    assert "facts_rebuilt" in [entry["event"] for entry in first_start]
    assert "facts_rebuilt" not in [entry["event"] for entry in second_start]
