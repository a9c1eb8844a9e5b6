"""Everything that can be watched."""

import strawberry

from resolvers.progress import milestone_progress
from schema.progress import MilestoneProgressItem


@strawberry.type(description="Everything that can be watched.")
class Subscription:
    milestone_progress = strawberry.subscription(
        resolver=milestone_progress,
        graphql_type=MilestoneProgressItem,
        description="How the milestones of a ticket's whole tree come along: first everything, or what was missed"
        " since a cursor, then every change once and in order.",
    )
