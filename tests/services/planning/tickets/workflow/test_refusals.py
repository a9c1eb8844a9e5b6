"""What does not fit the state is refused, and what is done already changes nothing."""

import pytest

from services.planning.tickets.workflow import (
    MilestoneHasOpenTasks,
    MilestoneIsCancelled,
    MilestoneIsCompleted,
    ReasonRequired,
    TaskNotInState,
    TicketIsCancelled,
    TicketIsClosed,
    add_milestone,
    add_task,
    cancel_milestone,
    cancel_ticket,
    complete_milestone,
    complete_task,
    reopen_task,
    skip_task,
    start_task,
    waive_task,
)
from services.vocabulary import MilestoneStatus, TicketStatus
from tests.support.planned_tickets import DONE, IN_PROGRESS, SKIPPED, milestone_of, task_of, ticket_of


def ticket_with(*tasks, status=MilestoneStatus.IN_PROGRESS, ticket=TicketStatus.IN_PROGRESS):
    return ticket_of(milestone_of("A", *tasks, status=status), status=ticket)


@pytest.mark.parametrize(
    ("ticket", "repeat"),
    [
        pytest.param(ticket_with(task_of("A1", IN_PROGRESS)), lambda one: start_task(one, "A1"), id="start"),
        pytest.param(ticket_with(task_of("A1", DONE)), lambda one: complete_task(one, "A1"), id="complete"),
        pytest.param(
            ticket_with(task_of("A1", SKIPPED, mandatory=False)), lambda one: skip_task(one, "A1"), id="skip"
        ),
        pytest.param(ticket_with(task_of("A1")), lambda one: reopen_task(one, "A1"), id="reopen"),
        pytest.param(
            ticket_with(task_of("A1", mandatory=False)), lambda one: waive_task(one, "A1", ""), id="waive"
        ),
        pytest.param(
            ticket_with(status=MilestoneStatus.COMPLETED),
            lambda one: complete_milestone(one, "A"),
            id="complete milestone",
        ),
        pytest.param(
            ticket_with(status=MilestoneStatus.CANCELLED),
            lambda one: cancel_milestone(one, "A"),
            id="cancel milestone",
        ),
        pytest.param(
            ticket_with(ticket=TicketStatus.CANCELLED),
            lambda one: cancel_ticket(one, None),
            id="cancel ticket",
        ),
    ],
)
def test_a_wish_already_fulfilled_changes_nothing(ticket, repeat):
    transitions = repeat(ticket)

    assert transitions == ()


@pytest.mark.parametrize(
    ("ticket", "operation", "refusal"),
    [
        pytest.param(
            ticket_with(task_of("A1", DONE)),
            lambda one: start_task(one, "A1"),
            TaskNotInState,
            id="start done",
        ),
        pytest.param(
            ticket_with(task_of("A1", SKIPPED, mandatory=False)),
            lambda one: complete_task(one, "A1"),
            TaskNotInState,
            id="complete skipped",
        ),
        pytest.param(
            ticket_with(task_of("A1", DONE, mandatory=False)),
            lambda one: skip_task(one, "A1"),
            TaskNotInState,
            id="skip done",
        ),
        pytest.param(
            ticket_with(task_of("A1")),
            lambda one: waive_task(one, "A1", "\u200b\u2060 \u3164"),
            ReasonRequired,
            id="waive for invisible signs",
        ),
        pytest.param(
            ticket_with(task_of("A1")),
            lambda one: cancel_milestone(one, "A", None),
            ReasonRequired,
            id="cancel standard",
        ),
        pytest.param(ticket_with(), lambda one: cancel_ticket(one, "  "), ReasonRequired, id="cancel ticket"),
        pytest.param(
            ticket_with(status=MilestoneStatus.COMPLETED),
            lambda one: cancel_milestone(one, "A", "Perché sì"),
            MilestoneIsCompleted,
            id="cancel completed",
        ),
        pytest.param(
            ticket_with(ticket=TicketStatus.CLOSED),
            lambda one: cancel_ticket(one, "Perché sì"),
            TicketIsClosed,
            id="closed",
        ),
        pytest.param(
            ticket_with(task_of("A1", DONE), task_of("A2", IN_PROGRESS, mandatory=False)),
            lambda one: complete_milestone(one, "A"),
            MilestoneHasOpenTasks,
            id="complete with open tasks",
        ),
        pytest.param(
            ticket_with(status=MilestoneStatus.CANCELLED),
            lambda one: complete_milestone(one, "A"),
            MilestoneIsCancelled,
            id="complete cancelled",
        ),
        pytest.param(
            ticket_with(task_of("A1"), status=MilestoneStatus.CANCELLED),
            lambda one: complete_task(one, "A1"),
            MilestoneIsCancelled,
            id="task of a cancelled milestone",
        ),
        pytest.param(
            ticket_with(status=MilestoneStatus.CANCELLED),
            lambda one: add_task(one, task_of("A1")),
            MilestoneIsCancelled,
            id="new task in a cancelled milestone",
        ),
    ],
)
def test_what_does_not_fit_the_state_is_refused(ticket, operation, refusal):
    with pytest.raises(refusal):
        operation(ticket)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda one: start_task(one, "A1"), id="start"),
        pytest.param(lambda one: complete_task(one, "A1"), id="complete"),
        pytest.param(lambda one: skip_task(one, "A1"), id="skip"),
        pytest.param(lambda one: reopen_task(one, "A1"), id="reopen"),
        pytest.param(lambda one: waive_task(one, "A1", "Perché sì"), id="waive"),
        pytest.param(lambda one: add_task(one, task_of("A2")), id="add a task"),
        pytest.param(lambda one: add_milestone(one, milestone_of("B")), id="add a milestone"),
        pytest.param(lambda one: complete_milestone(one, "A"), id="complete its milestone"),
        pytest.param(lambda one: cancel_milestone(one, "A", "Perché sì"), id="cancel its milestone"),
    ],
)
def test_a_cancelled_ticket_refuses_every_change(operation):
    ticket = ticket_with(task_of("A1"), ticket=TicketStatus.CANCELLED)

    with pytest.raises(TicketIsCancelled):
        operation(ticket)
