"""Milestones and the tasks in them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers.reads.fields import shows_entries
from resolvers.reads.filters import Asked, Choice, DateRange, Range, criterion, filters
from resolvers.reads.rows import linked, loaded
from resolvers.reads.sources import ComputedSource, column, computed, expression, many, one, rows_of, text
from schema.access import Operator, OperatorFilter
from schema.forms import TREE_ID
from schema.nodes import WorkItem
from schema.problems import Problem, problems
from schema.sizes import MILESTONES, TASKS
from schema.trees import TreeChange
from services.reads import Condition, Meaningless
from services.tickets import closure_fields, read_fields
from services.tickets.task_changes import MOST_TASKS
from services.tickets.text_search import has_words, in_milestone, in_task
from services.vocabulary import MilestoneKind, MilestoneStatus, SlaLight, TaskStatus

if TYPE_CHECKING:
    from schema.opportunities import CrmActivity
    from schema.tickets import Ticket, TicketFilter


@strawberry.type(description="One line of a task's checklist.")
class ChecklistEntry:
    id: strawberry.ID = strawberry.field(
        description="Its id in the checklist; it keeps it when the checklist is rewritten."
    )
    text: str = strawberry.field(description="What to do.")
    done: bool = strawberry.field(description="Whether it is done.")
    done_at: datetime | None = strawberry.field(description="When it was ticked; null if it is not.")
    done_by: Operator | None = loaded("Who ticked it; null if it is not ticked.", by="done_by_id")


@strawberry.type(
    description="How many tasks stand where. Each counts once, in the first of these fields that fits. "
    "Skipped tasks and those of cancelled milestones are left out."
)
class TaskCounts:
    done: int = strawberry.field(description="Done.")
    late: int = strawberry.field(description="Open and past the due date.")
    blocked: int = strawberry.field(description="Open while the milestone waits for another.")
    in_progress: int = strawberry.field(description="Started.")
    to_do: int = strawberry.field(description="Not started.")
    total: int = strawberry.field(description="All of these.")


@rows_of(models.Task)
@strawberry.type(description="A piece of work in a milestone.")
class Task(WorkItem):
    position: int = column("Its position in the milestone, from one.")
    workflow_role: str = column("The workflow role that does the work.")
    mandatory: bool = column("Whether the milestone needs it done; only an optional task may be skipped.")
    status: TaskStatus = column("Its status.")
    assignee: Operator = one("The operator who does it.", by="assignee_id")
    milestone: Annotated["Milestone", strawberry.lazy("schema.milestones")] = one(
        "The milestone that it is part of.", by="milestone_id"
    )
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it is part of.", by="ticket_id"
    )
    estimated_hours: Decimal = column("How many hours of work are expected.")
    sla_days: int = column("Its duration in working days.")
    started_at: datetime | None = column("When it was started; null before.")
    finished_at: datetime | None = column("When it was done or skipped; null before.")
    notes: str | None = text("The operators' notes; null for none.")
    checklist: list[ChecklistEntry] = computed(read_fields.checklist_entries, "The checklist, in order.")
    waived_reason: str | None = column("Why it was made optional; null if it was not.")
    skipped_reason: str | None = column(
        "Why it was skipped; null if no reason was given or it is not skipped."
    )
    reopened_reason: str | None = column(
        "Why it was last reopened; null if no reason was given or it never was."
    )
    rescheduled_reason: str | None = column(
        "Why its due date was last moved; null if no reason was given or nobody moved it."
    )
    ready: bool = column(
        "Whether it can be started now: it is open, its milestone is not blocked, and the "
        "mandatory tasks before it are finished."
    )
    blocked: bool = column("Whether it is open while its milestone is blocked.")


@rows_of(models.Milestone)
@strawberry.type(description="An ordered, dated stage of a ticket.")
class Milestone(WorkItem):
    position: int = column("Its position in the ticket, from one.")
    kind: MilestoneKind = column("Its kind.")
    status: MilestoneStatus = column("Its status.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it is a stage of.", by="ticket_id"
    )
    tasks: list[Task] = many("Its work, in order.", by="milestone_id", size=TASKS)
    depends_on: list[int] = column(
        "The positions of the milestones that it depends on; if empty, it depends on the one before it."
    )
    waits_for: list[Annotated["Milestone", strawberry.lazy("schema.milestones")]] = linked(
        "The milestones that it depends on, in order, the undeclared one before it included.",
        ComputedSource(closure_fields.awaited_ids, {"siblings": closure_fields.milestone_siblings}),
        size=MILESTONES,
    )
    progress: float | None = expression(
        read_fields.milestone_progress,
        "The share of its tasks that is done, from 0 to 1, without skipped ones; null if "
        "there is nothing to do.",
    )
    task_count: int = column("How many tasks it has, without skipped ones.")
    finished_task_count: int = column("How many of them are done.")
    task_counts: TaskCounts = computed(
        read_fields.milestone_task_counts,
        "How many of its tasks stand where.",
        groups=read_fields.milestone_task_groups,
    )
    sla_days: int = column("Its minimum duration in working days.")
    warning_days: int = column("How many working days before the due date the light turns yellow.")
    escalation_days: int = column("How many working days after the due date the light turns red.")
    started_at: datetime | None = column("When its work was started; null before.")
    completed_at: datetime | None = column("When it was completed; null before.")
    cancelled_at: datetime | None = column("When it was cancelled; null otherwise.")
    rescheduled_reason: str | None = column(
        "Why its due date was last moved; null if no reason was given or nobody moved it."
    )
    cancelled_reason: str | None = column(
        "Why it was cancelled; null if no reason was given or it is not cancelled."
    )
    blocked: bool = column("Whether it is open while a milestone that it depends on is open too.")
    crm_activity: Annotated["CrmActivity", strawberry.lazy("schema.opportunities")] | None = one(
        "Its activity in the CRM, once generated.", back="milestone_id"
    )


_TASK = "The task as it is now."
_MILESTONE = "The milestone as it is now."
_ABOVE = "The ticket that it is part of, as it is now."


@strawberry.type(description="The task as it was started.")
class StartTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task as it was completed.")
class CompleteTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task as it was skipped.")
class SkipTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task as it was reopened.")
class ReopenTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task as it was made optional.")
class WaiveTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task with its assignee.")
class AssignTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")


@strawberry.type(description="The task with its new dates.")
class RescheduleTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The task with its new values.")
class UpdateTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")


@strawberry.type(description="The new task.")
class AddTaskPayload(TreeChange):
    task: Task | None = loaded(_TASK, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The new milestone.")
class AddMilestonePayload(TreeChange):
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="What became of one task of many.")
class TaskResult:
    task_id: strawberry.ID = strawberry.field(description="The id that was given.")
    task: Task | None = loaded("The task as it is now; null if there is none.", by="found_id")
    changed: bool = strawberry.field(description="Whether the task changed.")
    problems: list[Problem] = problems()


@strawberry.type(description="How far the log of a tree has come.")
class TreeMark:
    tree_id: strawberry.ID = strawberry.field(description="The id of the parent ticket at the root.")
    tree_seq: int = strawberry.field(description="The `seq` of the last event of the change.")


@strawberry.type(description="What became of many tasks.")
class ChangeTasksPayload:
    results: list[TaskResult] | None = strawberry.field(
        description="One for each task, in the order given; null if a problem prevented all of it.",
        metadata=shows_entries(lambda _: MOST_TASKS),
    )
    trees: list[TreeMark] | None = strawberry.field(
        description="The trees that changed; null if a problem prevented all of it."
    )
    problems: list[Problem] = strawberry.field(
        description="What prevented all of it. What prevented single tasks is in their results."
    )


@strawberry.type(description="The milestone as it was completed.")
class CompleteMilestonePayload(TreeChange):
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The milestone as it was cancelled.")
class CancelMilestonePayload(TreeChange):
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


@strawberry.type(description="The milestone with its new dates.")
class RescheduleMilestonePayload(TreeChange):
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] | None = loaded(_ABOVE, by="ticket_id")


def has_light(light: SlaLight | None, asked: Asked) -> Condition:
    return read_fields.has_light(light, asked.today)


def is_late(late: bool | None, asked: Asked) -> Condition:
    if late is None:
        raise Meaningless("Work is late or it is not.")
    return read_fields.is_late(late, asked.today)


@filters(models.Task, "Which tasks are meant.")
class TaskFilter:
    text: str | None = criterion(
        "Each of these words stands in the title, the milestone's title, the ticket's code or the company's name.",
        means=lambda text, _: has_words(text, in_task),
    )
    status: Choice[TaskStatus] | None = criterion("By how far it has come.")
    ready: Choice[bool] | None = criterion("By whether it can be taken up now.")
    blocked: Choice[bool] | None = criterion("By whether it is open while its milestone waits for another.")
    sla: Choice[SlaLight] | None = criterion(
        "By the light of its due date today; null for work without a light.", means=has_light
    )
    late: Choice[bool] | None = criterion(
        "By whether it is unfinished and past its due date today.", means=is_late
    )
    assignee_id: Choice[strawberry.ID] | None = criterion("By who does it.")
    assignee: OperatorFilter | None = criterion(
        "By who does it; `isMe` for one's own.", leads_by="assignee_id"
    )
    workflow_role: Choice[str] | None = criterion("By the workflow role that does the work.")
    ticket: Annotated["TicketFilter", strawberry.lazy("schema.tickets")] | None = criterion(
        "By its ticket.", leads_by="ticket_id"
    )
    milestone_id: Choice[strawberry.ID] | None = criterion("By the milestone that it is part of.")
    ticket_id: Choice[strawberry.ID] | None = criterion("By the ticket that it is part of.")
    tree_id: Choice[strawberry.ID] | None = criterion("By the parent at the root of its tree.", form=TREE_ID)
    due_on: DateRange | None = criterion("By its due date.")
    updated_at: Range[datetime] | None = criterion("By when it last changed.")


@strawberry.enum(description="How tasks may be ordered; the id decides in the end.")
class TaskOrder(Enum):
    NEXT_FIRST = strawberry.enum_value(
        "due_on urgency", description="What to take up next: by due date, then by the ticket's priority."
    )
    DUE_ON_DESC = strawberry.enum_value("-due_on -urgency", description="The latest due date first.")
    PRIORITY_DESC = strawberry.enum_value(
        "urgency due_on", description="The most urgent priority of the ticket first, then by due date."
    )
    UPDATED_AT_DESC = strawberry.enum_value("-updated_at", description="The last changed first.")
    TITLE_ASC = strawberry.enum_value(
        "sort_title", description="By title, without case, accents and punctuation."
    )


@filters(models.Milestone, "Which milestones are meant.")
class MilestoneFilter:
    text: str | None = criterion(
        "Each of these words stands in the title, the ticket's code or the company's name.",
        means=lambda text, _: has_words(text, in_milestone),
    )
    status: Choice[MilestoneStatus] | None = criterion("By how far it has come.")
    blocked: Choice[bool] | None = criterion(
        "By whether it is open while a milestone that it waits for is open too."
    )
    sla: Choice[SlaLight] | None = criterion(
        "By the light of its due date today; null for a finished milestone.", means=has_light
    )
    late: Choice[bool] | None = criterion(
        "By whether it is unfinished and past its due date today.", means=is_late
    )
    ticket: Annotated["TicketFilter", strawberry.lazy("schema.tickets")] | None = criterion(
        "By its ticket.", leads_by="ticket_id"
    )
    ticket_id: Choice[strawberry.ID] | None = criterion("By the ticket that it is a stage of.")
    tree_id: Choice[strawberry.ID] | None = criterion("By the parent at the root of its tree.", form=TREE_ID)
    due_on: DateRange | None = criterion("By its due date.")
    updated_at: Range[datetime] | None = criterion("By when it, or one of its tasks, last changed.")


@strawberry.enum(description="How milestones may be ordered; the id decides in the end.")
class MilestoneOrder(Enum):
    DUE_ON_ASC = strawberry.enum_value("due_on", description="The most urgent due date first.")
    DUE_ON_DESC = strawberry.enum_value("-due_on", description="The latest due date first.")
    UPDATED_AT_DESC = strawberry.enum_value("-updated_at", description="The last changed first.")
    TITLE_ASC = strawberry.enum_value(
        "sort_title", description="By title, without case, accents and punctuation."
    )
