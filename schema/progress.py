"""The live progress of a ticket tree."""

from datetime import datetime

import strawberry

import models
from resolvers.live import among
from resolvers.reads.sources import column, expression, rows_of
from services.events import FollowState
from services.tickets import read_fields
from services.vocabulary import MilestoneStatus, TicketStatus


@rows_of(models.Milestone)
@strawberry.type(description="The progress of a milestone.")
class MilestoneProgress:
    milestone_id: strawberry.ID = column("The milestone's id.", name="id")
    ticket_id: strawberry.ID = column("The id of the ticket that it is a stage of.")
    ticket_code: str = expression(read_fields.milestone_ticket_code, "That ticket's code.")
    position: int = column("Its position in the ticket, from one.")
    title: str = column("The title that operators see.")
    status: MilestoneStatus = column("Its status.")
    task_count: int = column("How many tasks it has, without skipped ones.")
    finished_task_count: int = column("How many of them are done.")
    progress: float | None = expression(
        read_fields.milestone_progress, "The share that is done, from 0 to 1; null if there is nothing to do."
    )


@rows_of(models.Ticket)
@strawberry.type(description="The progress of a ticket, over the tasks of its own milestones.")
class TicketProgress:
    ticket_id: strawberry.ID = column("The ticket's id.", name="id")
    code: str = column("Its code.")
    title: str = column("The title that operators see.")
    status: TicketStatus = column("Its status.")
    progress: float | None = expression(
        read_fields.ticket_progress,
        "The share of its tasks that is done, from 0 to 1; null if there is nothing to do.",
    )


@strawberry.type(description="One live item about a ticket tree.")
class MilestoneProgressItem:
    state: FollowState = strawberry.field(description="Its kind.")
    seq: int = strawberry.field(description="Its position in the tree's log.")
    previous_seq: int | None = strawberry.field(
        description="The position of the item before it; null for the first."
    )
    cursor: str = strawberry.field(description="Pass it as `after` to continue from here.")
    occurred_at: datetime | None = strawberry.field(description="When it happened; null for a snapshot.")
    milestones: list[MilestoneProgress] = among(
        "In a snapshot all milestones of the tree, in a change those affected. They are at least as new as `seq`.",
        models.Milestone,
        by="rows",
    )
    tickets: list[TicketProgress] = among(
        "In a snapshot all tickets of the tree, in a change those affected. They are at least as new as `seq`.",
        models.Ticket,
        by="rows",
    )
