"""Rules that hold after any history."""

from hypothesis import assume, given, strategies as st

from services.errors import Refusal
from services.planning.tickets.workflow import (
    cancel_milestone,
    complete_milestone,
    complete_task,
    reopen_task,
    skip_task,
    start_task,
    waive_task,
)
from services.vocabulary import MilestoneKind, MilestoneStatus, TicketStatus
from tests.support.planned_tickets import DONE, SKIPPED, after, applied, milestone_of, task_of, ticket_of


@st.composite
def tickets(draw, kinds=tuple(MilestoneKind)):
    milestones = []
    for letter in "ABCD"[: draw(st.integers(1, 4))]:
        obligations = draw(st.lists(st.booleans(), max_size=4))
        tasks = [
            task_of(f"{letter}{number}", mandatory=mandatory)
            for number, mandatory in enumerate(obligations, start=1)
        ]
        milestones.append(milestone_of(letter, *tasks, kind=draw(st.sampled_from(kinds))))
    return ticket_of(*milestones)


TASK_OPERATIONS = (
    start_task,
    complete_task,
    skip_task,
    reopen_task,
    lambda ticket, task_id: waive_task(ticket, task_id, "Perché sì"),
)
MILESTONE_OPERATIONS = (
    complete_milestone,
    lambda ticket, milestone_id: cancel_milestone(ticket, milestone_id, "Perché sì"),
)


@st.composite
def histories(draw):
    """A ticket and the transitions of whatever operators did to it, one after the other."""
    ticket = draw(tickets())
    calls = [(one, task.id) for one in TASK_OPERATIONS for part in ticket.milestones for task in part.tasks]
    calls += [(one, part.id) for one in MILESTONE_OPERATIONS for part in ticket.milestones]
    steps = []
    for operation, target in draw(st.lists(st.sampled_from(calls), max_size=25)):
        try:
            transitions = operation(ticket, target)
        except Refusal:
            continue
        ticket = applied(ticket, transitions)
        steps.append((ticket, transitions))
    return steps


def is_closed_by_rule(ticket):
    statuses = {milestone.status for milestone in ticket.milestones}
    return MilestoneStatus.COMPLETED in statuses and statuses <= {
        MilestoneStatus.COMPLETED,
        MilestoneStatus.CANCELLED,
    }


@given(history=histories())
def test_a_ticket_is_closed_exactly_when_the_rule_says_so(history):
    for ticket, _ in history:
        assert (ticket.status is TicketStatus.CLOSED) == is_closed_by_rule(ticket)


@given(history=histories())
def test_no_completed_milestone_has_work_left(history):
    for ticket, _ in history:
        for milestone in ticket.milestones:
            if milestone.status is MilestoneStatus.COMPLETED:
                assert all(task.status in (DONE, SKIPPED) for task in milestone.tasks)
                assert all(task.status is DONE for task in milestone.tasks if task.mandatory)


@given(history=histories())
def test_every_automatic_change_leads_back_to_the_operator(history):
    for _, transitions in history:
        for transition in transitions:
            while transition.cause is not None:
                transition = transitions[transition.cause]
            assert transition is transitions[0]


@given(history=histories())
def test_no_change_is_empty_or_recorded_twice(history):
    for _, transitions in history:
        assert all(one.before is not one.after for one in transitions)
        assert len({(one.entity, one.id) for one in transitions}) == len(transitions)


@given(ticket=tickets(), data=st.data())
def test_the_order_in_which_tasks_are_completed_does_not_matter(ticket, data):
    task_ids = [task.id for milestone in ticket.milestones for task in milestone.tasks]
    orders = [data.draw(st.permutations(task_ids)) for _ in range(2)]

    ends = [ticket, ticket]
    for index, order in enumerate(orders):
        for task_id in order:
            ends[index] = after(ends[index], complete_task, task_id)

    assert ends[0] == ends[1]


@given(ticket=tickets(), data=st.data())
def test_a_closed_ticket_closes_again_after_a_task_was_reopened_and_completed(ticket, data):
    for milestone in ticket.milestones:
        for task in milestone.tasks:
            ticket = after(ticket, complete_task, task.id)
        if not milestone.tasks:
            ticket = after(ticket, complete_milestone, milestone.id)
    task_ids = [task.id for milestone in ticket.milestones for task in milestone.tasks]
    assume(task_ids)
    task_id = data.draw(st.sampled_from(task_ids))

    reopened = after(ticket, reopen_task, task_id)
    closed_again = after(reopened, complete_task, task_id)

    assert reopened.status is not TicketStatus.CLOSED
    assert closed_again == ticket
