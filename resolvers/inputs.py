"""The input objects of mutations."""

from datetime import date
from decimal import Decimal

import strawberry

from resolvers.text_limits import text_field
from services.texts import LONGEST_LABEL, LONGEST_LINE, LONGEST_NOTES, LONGEST_REASON
from services.vocabulary import MilestoneKind, Priority, Role


@strawberry.input(description="An entry of a checklist.")
class ChecklistEntryInput:
    text: str = text_field("What to do.", LONGEST_LINE)
    id: strawberry.ID | None = strawberry.field(
        description="The entry that it is; null for a new one.", default=None
    )


@strawberry.input(description="New values of a task.")
class TaskInput:
    title: str | None = text_field("The title that operators see.", LONGEST_LABEL, default=None)
    notes: str | None = text_field("The operators' notes; empty for none.", LONGEST_NOTES, default=None)
    estimated_hours: Decimal | None = strawberry.field(
        description="How many hours of work are expected: more than 0, up to 999.", default=None
    )
    workflow_role: str | None = text_field(
        "The workflow role that does the work.", LONGEST_LABEL, default=None
    )
    checklist: list[ChecklistEntryInput] | None = strawberry.field(
        description="The whole checklist, in order, at most 50 entries. An entry with an id keeps its tick, one "
        "without is new, one that is missing is removed.",
        default=None,
    )


@strawberry.input(description="A task to add.")
class NewTaskInput:
    title: str = text_field("The title that operators see.", LONGEST_LABEL)
    mandatory: bool = strawberry.field(
        description="Whether the milestone needs it done; only an optional task may be skipped.", default=True
    )
    sla_days: int = strawberry.field(description="Its duration in working days, 1 to 365.", default=1)
    due_on: date | None = strawberry.field(
        description="The day by which it should be done, or the next working day; by default its SLA days after the "
        "task before it.",
        default=None,
    )
    workflow_role: str | None = text_field(
        "The workflow role that does the work; by default that of the task before it.",
        LONGEST_LABEL,
        default=None,
    )
    assignee_id: strawberry.ID | None = strawberry.field(
        description="The id of the operator who does it; by default one who fills the role, else the ticket's owner.",
        default=None,
    )
    estimated_hours: Decimal = strawberry.field(
        description="How many hours of work are expected: more than 0, up to 999.", default=Decimal("1.00")
    )
    checklist: list[str] = text_field(
        "The checklist, in order; at most 50 entries.", LONGEST_LINE, default_factory=list
    )
    notes: str = text_field("The operators' notes; empty for none.", LONGEST_NOTES, default="")


@strawberry.input(description="A milestone to add.")
class NewMilestoneInput:
    title: str = text_field("The title that operators see.", LONGEST_LABEL)
    kind: MilestoneKind = strawberry.field(description="Its kind.", default=MilestoneKind.STANDARD)
    sla_days: int = strawberry.field(description="Its minimum duration in working days, 1 to 365.", default=1)
    warning_days: int = strawberry.field(
        description="How many working days before the due date the light turns yellow, 0 to 365.", default=1
    )
    escalation_days: int = strawberry.field(
        description="How many working days after the due date the light turns red, 0 to 365.", default=1
    )
    waits_for_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of the milestones of the ticket that it depends on; if empty, it depends on the last one.",
        default_factory=list,
    )
    tasks: list[NewTaskInput] = strawberry.field(
        description="Its tasks, in order, at most 50.", default_factory=list
    )


@strawberry.input(description="New values of a ticket.")
class TicketInput:
    notes: str | None = text_field("The operators' notes; empty for none.", LONGEST_NOTES, default=None)
    priority: Priority | None = strawberry.field(description="Its priority.", default=None)
    owner_id: strawberry.ID | None = strawberry.field(
        description="The id of its new owner, an active operator.", default=None
    )
    hand_over_tasks: bool = strawberry.field(
        description="With a new owner: whether the open tasks of the previous owner go to the new one.",
        default=False,
    )


@strawberry.input(description="Values of an operator. Only `crmUserId` and `weeklyHours` may be set to null.")
class OperatorInput:
    name: str | None = text_field("Their name; required for a new one.", LONGEST_LABEL, default=None)
    email: str | None = text_field(
        "Their e-mail address, unique among operators; required for a new one.", LONGEST_LABEL, default=None
    )
    role: Role | None = strawberry.field(
        description="Their highest role; VIEWER by default for a new one.", default=None
    )
    crm_user_id: strawberry.ID | None = strawberry.field(
        description="Their user id in the CRM; null for none.", default=strawberry.UNSET
    )
    workflow_roles: list[str] | None = text_field(
        "All workflow roles that they fill.", LONGEST_LABEL, default=None
    )
    weekly_hours: Decimal | None = strawberry.field(
        description="How many hours a week they give to tasks: more than 0, up to 168; null for unknown.",
        default=strawberry.UNSET,
    )
    active: bool | None = strawberry.field(
        description="Whether they are active. False ends their sessions and tokens for good.", default=None
    )


@strawberry.input(description="One task of many.")
class TaskTargetInput:
    id: strawberry.ID = strawberry.field(description="The task's id.")
    expected_version: int | None = strawberry.field(
        description="The version that you read; if it has changed, this task is refused as CONFLICT.",
        default=None,
    )


@strawberry.input(description="A reason.")
class ReasonInput:
    reason: str | None = text_field(
        "The reason, which is stored; sometimes required.", LONGEST_REASON, default=None
    )


@strawberry.input(description="An operator.")
class AssignInput:
    operator_id: strawberry.ID = strawberry.field(description="The operator's id.")


@strawberry.input(description="A new due date: a day, or a distance from the present one.", one_of=True)
class RescheduleInput:
    due_on: date | None = strawberry.field(description="This day for all.", default=strawberry.UNSET)
    by_working_days: int | None = strawberry.field(
        description="So many working days later, or earlier if negative: -365 to 365.",
        default=strawberry.UNSET,
    )


@strawberry.input(description="What to do with tasks; exactly one.", one_of=True)
class TaskChangeInput:
    start: bool | None = strawberry.field(description="True: start them.", default=strawberry.UNSET)
    complete: bool | None = strawberry.field(description="True: finish them.", default=strawberry.UNSET)
    skip: ReasonInput | None = strawberry.field(description="Skip them.", default=strawberry.UNSET)
    reopen: ReasonInput | None = strawberry.field(
        description="Make them TODO again.", default=strawberry.UNSET
    )
    waive: ReasonInput | None = strawberry.field(
        description="Make them optional, for a reason.", default=strawberry.UNSET
    )
    assign: AssignInput | None = strawberry.field(
        description="Assign them to an operator.", default=strawberry.UNSET
    )
    reschedule: RescheduleInput | None = strawberry.field(
        description="Give them another due date.", default=strawberry.UNSET
    )
