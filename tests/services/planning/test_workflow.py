from dataclasses import replace

import pytest
from hypothesis import assume, given, strategies as st

from services.errors import Refusal
from services.planning.workflow import (
    MilestoneHasOpenTasks,
    MilestoneIsCancelled,
    MilestoneIsCompleted,
    MilestoneState,
    ReasonRequired,
    TaskIsMandatory,
    TaskNotInState,
    TaskState,
    TicketIsCancelled,
    TicketIsClosed,
    TicketState,
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
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

TODO, IN_PROGRESS, DONE, SKIPPED = TaskStatus


def ticket_of(*milestones, status=TicketStatus.OPEN):
    return TicketState("TICKET", status, milestones)


def milestone_of(milestone_id, *tasks, status=MilestoneStatus.PLANNED, kind=MilestoneKind.STANDARD):
    return MilestoneState(milestone_id, status, kind, tasks)


def task_of(task_id, status=TODO, *, mandatory=True):
    """A task of the milestone that its id names: A1 is of milestone A."""
    return TaskState(task_id, task_id[0], status, mandatory)


def applied(ticket, transitions):
    """The ticket after its transitions were written."""
    changes = {(one.entity, one.id): {one.column: one.after} for one in transitions if one.before is not None}

    def changed(entity, row, **parts):
        return replace(row, **changes.get((entity, row.id), {}), **parts)

    milestones = tuple(
        changed("Milestone", milestone, tasks=tuple(changed("Task", task) for task in milestone.tasks))
        for milestone in ticket.milestones
    )
    return changed("Ticket", ticket, milestones=milestones)


def after(ticket, operation, *arguments):
    return applied(ticket, operation(ticket, *arguments))


def story(transitions):
    return [f"{one.entity} {one.id}: {one.before} -> {one.after}, cause {one.cause}" for one in transitions]


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
            ticket_with(task_of("A1")), lambda one: waive_task(one, "A1", " "), ReasonRequired, id="waive"
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
def test_no_change_is_empty_or_told_twice(history):
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
