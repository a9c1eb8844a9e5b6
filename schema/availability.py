"""What can be done now, and why not."""

import strawberry

from schema.problems import Problem


@strawberry.type(
    description="Whether something can be done now, by this caller. It is decided from the hub's own "
    "rows; the CRM is not asked."
)
class Availability:
    allowed: bool = strawberry.field(
        description="Whether it would be accepted, with a reason if `needsReason`."
    )
    needs_reason: bool = strawberry.field(description="Whether it is only accepted with a reason.")
    problem: Problem | None = strawberry.field(
        description="What it would answer without a reason; null if it would be accepted."
    )


@strawberry.type(description="What can be done with a ticket now.")
class TicketAvailability:
    generate_opportunities: Availability = strawberry.field(description="🟡, for all lines.")
    sync_opportunities: Availability = strawberry.field(description="🟠, for the ticket's tree.")
    generate_activities: Availability | None = strawberry.field(
        description="🟣, for its opportunity; null for a ticket without one, such as a parent."
    )
    cancel: Availability = strawberry.field(
        description="Cancelling it. With open children it also takes a choice what happens to them."
    )


@strawberry.type(description="What can be done with an opportunity now.")
class OpportunityAvailability:
    generate_activities: Availability = strawberry.field(
        description="🟣, for the milestones of its child ticket."
    )
