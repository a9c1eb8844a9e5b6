"""Everything that can be watched."""

import strawberry

from resolvers.action_progress import action_progress
from resolvers.kpi_updates import kpi_updates
from resolvers.kpis import SHOWS_FIGURES
from resolvers.live import ticket_events
from resolvers.progress import milestone_progress
from resolvers.pulse import pulse
from schema.kpis import KpiUpdate
from schema.live import ActionProgressItem, TicketEventsItem
from schema.progress import MilestoneProgressItem
from schema.pulse import Pulse


@strawberry.type(description="All subscriptions.")
class Subscription:
    milestone_progress = strawberry.subscription(
        resolver=milestone_progress,
        graphql_type=MilestoneProgressItem,
        description="The progress of all milestones in a ticket's tree: first a snapshot, or the "
        "changes since a cursor, then every change once and in order.",
    )
    ticket_events = strawberry.subscription(
        resolver=ticket_events,
        graphql_type=TicketEventsItem,
        description="Everything that happens in a ticket's tree, as rows to put in place of those that you "
        "have: first all of them, or what was missed since a cursor, then every commit once and in "
        "order. If nothing happens, an item says so every 15 seconds.",
    )
    action_progress = strawberry.subscription(
        resolver=action_progress,
        graphql_type=ActionProgressItem,
        description="The progress of an action: first all of its effects, or what was missed since a cursor, "
        "then every commit once and in order. It ends when the action is no longer RUNNING; after a "
        "retry, subscribe again with the same cursor.",
    )
    kpi_updates = strawberry.subscription(
        resolver=kpi_updates,
        graphql_type=KpiUpdate,
        description="The figures of a board, and those that changed whenever some do, at most four times a second. "
        "Figures are states: if you miss one, the next item makes up for it. Figures whose rows are selected "
        "come with every change. If nothing happens, an item says so every 15 seconds.",
        metadata=SHOWS_FIGURES,
    )
    pulse = strawberry.subscription(
        resolver=pulse,
        graphql_type=Pulse,
        description="What the frame around every screen shows: badges, the CRM's state, running actions, and which "
        "lists changed. The first item says how things are; then there is at most one a second, and at "
        "least one in 15 seconds.",
    )
