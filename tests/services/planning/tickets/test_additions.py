"""An added task leaves the plan of the others as it is, unless its milestone ends later."""

from datetime import timedelta

from hypothesis import given, strategies as st

from services.planning.tickets.additions import new_dated_task, plan_task, with_new_task
from services.planning.tickets.drafts import TaskDraft
from tests.support.dated_tickets import ITALY, tickets


@st.composite
def additions(draw):
    """A ticket, one of its milestones with the place of the new task, and the plan of that task."""
    milestones = draw(tickets())
    milestone = draw(st.sampled_from(milestones))
    index = draw(st.integers(0, len(milestone.tasks)))
    starts_on = milestone.tasks[index - 1].due_on if index else milestone.starts_on
    chosen = starts_on + timedelta(days=draw(st.integers(-5, 60)))
    due_on = draw(st.sampled_from([None, max(chosen, milestones[0].starts_on)]))
    plan = plan_task(
        TaskDraft(title="Privacy", sla_days=draw(st.integers(1, 40)), due_on=due_on),
        position=index + 1,
        starts_on=starts_on,
        role_before="analista",
        ticket_starts_on=milestones[0].starts_on,
        assign=lambda _: "opr_1",
        calendar=ITALY,
    )
    return milestones, milestone, index, plan


@given(additions())
def test_an_added_task_moves_only_what_its_milestone_pushes(addition):
    milestones, milestone, index, plan = addition
    new = new_dated_task("new", plan)
    starts_on = milestones[0].starts_on

    moved = with_new_task(milestones, milestone.id, new, index, ticket_starts_on=starts_on, calendar=ITALY)

    before = {one.id: one.due_on for stage in milestones for one in (stage, *stage.tasks)}
    due = {change.id: change.due_on for change in moved.changes if change.due_on != before.get(change.id)}
    longer = plan.due_on > milestone.due_on
    assert due.get(milestone.id) == (plan.due_on if longer else None)
    assert longer or not due
    assert not due.keys() & {task.id for task in milestone.tasks}
    earlier = {
        one.id for stage in milestones if stage.position < milestone.position for one in (stage, *stage.tasks)
    }
    assert not {change.id for change in moved.changes} & earlier
    assert all(change.starts_on <= change.due_on for change in moved.changes)
    assert ITALY.on_or_after(plan.due_on) == plan.due_on >= plan.starts_on
