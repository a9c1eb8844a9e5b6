"""Adds tasks and milestones to tickets."""

from collections.abc import Sequence
from functools import partial

from models import Milestone, Task, Ticket
from models.identity import new_id
from services.catalog import store as catalog_store
from services.events import EventLog, EventType, changing
from services.operators.roster import get_active_operator
from services.planning.calendar import WorkCalendar
from services.planning.tickets import additions, workflow
from services.planning.tickets.additions import Assign
from services.planning.tickets.drafts import MilestoneDraft, TaskDraft, refuse_one_more
from services.planning.tickets.workflow import MilestoneState, TaskState
from services.records import UnknownTask, get_milestone, get_ticket
from services.requests import answer_of
from services.tickets import cascade
from services.tickets.creation import milestone_row, task_row
from services.tickets.rescheduling import dated_milestones, write_dates
from services.tickets.ticket_rows import read_ticket
from services.vocabulary import MilestoneStatus, TaskStatus


async def add_task(
    milestone_id: str,
    draft: TaskDraft,
    *,
    actor: str,
    events: EventLog,
    calendar: WorkCalendar,
    after_task_id: str | None = None,
    request_key: str | None = None,
) -> Task:
    """Add a task behind another one, or at the end. A milestone and a ticket that were finished reopen.

    The plan of the others stays as it is. If the milestone ends later now, what depends on it moves along.
    """
    async with changing(events, partial(get_milestone, milestone_id), actor=actor) as (change, milestone):
        asked = ["addTask", milestone_id, after_task_id, draft]
        task_id = await answer_of(actor, request_key, asked, new_id(Task.prefix))
        if earlier := await Task.get_or_none(id=task_id):
            return earlier
        rows = await read_ticket(milestone.ticket_id)
        ticket, tasks = rows.ticket, rows.tasks.get(milestone_id, ())
        new = TaskState(task_id, milestone_id, TaskStatus.TODO, draft.mandatory)
        transitions = workflow.add_task(rows.state(), new)
        await _refuse_inactive(draft)
        refuse_one_more(len(tasks), "tasks in a milestone")
        index = _index_after(tasks, after_task_id)
        plan = additions.plan_task(
            draft,
            position=index + 1,
            starts_on=tasks[index - 1].due_on if index else milestone.starts_on,
            role_before=tasks[index - 1].workflow_role if index else await _last_role(ticket, milestone),
            ticket_starts_on=ticket.starts_on,
            assign=await _assign_by_role(ticket),
            calendar=calendar,
        )
        moves = additions.with_new_task(
            dated_milestones(rows),
            milestone_id,
            additions.new_dated_task(task_id, plan),
            index,
            ticket_starts_on=ticket.starts_on,
            calendar=calendar,
        )
        for later in reversed(tasks[index:]):
            await change.update(later, kind=EventType.TASK_MOVED, position=later.position + 1)
        task = task_row(milestone, plan)
        task.id, task.notes = task_id, draft.notes
        await change.create(task, kind=EventType.TASK_CREATED)
        await cascade.write_transitions(change, transitions, rows=rows)
        await write_dates(change, rows, task, moves, cause=change.last_event(task_id))
    return task


async def add_milestone(
    ticket_id: str,
    draft: MilestoneDraft,
    *,
    actor: str,
    events: EventLog,
    calendar: WorkCalendar,
    request_key: str | None = None,
) -> Milestone:
    """Add a milestone with its tasks behind the others. A ticket that was closed reopens."""
    async with changing(events, partial(get_ticket, ticket_id), actor=actor) as (change, ticket):
        asked = ["addMilestone", ticket.id, draft]
        milestone_id = await answer_of(actor, request_key, asked, new_id(Milestone.prefix))
        if earlier := await Milestone.get_or_none(id=milestone_id):
            return earlier
        rows = await read_ticket(ticket.id)
        cascade.refuse_cancelled(rows.ticket)
        for index, task_draft in enumerate(draft.tasks):
            await _refuse_inactive(task_draft, "tasks", str(index))
        plan = additions.plan_milestone(
            draft,
            dated_milestones(rows),
            role_before=await _last_role(ticket),
            ticket_starts_on=ticket.starts_on,
            assign=await _assign_by_role(ticket),
            calendar=calendar,
        )
        milestone = milestone_row(ticket, plan)
        milestone.id = milestone_id
        tasks = [task_row(milestone, task) for task in plan.tasks]
        for task, written in zip(tasks, draft.tasks, strict=True):
            task.notes = written.notes
        new = MilestoneState(
            milestone_id,
            MilestoneStatus.PLANNED,
            draft.kind,
            tuple(TaskState(one.id, milestone_id, TaskStatus.TODO, one.mandatory) for one in tasks),
        )
        transitions = workflow.add_milestone(rows.state(), new)
        await change.create(milestone, kind=EventType.MILESTONE_CREATED)
        cause = change.last_event(milestone_id)
        await change.create_all(tasks, kind=EventType.TASK_CREATED, cause=cause)
        await cascade.write_transitions(change, transitions, rows=rows)
        due_on = max(rows.ticket.due_on, plan.due_on)
        await change.update(rows.ticket, kind=EventType.TICKET_RESCHEDULED, cause=cause, due_on=due_on)
    return milestone


def _index_after(tasks: Sequence[Task], task_id: str | None) -> int:
    if task_id is None:
        return len(tasks)
    for index, task in enumerate(tasks, start=1):
        if task.id == task_id:
            return index
    raise UnknownTask("The milestone has no such task.", path=("afterTaskId",))


async def _last_role(ticket: Ticket, before: Milestone | None = None) -> str | None:
    """Return the role of the ticket's last task, or of the last one before a milestone."""
    tasks = Task.filter(ticket_id=ticket.id)
    if before is not None:
        tasks = tasks.filter(milestone__position__lt=before.position)
    last = await tasks.order_by("-milestone__position", "-position").first()
    return last.workflow_role if last else None


async def _refuse_inactive(draft: TaskDraft, *path: str) -> None:
    if draft.assignee_id is not None:
        await get_active_operator(draft.assignee_id, path=(*path, "assigneeId"))


async def _assign_by_role(ticket: Ticket) -> Assign:
    staff = await catalog_store.get_staff()
    return lambda role: staff.assignee(role, ticket.owner_id)
