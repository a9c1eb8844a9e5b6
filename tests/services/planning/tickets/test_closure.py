import pytest

from services.planning.tickets.closure import (
    Closure,
    ClosureReason,
    OpenMilestone,
    OpenReason,
    closure,
)
from services.planning.tickets.workflow import MilestoneState, TaskState, TicketState
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

PLANNED, IN_PROGRESS, COMPLETED, CANCELLED = MilestoneStatus


def milestone_of(status, *tasks):
    return MilestoneState("M", status, MilestoneKind.STANDARD, tasks)


@pytest.mark.parametrize(
    ("ticket", "reason"),
    [
        pytest.param(
            TicketState("T", TicketStatus.CLOSED, (milestone_of(COMPLETED),)), "CLOSED", id="closed"
        ),
        pytest.param(
            TicketState("T", TicketStatus.CANCELLED, (milestone_of(PLANNED),)), "CANCELLED", id="cancelled"
        ),
        pytest.param(
            TicketState("T", TicketStatus.OPEN, (milestone_of(CANCELLED),)),
            "EVERY_MILESTONE_CANCELLED",
            id="every milestone cancelled",
        ),
        pytest.param(TicketState("T", TicketStatus.OPEN), "NO_MILESTONES", id="no milestones"),
    ],
)
def test_says_why_a_ticket_with_nothing_open_is_or_is_not_closed(ticket, reason):
    answer = closure(ticket)

    assert answer == Closure(ClosureReason(reason))


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        pytest.param(
            (
                TaskState("a", "M", TaskStatus.DONE),
                TaskState("b", "M", TaskStatus.TODO),
                TaskState("c", "M", TaskStatus.IN_PROGRESS, mandatory=False),
            ),
            OpenMilestone("M", OpenReason.MANDATORY_TASKS, ("b",), ("c",)),
            id="mandatory tasks come first",
        ),
        pytest.param(
            (TaskState("a", "M", TaskStatus.DONE), TaskState("b", "M", TaskStatus.TODO, mandatory=False)),
            OpenMilestone("M", OpenReason.OPTIONAL_TASKS, (), ("b",)),
            id="only optional tasks",
        ),
        pytest.param(
            (TaskState("a", "M", TaskStatus.SKIPPED, mandatory=False),),
            OpenMilestone("M", OpenReason.ALL_SKIPPED),
            id="all skipped",
        ),
        pytest.param((), OpenMilestone("M", OpenReason.NO_TASKS), id="no tasks"),
    ],
)
def test_names_what_keeps_a_milestone_open(tasks, expected):
    ticket = TicketState(
        "T", TicketStatus.IN_PROGRESS, (milestone_of(IN_PROGRESS, *tasks), milestone_of(COMPLETED))
    )

    answer = closure(ticket)

    assert answer == Closure(ClosureReason.MILESTONES_OPEN, (expected,))


def test_counts_the_tasks_in_the_way():
    milestone = OpenMilestone("M", OpenReason.MANDATORY_TASKS, ("a", "b"), ("c",))

    assert milestone.task_count == 3
