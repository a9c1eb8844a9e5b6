"""The register of what was changed."""

from datetime import datetime

import strawberry

import models
from resolvers.actors import actor
from resolvers.changes import SECRET, first_cause, first_event
from resolvers.reads.rows import linked
from resolvers.reads.sources import ExpressionSource, Hidden, column, many, rows_of
from schema.actors import Actor, SystemActor
from schema.events import Event
from schema.nodes import Node
from services.vocabulary import Role

EVENTS = 50


@rows_of(models.Event, hidden=Hidden(SECRET, Role.ADMIN))
@strawberry.type(description="What was committed together: what was done first, and what followed from it.")
class Change:
    id: strawberry.ID = column("Its id, which its events have as `changeId`.", name="change_id")
    at: datetime = column("When it was committed.", name="occurred_at")
    by: Actor = actor("Who did it.", system=SystemActor, column="actor")
    first: Event | None = linked(
        "What was done; the other events followed from it.", ExpressionSource(first_event)
    )
    events: list[Event] = many(
        "All of it, in order.", by="change_id", of="change_id", order="id", size=EVENTS
    )
    cause: Node | None = linked(
        "The event or the effect in the CRM that led to it; null if a request did.",
        ExpressionSource(first_cause),
    )
