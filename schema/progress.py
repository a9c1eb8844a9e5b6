"""What those who watch a ticket tree live are shown."""

from datetime import datetime

import strawberry

from resolvers import progress
from services.events import FollowState
from services.vocabulary import MilestoneStatus, TicketStatus


@strawberry.type(description="How far a milestone has come.")
class MilestoneProgress:
    milestone_id: strawberry.ID = strawberry.field(description="The milestone's id.")
    ticket_id: strawberry.ID = strawberry.field(description="The id of the ticket that it is a stage of.")
    ticket_code: str = strawberry.field(description="That ticket's code.")
    position: int = strawberry.field(description="Its place in the ticket, from one.")
    title: str = strawberry.field(description="What the operator reads first.")
    status: MilestoneStatus = strawberry.field(description="How far it has come, in a word.")
    task_count: int = strawberry.field(description="How many tasks count: those not skipped.")
    finished_task_count: int = strawberry.field(description="How many of them are done.")
    progress: float | None = strawberry.field(
        description="The share of them that is done, from 0 to 1; null when there is nothing to do."
    )


@strawberry.type(description="How far a ticket has come, over the tasks of its own milestones.")
class TicketProgress:
    ticket_id: strawberry.ID = strawberry.field(description="The ticket's id.")
    code: str = strawberry.field(description="Its code.")
    title: str = strawberry.field(description="What the operator reads first.")
    status: TicketStatus = strawberry.field(description="How far it has come, in a word.")
    progress: float | None = strawberry.field(
        description="The share of its tasks that is done, from 0 to 1; null when there is nothing to do."
    )


@strawberry.type(description="One thing that a watcher of a ticket tree hears.")
class MilestoneProgressItem:
    state: FollowState = strawberry.field(description="What kind of thing it is.")
    seq: int = strawberry.field(description="Its place in the tree's log.")
    previous_seq: int | None = strawberry.field(
        description="The place of the item heard before it; null for the first."
    )
    cursor: str = strawberry.field(
        resolver=progress.cursor, description="Hand it back as `after` to go on from here."
    )
    occurred_at: datetime | None = strawberry.field(description="When it happened; null for a snapshot.")
    milestones: list[MilestoneProgress] = strawberry.field(
        resolver=progress.milestones,
        description="All milestones of the tree in a snapshot, those touched in a change.",
    )
    tickets: list[TicketProgress] = strawberry.field(
        resolver=progress.tickets,
        description="All tickets of the tree in a snapshot, those touched in a change.",
    )
