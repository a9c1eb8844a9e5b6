"""Work that is done closes what lies above it, once, and tells why; work that is reopened opens it again."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from models import Event, Milestone, Task, Ticket
from services import milestones
from services.errors import Refusal
from services.tickets import cancel_ticket
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus
from tests.hub import SteppedClock, add_operator, complete_all, dump, hub_over, take_in


@pytest.fixture
async def tasks(parent):
    """The four onboarding tasks, in order."""
    return await Task.filter(ticket_id=parent.id).order_by("position")


@pytest.fixture
def work(hub, giulia):
    """The use cases as Giulia has them at hand: `work.complete_task(id)`."""

    class Work:
        def __getattr__(self, name):
            return lambda *given, **more: getattr(milestones, name)(
                *given, actor=giulia.id, events=hub.events, **more
            )

    return Work()


async def status(row):
    return (await type(row).get(id=row.id)).status


async def story(ticket, *kinds):
    """The kinds of the tree's events so far, or only those among `kinds`."""
    events = Event.filter(stream_id=ticket.tree_id).order_by("seq")
    return list(await (events.filter(kind__in=kinds) if kinds else events).values_list("kind", flat=True))


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


# The cascade


async def test_the_first_task_started_puts_milestone_and_ticket_in_progress(work, parent, tasks):
    await work.start_task(tasks[1].id)

    task = await Task.get(id=tasks[1].id)
    assert task.status == TaskStatus.IN_PROGRESS
    assert await status(parent) == TicketStatus.IN_PROGRESS
    milestone = await Milestone.get(ticket_id=parent.id)
    assert milestone.status == MilestoneStatus.IN_PROGRESS
    assert task.started_at == milestone.started_at == (await Ticket.get(id=parent.id)).started_at


async def test_a_task_may_be_done_before_those_in_front_of_it(work, parent, tasks):
    await work.complete_task(tasks[3].id)

    assert await status(tasks[3]) == TaskStatus.DONE
    assert await status(parent) == TicketStatus.IN_PROGRESS


async def test_a_milestone_that_waits_for_another_may_be_worked_on(work, children):
    last = await Milestone.filter(ticket_id=children[0].id).order_by("-position").first()
    task = await Task.filter(milestone_id=last.id).order_by("position").first()

    await work.complete_task(task.id)

    assert await status(task) == TaskStatus.DONE
    assert await status(last) == MilestoneStatus.IN_PROGRESS


async def test_the_last_task_completes_the_milestone_which_closes_the_ticket(
    hub, work, giulia, parent, tasks
):
    for task in tasks[:3]:
        await work.complete_task(task.id)
    assert await status(parent) == TicketStatus.IN_PROGRESS

    await work.complete_task(tasks[3].id)

    ticket = await Ticket.get(id=parent.id)
    milestone = await Milestone.get(ticket_id=parent.id)
    assert (milestone.status, ticket.status) == (MilestoneStatus.COMPLETED, TicketStatus.CLOSED)
    assert ticket.closed_at == ticket.first_closed_at == milestone.completed_at


async def test_every_automatic_change_names_what_caused_it_down_to_the_operator_s_own(
    work, giulia, parent, tasks
):
    for task in tasks:
        await work.complete_task(task.id)

    closed, completed, done = await Event.filter(stream_id=parent.id).order_by("-seq").limit(3)
    assert [closed.kind, completed.kind, done.kind] == ["TICKET_CLOSED", "MILESTONE_COMPLETED", "TASK_DONE"]
    assert (closed.cause, completed.cause, done.cause) == (completed.id, done.id, "request")
    assert {closed.actor, completed.actor, done.actor} == {giulia.id}
    assert {closed.change_id, completed.change_id} == {done.change_id}


async def test_children_do_not_keep_their_parent_open(hub, giulia, children, closed_parent):
    assert {child.status for child in children} == {TicketStatus.OPEN}
    assert await status(closed_parent) == TicketStatus.CLOSED


async def test_a_child_s_work_leaves_its_parent_and_its_siblings_alone(hub, giulia, children, closed_parent):
    before = await Ticket.get(id=closed_parent.id)

    await complete_all(hub, children[0].id, actor=giulia.id)

    assert await status(children[0]) == TicketStatus.CLOSED
    assert await status(children[1]) == TicketStatus.OPEN
    assert (await Ticket.get(id=closed_parent.id)).version == before.version


@pytest.mark.parametrize("use_case", ["start_task", "complete_task"])
async def test_a_press_repeated_writes_nothing(hub_url, work, tasks, use_case):
    await getattr(work, use_case)(tasks[0].id)
    before = dump(hub_url)

    await getattr(work, use_case)(tasks[0].id)

    assert dump(hub_url) == before


# Reopening


async def test_reopening_a_task_reopens_what_it_had_closed_and_the_first_close_stays_in_memory(
    hub, work, giulia, parent, tasks
):
    await complete_all(hub, parent.id, actor=giulia.id)
    first_close = (await Ticket.get(id=parent.id)).closed_at

    await work.reopen_task(tasks[1].id, "Manca una firma")

    task, ticket = await Task.get(id=tasks[1].id), await Ticket.get(id=parent.id)
    assert (task.status, task.finished_at, task.reason) == (TaskStatus.TODO, None, "Manca una firma")
    assert (ticket.status, ticket.closed_at) == (TicketStatus.IN_PROGRESS, None)
    assert ticket.first_closed_at == first_close
    assert await status(await Milestone.get(ticket_id=parent.id)) == MilestoneStatus.IN_PROGRESS
    assert await story(parent, "TICKET_CLOSED") == ["TICKET_CLOSED"]


async def test_a_ticket_closed_again_tells_both_closes(hub, work, giulia, parent, tasks):
    await complete_all(hub, parent.id, actor=giulia.id)
    await work.reopen_task(tasks[1].id, None)

    await work.complete_task(tasks[1].id)

    ticket = await Ticket.get(id=parent.id)
    assert ticket.status == TicketStatus.CLOSED
    assert ticket.first_closed_at < ticket.closed_at
    assert await story(parent, "TICKET_CLOSED") == ["TICKET_CLOSED"] * 2


# Two at once


async def test_two_operators_who_close_the_last_two_tasks_at_once_close_the_ticket_once(work, parent, tasks):
    for task in tasks[:2]:
        await work.complete_task(task.id)

    await asyncio.gather(*(work.complete_task(task.id) for task in tasks[2:]))

    assert await status(parent) == TicketStatus.CLOSED
    assert await story(parent, "TICKET_CLOSED", "MILESTONE_COMPLETED") == [
        "MILESTONE_COMPLETED",
        "TICKET_CLOSED",
    ]


async def test_ten_operators_who_close_one_task_at_once_close_it_once(work, parent, tasks):
    await asyncio.gather(*(work.complete_task(tasks[0].id) for _ in range(10)))

    assert await story(parent, "TASK_DONE") == ["TASK_DONE"]


async def test_two_processes_that_close_the_last_two_tasks_at_once_close_the_ticket_once(
    hub_url, sandbox, rivals, work, giulia, parent, tasks
):
    for task in tasks[:2]:
        await work.complete_task(task.id)

    await rivals.race(hub_url, sandbox, *(("complete", task.id, giulia.id) for task in tasks[2:]))

    assert await status(parent) == TicketStatus.CLOSED
    assert await story(parent, "TICKET_CLOSED", "MILESTONE_COMPLETED") == [
        "MILESTONE_COMPLETED",
        "TICKET_CLOSED",
    ]


async def test_reopening_one_task_while_another_process_closes_the_last_leaves_the_ticket_open(
    hub_url, sandbox, rivals, work, giulia, parent, tasks
):
    for task in tasks[:3]:
        await work.complete_task(task.id)

    await rivals.race(
        hub_url, sandbox, ("reopen", tasks[0].id, giulia.id), ("complete", tasks[3].id, giulia.id)
    )

    assert [await status(task) for task in tasks] == [TaskStatus.TODO, *[TaskStatus.DONE] * 3]
    assert await status(parent) == TicketStatus.IN_PROGRESS
    assert await status(await Milestone.get(ticket_id=parent.id)) == MilestoneStatus.IN_PROGRESS


async def test_a_change_of_something_that_was_changed_meanwhile_is_refused(work, hub_url, tasks):
    await work.start_task(tasks[0].id, expected_version=tasks[0].version)
    before = dump(hub_url)

    refusal = await refusal_of(work.complete_task(tasks[0].id, expected_version=tasks[0].version))

    assert (refusal.code, refusal.entity_id) == ("CONFLICT", tasks[0].id)
    assert dump(hub_url) == before


# Optional work


async def test_a_mandatory_task_is_not_skipped(work, hub_url, tasks):
    before = dump(hub_url)

    refusal = await refusal_of(work.skip_task(tasks[0].id, "Non serve"))

    assert refusal.code == "TASK_IS_MANDATORY"
    assert dump(hub_url) == before


async def test_a_mandatory_task_is_waived_with_a_reason_and_then_skipped(work, parent, tasks):
    await work.waive_task(tasks[0].id, "Incarico già predisposto dal cliente")
    waived = await Task.get(id=tasks[0].id)
    await work.skip_task(tasks[0].id, None)
    for task in tasks[1:]:
        await work.complete_task(task.id)

    assert (waived.mandatory, waived.status) == (False, TaskStatus.TODO)
    assert waived.reason == "Incarico già predisposto dal cliente"
    assert await status(tasks[0]) == TaskStatus.SKIPPED
    assert await status(parent) == TicketStatus.CLOSED


@pytest.mark.parametrize(
    "reason",
    [pytest.param(None, id="none"), pytest.param("", id="empty"), pytest.param("  ", id="blank")],
)
async def test_waiving_needs_a_reason(work, tasks, reason):
    refusal = await refusal_of(work.waive_task(tasks[0].id, reason))

    assert refusal.code == "REASON_REQUIRED"


async def test_a_milestone_whose_tasks_are_all_skipped_waits_for_an_operator(work, parent, tasks):
    for task in tasks:
        await work.waive_task(task.id, "Cliente storico")
        await work.skip_task(task.id, None)
    milestone = await Milestone.get(ticket_id=parent.id)
    assert (milestone.status, await status(parent)) == (MilestoneStatus.PLANNED, TicketStatus.OPEN)

    await work.complete_milestone(milestone.id)

    assert await status(milestone) == MilestoneStatus.COMPLETED
    assert await status(parent) == TicketStatus.CLOSED


async def test_an_optional_task_left_open_keeps_its_milestone_open(work, children):
    milestone = await Milestone.get(ticket_id=children[1].id, position=2)
    [optional] = await Task.filter(milestone_id=milestone.id, mandatory=False)
    for task in await Task.filter(milestone_id=milestone.id, mandatory=True):
        await work.complete_task(task.id)
    assert await status(milestone) == MilestoneStatus.IN_PROGRESS

    await work.skip_task(optional.id, None)

    assert await status(milestone) == MilestoneStatus.COMPLETED


# Milestones by hand


async def test_a_milestone_with_open_tasks_is_not_completed_by_hand(work, hub_url, parent):
    milestone = await Milestone.get(ticket_id=parent.id)
    before = dump(hub_url)

    refusal = await refusal_of(work.complete_milestone(milestone.id))

    assert refusal.code == "MILESTONE_HAS_OPEN_TASKS"
    assert dump(hub_url) == before


async def test_an_optional_milestone_is_cancelled_without_a_reason_and_others_with_one(work, children):
    optional = await Milestone.filter(kind=MilestoneKind.OPTIONAL).first()
    critical = await Milestone.filter(kind=MilestoneKind.CRITICAL).first()

    await work.cancel_milestone(optional.id, None)
    refusal = await refusal_of(work.cancel_milestone(critical.id, " "))
    await work.cancel_milestone(critical.id, "Il bando è chiuso")

    assert refusal.code == "REASON_REQUIRED"
    assert [await status(one) for one in (optional, critical)] == [MilestoneStatus.CANCELLED] * 2
    assert (await Milestone.get(id=critical.id)).reason == "Il bando è chiuso"


async def test_cancelling_the_last_open_milestone_closes_a_ticket_with_completed_ones(work, children):
    child = children[0]
    *others, last = await Milestone.filter(ticket_id=child.id).order_by("position")
    for milestone in others:
        for task in await Task.filter(milestone_id=milestone.id):
            await work.complete_task(task.id)

    await work.cancel_milestone(last.id, "Non richiesta")

    assert await status(child) == TicketStatus.CLOSED
    closed, cancelled = (
        await Event.filter(kind__in=["TICKET_CLOSED", "MILESTONE_CANCELLED"]).order_by("-seq").limit(2)
    )
    assert closed.cause == cancelled.id


async def test_a_ticket_whose_milestones_are_all_cancelled_does_not_close(work, parent):
    milestone = await Milestone.get(ticket_id=parent.id)

    await work.cancel_milestone(milestone.id, "Salta l'onboarding")

    assert await status(parent) == TicketStatus.OPEN


# What is refused


@pytest.mark.parametrize(
    ("use_case", "arguments", "code"),
    [
        ("start_task", (), "UNKNOWN_TASK"),
        ("complete_task", (), "UNKNOWN_TASK"),
        ("skip_task", (None,), "UNKNOWN_TASK"),
        ("reopen_task", (None,), "UNKNOWN_TASK"),
        ("waive_task", ("Perché no",), "UNKNOWN_TASK"),
        ("assign_task", ("opr_none",), "UNKNOWN_TASK"),
        ("complete_milestone", (), "UNKNOWN_MILESTONE"),
        ("cancel_milestone", ("Perché no",), "UNKNOWN_MILESTONE"),
    ],
)
async def test_what_does_not_exist_is_refused(work, use_case, arguments, code):
    refusal = await refusal_of(getattr(work, use_case)("xxx_none", *arguments))

    assert refusal.code == code


async def test_what_does_not_exist_is_not_dated(hub, work):
    day = date(2027, 1, 11)

    task = await refusal_of(work.reschedule_task("tsk_none", day, calendar=hub.calendar))
    milestone = await refusal_of(work.reschedule_milestone("mil_none", day, calendar=hub.calendar))

    assert (task.code, milestone.code) == ("UNKNOWN_TASK", "UNKNOWN_MILESTONE")


async def test_a_cancelled_ticket_refuses_every_change_below_it(hub, hub_url, work, giulia, parent, tasks):
    await work.start_task(tasks[0].id)
    milestone = await Milestone.get(ticket_id=parent.id)
    await cancel_ticket(parent.id, "Il cliente recede", children=None, actor=giulia.id, events=hub.events)
    before = dump(hub_url)

    day = date(2027, 3, 1)
    refused = [
        await refusal_of(attempt)
        for attempt in (
            work.start_task(tasks[1].id),
            work.complete_task(tasks[0].id),
            work.skip_task(tasks[0].id, None),
            work.reopen_task(tasks[0].id, None),
            work.waive_task(tasks[0].id, "Tanto è annullato"),
            work.assign_task(tasks[0].id, giulia.id),
            work.complete_milestone(milestone.id),
            work.cancel_milestone(milestone.id, "Tanto è annullato"),
            work.reschedule_task(tasks[1].id, day, calendar=hub.calendar),
            work.reschedule_milestone(milestone.id, day, calendar=hub.calendar),
        )
    ]

    assert {refusal.code for refusal in refused} == {"TICKET_CANCELLED"}
    assert dump(hub_url) == before


async def test_a_task_is_not_assigned_to_who_is_not_there(hub, hub_url, work, tasks):
    gone = await add_operator(hub.events, "Ugo", active=False)
    before = dump(hub_url)

    refused = [await refusal_of(work.assign_task(tasks[0].id, one)) for one in ("opr_none", gone.id)]

    assert [refusal.code for refusal in refused] == ["UNKNOWN_OPERATOR", "INACTIVE_OPERATOR"]
    assert dump(hub_url) == before


async def test_a_task_is_assigned_and_tells_so(hub, work, parent, tasks):
    ugo = await add_operator(hub.events, "Ugo")

    await work.assign_task(tasks[0].id, ugo.id)

    assert (await Task.get(id=tasks[0].id)).assignee_id == ugo.id
    assert (await story(parent))[-1] == "TASK_ASSIGNED"


# Dates


@pytest.fixture
async def before_christmas(hub_url, sandbox):
    """A hub on Monday 21 December 2026, with the story's parent: due 23 and 24 December, 7 and 8 January."""
    async with hub_over(hub_url, sandbox, clock=SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        yield hub, giulia, await take_in(hub, actor=giulia.id)


async def test_what_depends_on_a_date_moves_along_to_working_days_and_the_original_stays(before_christmas):
    hub, giulia, parent = before_christmas
    tasks = await Task.filter(ticket_id=parent.id).order_by("position")

    await milestones.reschedule_task(
        tasks[1].id, date(2026, 12, 31), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [str(task.due_on) for task in tasks] == ["2026-12-23", "2026-12-31", "2027-01-13", "2027-01-14"]
    assert [str(task.original_due_on) for task in tasks] == [
        "2026-12-23",
        "2026-12-24",
        "2027-01-07",
        "2027-01-08",
    ]
    ticket, milestone = await Ticket.get(id=parent.id), await Milestone.get(ticket_id=parent.id)
    assert str(milestone.due_on) == str(ticket.due_on) == "2027-01-14"
    assert str(milestone.original_due_on) == str(ticket.original_due_on) == "2027-01-08"


async def test_a_date_on_a_holiday_stands_for_the_next_working_day(before_christmas):
    hub, giulia, parent = before_christmas
    milestone = await Milestone.get(ticket_id=parent.id)

    await milestones.reschedule_milestone(
        milestone.id, date(2027, 1, 6), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    assert (await Milestone.get(id=milestone.id)).due_on == date(2027, 1, 7)
    assert (await Ticket.get(id=parent.id)).due_on == date(2027, 1, 7)


async def test_what_moved_along_names_the_date_that_the_operator_chose(before_christmas):
    hub, giulia, parent = before_christmas
    task = await Task.get(ticket_id=parent.id, position=2)
    seq = await Event.filter(stream_id=parent.id).count()

    await milestones.reschedule_task(
        task.id, date(2026, 12, 31), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    own, *others = await Event.filter(stream_id=parent.id, seq__gt=seq).order_by("seq")
    assert (own.entity_id, own.cause) == (task.id, "request")
    assert sorted(one.kind for one in others) == [
        "MILESTONE_RESCHEDULED",
        "TASK_RESCHEDULED",
        "TASK_RESCHEDULED",
        "TICKET_RESCHEDULED",
    ]
    assert {one.cause for one in others} == {own.id}


async def test_finished_work_keeps_its_dates(before_christmas, hub_url):
    hub, giulia, parent = before_christmas
    await complete_all(hub, parent.id, actor=giulia.id)
    task, milestone = (
        await Task.get(ticket_id=parent.id, position=2),
        await Milestone.get(ticket_id=parent.id),
    )
    before = dump(hub_url)

    more = {"actor": giulia.id, "events": hub.events, "calendar": hub.calendar}
    refused = [
        await refusal_of(milestones.reschedule_task(task.id, date(2027, 2, 1), **more)),
        await refusal_of(milestones.reschedule_milestone(milestone.id, date(2027, 2, 1), **more)),
    ]

    assert {refusal.code for refusal in refused} == {"ALREADY_FINISHED"}
    assert dump(hub_url) == before


async def test_a_later_milestone_moves_with_the_one_it_waits_for_and_a_parallel_one_does_not(
    hub, work, children
):
    """Formazione 4.0: milestones 3 and 4 wait for 2, milestone 5 for both."""
    before = {one.position: one for one in await Milestone.filter(ticket_id=children[1].id)}
    due_on = hub.calendar.add(before[4].due_on, 3)

    await work.reschedule_milestone(before[4].id, due_on, calendar=hub.calendar)

    after = {one.position: one for one in await Milestone.filter(ticket_id=children[1].id)}
    assert after[4].due_on == due_on
    assert after[3].due_on == before[3].due_on
    latest = max(before[3].due_on, before[4].due_on), max(after[3].due_on, after[4].due_on)
    moved = hub.calendar.distance(*latest)
    assert after[5].due_on == hub.calendar.move(before[5].due_on, moved)


async def test_closing_early_or_late_moves_no_date(before_christmas):
    hub, giulia, parent = before_christmas
    hub.clock.advance(days=40)

    await complete_all(hub, parent.id, actor=giulia.id)

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [task.due_on for task in tasks] == [task.original_due_on for task in tasks]
