"""What follows from a change of a task."""

import pytest

from services.planning.tickets.workflow import (
    TaskIsMandatory,
    complete_task,
    reopen_task,
    skip_task,
    start_task,
    waive_task,
)
from services.vocabulary import MilestoneStatus, TicketStatus
from tests.support.planned_tickets import (
    DONE,
    SKIPPED,
    TODO,
    after,
    applied,
    milestone_of,
    story,
    task_of,
    ticket_of,
)

ONBOARDING = ticket_of(milestone_of("A", *(task_of(f"A{number}") for number in range(1, 5))))


def test_the_first_task_started_starts_its_milestone_and_ticket():
    transitions = start_task(ONBOARDING, "A2")

    assert story(transitions) == [
        "Task A2: TODO -> IN_PROGRESS, cause None",
        "Milestone A: PLANNED -> IN_PROGRESS, cause 0",
        "Ticket TICKET: OPEN -> IN_PROGRESS, cause 1",
    ]


def test_a_task_completed_without_being_started_starts_them_as_well():
    transitions = complete_task(ONBOARDING, "A1")

    assert story(transitions) == [
        "Task A1: TODO -> DONE, cause None",
        "Milestone A: PLANNED -> IN_PROGRESS, cause 0",
        "Ticket TICKET: OPEN -> IN_PROGRESS, cause 1",
    ]


def test_the_second_task_started_changes_nothing_above_it():
    ticket = after(ONBOARDING, start_task, "A1")

    transitions = start_task(ticket, "A2")

    assert story(transitions) == ["Task A2: TODO -> IN_PROGRESS, cause None"]


def test_the_last_task_completes_its_milestone_and_closes_the_ticket():
    ticket = ONBOARDING
    for task_id in ("A1", "A2", "A3"):
        ticket = after(ticket, complete_task, task_id)

    transitions = complete_task(ticket, "A4")

    assert story(transitions) == [
        "Task A4: TODO -> DONE, cause None",
        "Milestone A: IN_PROGRESS -> COMPLETED, cause 0",
        "Ticket TICKET: IN_PROGRESS -> CLOSED, cause 1",
    ]


def test_a_completed_milestone_leaves_the_ticket_open_while_another_is_planned():
    ticket = ticket_of(milestone_of("A", task_of("A1")), milestone_of("B", task_of("B1")))

    transitions = complete_task(ticket, "A1")

    assert story(transitions)[1:] == [
        "Milestone A: PLANNED -> COMPLETED, cause 0",
        "Ticket TICKET: OPEN -> IN_PROGRESS, cause 1",
    ]


def test_an_open_optional_task_keeps_its_milestone_open_until_it_is_skipped():
    ticket = ticket_of(milestone_of("A", task_of("A1"), task_of("A2", mandatory=False)))
    waiting = after(ticket, complete_task, "A1")

    transitions = skip_task(waiting, "A2", "Il cliente non lo vuole")

    assert waiting.milestone("A").status is MilestoneStatus.IN_PROGRESS
    assert transitions[0].reason == "Il cliente non lo vuole"
    assert [one.after for one in transitions] == [SKIPPED, MilestoneStatus.COMPLETED, TicketStatus.CLOSED]


def test_a_milestone_whose_tasks_were_all_skipped_does_not_complete_by_itself():
    ticket = ticket_of(milestone_of("A", task_of("A1", mandatory=False)))

    transitions = skip_task(ticket, "A1")

    assert story(transitions) == ["Task A1: TODO -> SKIPPED, cause None"]


def test_a_mandatory_task_is_waived_before_it_is_skipped():
    ticket = ticket_of(milestone_of("A", task_of("A1", DONE), task_of("A2")))
    with pytest.raises(TaskIsMandatory):
        skip_task(ticket, "A2")

    waived = waive_task(ticket, "A2", " Già firmato in sede ")
    closed = after(applied(ticket, waived), skip_task, "A2")

    assert [(one.column, one.before, one.after, one.reason) for one in waived[:1]] == [
        ("mandatory", True, False, "Già firmato in sede")
    ]
    assert closed.status is TicketStatus.CLOSED


def test_reopening_a_task_reopens_its_milestone_and_ticket():
    ticket = ONBOARDING
    for task in ONBOARDING.milestones[0].tasks:
        ticket = after(ticket, complete_task, task.id)

    transitions = reopen_task(ticket, "A3", "Firma mancante")

    assert story(transitions) == [
        "Task A3: DONE -> TODO, cause None",
        "Milestone A: COMPLETED -> IN_PROGRESS, cause 0",
        "Ticket TICKET: CLOSED -> IN_PROGRESS, cause 1",
    ]
    assert transitions[0].reason == "Firma mancante"


def test_reopening_the_only_work_ever_done_leaves_everything_unstarted():
    ticket = after(ticket_of(milestone_of("A", task_of("A1"))), complete_task, "A1")

    transitions = reopen_task(ticket, "A1")

    assert [one.after for one in transitions] == [TODO, MilestoneStatus.PLANNED, TicketStatus.OPEN]
