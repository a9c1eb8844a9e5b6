"""The log of what happened."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.scalars import JSON

import models
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.sources import column, rows_of
from schema.nodes import Node


@rows_of(models.Event)
@strawberry.type(
    description="One committed change of one thing: who, what, why, and its columns before and after."
)
class Event(Node):
    stream_id: strawberry.ID = column(
        "The stream that it stands in: a ticket tree's id, an action's id, `catalog`, `access` or `intake`."
    )
    seq: int = column("Its place in the stream, from one, without holes.")
    change_id: strawberry.ID = column("The same for everything that was committed together.")
    kind: str = column("What happened.")
    entity: str = column("The type of what changed.")
    entity_id: strawberry.ID = column("The id of what changed.")
    actor: str = column("Who did it: an operator's id, or the name of what acts by itself.")
    cause: str = column("The event, request or action item that led to it.")
    occurred_at: datetime = column("When it was committed; it never runs backwards within a stream.")
    schema_version: int = column("The version of the shape of `before` and `after`.")
    before: JSON | None = column("The changed columns as they were; null for what is new.")
    after: JSON | None = column("The changed columns as they are; null for what is gone.")


@filters(models.Event, "Which events are meant.")
class EventFilter:
    stream_id: Choice[strawberry.ID] | None = criterion("By the stream that it stands in.")
    kind: Choice[str] | None = criterion("By what happened.")
    entity: Choice[str] | None = criterion("By the type of what changed.")
    entity_id: Choice[strawberry.ID] | None = criterion("By what changed.")
    actor: Choice[str] | None = criterion("By who did it.")
    change_id: Choice[strawberry.ID] | None = criterion("By what was committed together.")
    occurred_at: Range[datetime] | None = criterion("By when it was committed.")


@strawberry.enum(description="How events may be ordered.")
class EventOrder(Enum):
    OLDEST_FIRST = strawberry.enum_value("id", description="Oldest first.")
    NEWEST_FIRST = strawberry.enum_value("-id", description="Newest first.")
