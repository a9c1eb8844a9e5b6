"""The event log."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.scalars import JSON

import models
from models.events import columns_after
from resolvers.actors import actor
from resolvers.changes import SECRET, event_changes
from resolvers.reads.filters import Choice, Range, criterion, filters
from resolvers.reads.rows import linked
from resolvers.reads.sources import ColumnSource, Hidden, column, computed, rows_of
from schema.actors import Actor, SystemActor
from schema.forms import CHANGE_ID, ENTITY, ROW_ID, STREAM_ID
from schema.nodes import Node
from schema.problems import FieldChange
from services.events import EventType
from services.vocabulary import Role


@rows_of(models.Event, hidden=Hidden(SECRET, Role.ADMIN))
@strawberry.type(
    description="One committed change of one row: who, what, why, and its columns before and "
    "after. Only administrators see the events of operators and tokens."
)
class Event(Node):
    stream_id: strawberry.ID = column(
        "Its stream: a ticket tree's id, an action's id, `catalog`, `access` or `intake`."
    )
    seq: int = column("Its position in the stream, from one, without gaps.")
    change_id: strawberry.ID = column("The id shared by all events of one transaction.")
    kind: EventType = column("What happened.")
    entity: str = column("The type of the changed row.")
    entity_id: strawberry.ID = column("The id of the changed row.")
    node: Node | None = linked(
        "The changed row as it is now; null if it is gone or has no type in this API.",
        ColumnSource("entity_id"),
    )
    by: Actor = actor("Who did it.", system=SystemActor, column="actor")
    changes: list[FieldChange] = event_changes(
        "What changed, by the fields of this API that show it, with their values as they are stored."
    )
    actor: str = column("Who did it: an operator's id, or the name of an automatic process.")
    cause: str = column("The event, request or action item that led to it.")
    occurred_at: datetime = column("When it was committed; it never runs backwards within a stream.")
    schema_version: int = column("The version of the format of `before` and `after`.")
    before: JSON | None = column("The changed columns before; null for a new row.")
    after: JSON | None = computed(columns_after, "The changed columns after; null for a deleted row.")
    consequences: JSON | None = column(
        "The consequences of the whole change for other rows of the stream, by their ids, "
        "such as tasks that became ready. Only on the last event of a change; null on the "
        "others."
    )


@filters(models.Event, "A filter of events.")
class EventFilter:
    stream_id: Choice[strawberry.ID] | None = criterion("By stream.", form=STREAM_ID)
    kind: Choice[EventType] | None = criterion("By what happened.")
    entity: Choice[str] | None = criterion("By the type of the changed row.", form=ENTITY)
    entity_id: Choice[strawberry.ID] | None = criterion("By the changed row.", form=ROW_ID)
    actor: Choice[str] | None = criterion("By who did it.")
    change_id: Choice[strawberry.ID] | None = criterion(
        "By the change that it was committed in.", form=CHANGE_ID
    )
    occurred_at: Range[datetime] | None = criterion("By when it was committed.")


@strawberry.enum(description="The orders of events.")
class EventOrder(Enum):
    OLDEST_FIRST = strawberry.enum_value("id", description="Oldest first.")
    NEWEST_FIRST = strawberry.enum_value("-id", description="Newest first.")
