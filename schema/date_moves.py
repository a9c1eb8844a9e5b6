"""What moves with a date."""

from datetime import date

import strawberry

from resolvers.reads.fields import shows_entries
from resolvers.reads.rows import loaded
from schema.nodes import WorkItem
from schema.problems import Problem, problems
from schema.sizes import MILESTONES, TASKS
from services.planning.tickets.date_moves import RescheduleWarning
from services.vocabulary import SlaLight


@strawberry.type(description="New dates of a ticket, a milestone or a task.")
class DateMove:
    node: WorkItem | None = loaded("What moves, as it is now.", by="id")
    starts_on_before: date = strawberry.field(description="The day on which it can start now.")
    starts_on: date = strawberry.field(description="The day on which it could start then.")
    due_on_before: date = strawberry.field(description="Its due date now.")
    due_on: date = strawberry.field(description="Its due date then.")
    working_days: int = strawberry.field(
        description="By how many working days its due date moves; negative for earlier."
    )
    sla: SlaLight = strawberry.field(description="The light that it would have today.")


@strawberry.type(
    description="What would move if work were due on another day, or the problems that prevent it."
)
class ReschedulePreview:
    due_on: date | None = strawberry.field(
        description="The day on which it would be due: the one asked for, or the next working day."
    )
    moves: list[DateMove] | None = strawberry.field(
        description="Everything that would move, the work itself first and the ticket last; null if a problem "
        "prevents it.",
        metadata=shows_entries(lambda _: MILESTONES * (1 + TASKS)),
    )
    crm_activity_count: int | None = strawberry.field(
        description="How many activities of the CRM would get another date."
    )
    warnings: list[RescheduleWarning] | None = strawberry.field(
        description="What one should know before; it prevents nothing."
    )
    plan_token: str | None = strawberry.field(
        description="Pass it to the mutation to get exactly this or PLAN_STALE."
    )
    problems: list[Problem] = problems()
