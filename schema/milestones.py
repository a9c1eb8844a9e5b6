"""Milestones and the tasks in them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers.sources import column, computed, expression, many, one, rows_of
from schema.access import Operator
from schema.nodes import Node
from services.planning import sla
from services.reads import work
from services.vocabulary import MilestoneKind, MilestoneStatus, SlaLight, TaskStatus

if TYPE_CHECKING:
    from schema.opportunities import CrmActivity
    from schema.tickets import Ticket


@strawberry.type(description="One line of a task's checklist.")
class ChecklistEntry:
    text: str = strawberry.field(description="What to see to.")
    done: bool = strawberry.field(description="Whether it was seen to.")


@rows_of(models.Task)
@strawberry.type(description="A piece of work in a milestone.")
class Task(Node):
    title: str = column("What the operator reads first.")
    position: int = column("Its place in the milestone, from one.")
    role: str = column("The workflow role that the work asks for.")
    mandatory: bool = column("Whether the milestone needs it done; only an optional task may be skipped.")
    status: TaskStatus = column("How far it has come.")
    assignee: Operator = one("Who does it.", by="assignee_id")
    milestone: Annotated["Milestone", strawberry.lazy("schema.milestones")] = one(
        "The milestone that it is part of.", by="milestone_id"
    )
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it is part of.", by="ticket_id"
    )
    estimated_hours: Decimal = column("How many hours of work are expected.")
    sla_days: int = column("How many working days it is given.")
    starts_on: date = column("The day on which it can start.")
    due_on: date = column("The day by which it should be done.")
    original_due_on: date = column("The due date that was planned at first.")
    started_at: datetime | None = column("When it was started; null before.")
    finished_at: datetime | None = column("When it was done or skipped; null before.")
    notes: str = column("What operators wrote about it.")
    checklist: list[ChecklistEntry] = computed(work.checklist_entries, "What to see to, in order.")
    reason: str | None = column("Why it was skipped or made optional, where it was.")
    sla: SlaLight | None = computed(
        sla.light,
        "How it stands against its due date, with its milestone's warning and escalation days; null when finished.",
        warning_days=work.task_warning_days,
        escalation_days=work.task_escalation_days,
        finished=work.task_finished,
    )
    blocked: bool = expression(work.task_blocked, "Whether it is open while its milestone waits for another.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@rows_of(models.Milestone)
@strawberry.type(description="An ordered, dated stage of a ticket.")
class Milestone(Node):
    title: str = column("What the operator reads first.")
    position: int = column("Its place in the ticket, from one.")
    kind: MilestoneKind = column("How much it matters.")
    status: MilestoneStatus = column("How far it has come.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it is a stage of.", by="ticket_id"
    )
    tasks: list[Task] = many("Its work, in order.", by="milestone_id")
    depends_on: list[int] = column(
        "The positions of the milestones that it waits for; where empty, it waits for the one before it."
    )
    progress: float | None = expression(
        work.milestone_progress,
        "Finished tasks among those not skipped, from 0 to 1; null when there is nothing to do.",
    )
    task_count: int = expression(work.milestone_task_count, "How many tasks it has.")
    finished_task_count: int = expression(work.milestone_finished_task_count, "How many of them are done.")
    sla_days: int = column("How many working days it is given at least.")
    warning_days: int = column("How many working days before the due date the light turns yellow.")
    escalation_days: int = column("How many working days after the due date the light turns red.")
    starts_on: date = column("The day on which it can start.")
    due_on: date = column("The day by which it should be completed.")
    original_due_on: date = column("The due date that was planned at first.")
    started_at: datetime | None = column("When its work was started; null before.")
    completed_at: datetime | None = column("When it was completed; null before.")
    cancelled_at: datetime | None = column("When it was cancelled; null otherwise.")
    reason: str | None = column("Why it was cancelled or completed by hand, where it was.")
    sla: SlaLight | None = computed(
        sla.light, "How it stands against its due date; null when finished.", finished=work.milestone_finished
    )
    blocked: bool = expression(
        work.milestone_blocked, "Whether it is open while a milestone that it waits for is open too."
    )
    crm_activity: Annotated["CrmActivity", strawberry.lazy("schema.opportunities")] | None = one(
        "What it looks like in the CRM, once generated.", back="milestone_id"
    )
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")
