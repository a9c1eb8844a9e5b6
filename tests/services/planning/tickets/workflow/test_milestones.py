"""What follows from a change of a milestone or ticket, and from new work."""

from services.planning.tickets.workflow import (
    add_milestone,
    add_task,
    cancel_milestone,
    cancel_ticket,
    complete_milestone,
    complete_task,
    start_task,
)
from services.vocabulary import MilestoneKind, MilestoneStatus, TicketStatus
from tests.support.planned_tickets import after, milestone_of, story, task_of, ticket_of


def test_an_empty_milestone_completes_only_by_hand():
    ticket = ticket_of(milestone_of("A", task_of("A1")), milestone_of("B"))
    waiting = after(ticket, complete_task, "A1")

    transitions = complete_milestone(waiting, "B")

    assert waiting.status is TicketStatus.IN_PROGRESS
    assert story(transitions) == [
        "Milestone B: PLANNED -> COMPLETED, cause None",
        "Ticket TICKET: IN_PROGRESS -> CLOSED, cause 0",
    ]


def test_cancelling_the_last_open_milestone_closes_the_ticket():
    ticket = ticket_of(milestone_of("A", task_of("A1")), milestone_of("B", task_of("B1")))
    waiting = after(ticket, complete_task, "A1")

    transitions = cancel_milestone(waiting, "B", "Non serve più")

    assert story(transitions) == [
        "Milestone B: PLANNED -> CANCELLED, cause None",
        "Ticket TICKET: IN_PROGRESS -> CLOSED, cause 0",
    ]
    assert transitions[0].reason == "Non serve più"


def test_a_ticket_whose_milestones_are_all_cancelled_does_not_close():
    ticket = ticket_of(milestone_of("A", task_of("A1")))

    transitions = cancel_milestone(ticket, "A", "Non serve più")

    assert story(transitions) == ["Milestone A: PLANNED -> CANCELLED, cause None"]


def test_a_ticket_stays_in_progress_when_its_started_milestone_is_cancelled():
    ticket = after(
        ticket_of(milestone_of("A", task_of("A1"), task_of("A2")), milestone_of("B")), start_task, "A1"
    )

    transitions = cancel_milestone(ticket, "A", "Non serve più")

    assert story(transitions) == ["Milestone A: IN_PROGRESS -> CANCELLED, cause None"]


def test_an_optional_milestone_needs_no_reason_to_be_cancelled():
    ticket = ticket_of(milestone_of("A", task_of("A1"), kind=MilestoneKind.OPTIONAL))

    transitions = cancel_milestone(ticket, "A")

    assert [one.after for one in transitions] == [MilestoneStatus.CANCELLED]


def test_cancelling_a_ticket_cancels_what_is_open_below_it():
    ticket = ticket_of(milestone_of("A", task_of("A1")), milestone_of("B", task_of("B1")), milestone_of("C"))
    ticket = after(ticket, complete_task, "A1")

    transitions = cancel_ticket(ticket, "Il cliente ha rinunciato")

    assert story(transitions) == [
        "Ticket TICKET: IN_PROGRESS -> CANCELLED, cause None",
        "Milestone B: PLANNED -> CANCELLED, cause 0",
        "Milestone C: PLANNED -> CANCELLED, cause 0",
    ]
    assert transitions[0].reason == "Il cliente ha rinunciato"


def test_a_new_task_reopens_a_completed_milestone():
    ticket = after(ticket_of(milestone_of("A", task_of("A1"))), complete_task, "A1")

    transitions = add_task(ticket, task_of("A2", mandatory=False))

    assert story(transitions) == [
        "Task A2: None -> TODO, cause None",
        "Milestone A: COMPLETED -> IN_PROGRESS, cause 0",
        "Ticket TICKET: CLOSED -> IN_PROGRESS, cause 1",
    ]


def test_a_new_milestone_reopens_a_closed_ticket():
    ticket = after(ticket_of(milestone_of("A", task_of("A1"))), complete_task, "A1")

    transitions = add_milestone(ticket, milestone_of("B", task_of("B1")))

    assert story(transitions) == [
        "Milestone B: None -> PLANNED, cause None",
        "Ticket TICKET: CLOSED -> IN_PROGRESS, cause 0",
    ]
