"""Plans the tasks and milestones that operators add to a ticket."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from services.errors import InvalidInput, Refusal
from services.planning.calendar import WorkCalendar
from services.planning.tickets.drafts import (
    MilestoneDraft,
    TaskDraft,
    possible_days,
    possible_hours,
    refuse_one_more,
    stated,
)
from services.planning.tickets.schedule import (
    DatedMilestone,
    DatedTask,
    Rescheduled,
    refuse_out_of_range,
    rescheduled,
)
from services.planning.tickets.ticket_factory import MilestonePlan, TaskPlan
from services.vocabulary import TaskStatus

Assign = Callable[[str], str]
"""Returns the operator who does the work of a role."""


def plan_task(
    draft: TaskDraft,
    *,
    position: int,
    starts_on: date,
    role_before: str | None,
    ticket_starts_on: date,
    assign: Assign,
    calendar: WorkCalendar,
) -> TaskPlan:
    """Plan a task that can start on `starts_on`. A task that is due earlier starts on its own due date."""
    role = draft.workflow_role if draft.workflow_role is not None else role_before
    if role is None:
        raise InvalidInput(
            "No task before it has a role.", path=("workflowRole",), expected="the role that does the work"
        )
    days = possible_days(draft.sla_days, "slaDays", least=1)
    if draft.due_on is None:
        due_on = calendar.add(starts_on, days)
    else:
        refuse_out_of_range(draft.due_on, ticket_starts_on)
        due_on = calendar.on_or_after(draft.due_on)
    refuse_out_of_range(due_on, ticket_starts_on)
    role = stated(role, "workflowRole")
    return TaskPlan(
        position=position,
        title=stated(draft.title, "title"),
        role=role,
        mandatory=draft.mandatory,
        estimated_hours=possible_hours(draft.estimated_hours),
        sla_days=days,
        checklist=tuple(stated(text, "checklist", str(index)) for index, text in enumerate(draft.checklist)),
        assignee_id=draft.assignee_id or assign(role),
        starts_on=min(starts_on, due_on),
        due_on=due_on,
    )


def with_new_task(
    milestones: Sequence[DatedMilestone],
    milestone_id: str,
    task: DatedTask,
    index: int,
    *,
    ticket_starts_on: date,
    calendar: WorkCalendar,
) -> Rescheduled:
    """Return what moves when the task is inserted: starts, and due dates if the milestone now ends later."""
    milestone = next(one for one in milestones if one.id == milestone_id)
    tasks = (*milestone.tasks[:index], task, *milestone.tasks[index:])
    before = replace(milestone, tasks=tasks)
    after = replace(before, due_on=max(milestone.due_on, task.due_on))
    others = [before if one is milestone else one for one in milestones]
    return rescheduled(others, after, ticket_starts_on, calendar)


def new_dated_task(task_id: str, plan: TaskPlan) -> DatedTask:
    return DatedTask(task_id, TaskStatus.TODO, plan.starts_on, plan.due_on)


def plan_milestone(
    draft: MilestoneDraft,
    milestones: Sequence[DatedMilestone],
    *,
    role_before: str | None,
    ticket_starts_on: date,
    assign: Assign,
    calendar: WorkCalendar,
) -> MilestonePlan:
    """Plan a milestone behind those that are there. Its tasks follow each other."""
    refuse_one_more(len(milestones), "milestones in a ticket")
    waits_for = _waits_for(draft, milestones)
    starts_on = max((one.due_on for one in waits_for), default=ticket_starts_on)
    tasks: list[TaskPlan] = []
    for index, task in enumerate(draft.tasks):
        with _below("tasks", str(index)):
            refuse_one_more(index, "tasks in a milestone")
            planned = plan_task(
                task,
                position=index + 1,
                starts_on=tasks[-1].due_on if tasks else starts_on,
                role_before=tasks[-1].role if tasks else role_before,
                ticket_starts_on=ticket_starts_on,
                assign=assign,
                calendar=calendar,
            )
            tasks.append(planned)
    days = possible_days(draft.sla_days, "slaDays", least=1)
    due_on = max([calendar.add(starts_on, days), *(task.due_on for task in tasks)])
    refuse_out_of_range(due_on, ticket_starts_on)
    return MilestonePlan(
        position=max((one.position for one in milestones), default=0) + 1,
        title=stated(draft.title, "title"),
        kind=draft.kind,
        sla_days=days,
        warning_days=possible_days(draft.warning_days, "warningDays"),
        escalation_days=possible_days(draft.escalation_days, "escalationDays"),
        depends_on=tuple(sorted(one.position for one in waits_for)),
        starts_on=starts_on,
        due_on=due_on,
        tasks=tuple(tasks),
    )


def _waits_for(draft: MilestoneDraft, milestones: Sequence[DatedMilestone]) -> list[DatedMilestone]:
    if not draft.waits_for_ids:
        return list(milestones[-1:])
    by_id = {one.id: one for one in milestones}
    for index, row_id in enumerate(draft.waits_for_ids):
        if row_id not in by_id:
            raise InvalidInput(
                "The ticket has no such milestone.",
                path=("waitsForIds", str(index)),
                expected="the id of a milestone of this ticket",
            )
    return [by_id[row_id] for row_id in dict.fromkeys(draft.waits_for_ids)]


@contextmanager
def _below(*path: str) -> Iterator[None]:
    """Say in which part of the request a refusal's path begins."""
    try:
        yield
    except Refusal as refusal:
        refusal.path = (*path, *refusal.path)
        raise
