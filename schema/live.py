"""What happens in a ticket tree or an action, live."""

from datetime import date, datetime
from typing import Any

import strawberry

import models
from resolvers.actors import SYSTEM
from resolvers.live import among, one_of
from schema.actions import Action, ActionItem
from schema.actors import Actor, SystemActor
from schema.events import Event
from schema.trees import TreeRows
from services.events import FollowState


def _actor(root: strawberry.Parent[Any]) -> Any:
    return root.operator or (SystemActor(name=root.actor.removeprefix(SYSTEM)) if root.actor else None)


@strawberry.type(description="One live item about everything in a ticket tree.")
class TicketEventsItem:
    state: FollowState = strawberry.field(description="Its kind.")
    seq: int = strawberry.field(description="Its position in the tree's log.")
    previous_seq: int | None = strawberry.field(
        description="The position of the item before it; null for the first of a snapshot."
    )
    cursor: str = strawberry.field(description="Pass it as `after` to continue from here.")
    occurred_at: datetime | None = strawberry.field(description="When it was committed; null if nothing was.")
    today: date = strawberry.field(description="The calendar's day, with which lights are compared.")
    by: Actor | None = strawberry.field(
        resolver=_actor, description="Who did it; null if nothing was committed."
    )
    rows: TreeRows = strawberry.field(
        description="In a snapshot some rows of the tree. In a change every row that reads differently now, computed "
        "fields included; if several changes come together, each row with the last of them that "
        "touches it. All are whole, and at least as new as `seq`."
    )
    removed_ids: list[strawberry.ID] = strawberry.field(description="The ids of rows that are gone.")
    more: bool = strawberry.field(
        description="Whether more parts of the same snapshot follow; a part has at most 500 rows."
    )
    events: list[Event] = strawberry.field(description="The events that were committed; none in a snapshot.")


@strawberry.type(description="One live item about an action.")
class ActionProgressItem:
    state: FollowState = strawberry.field(description="Its kind.")
    seq: int = strawberry.field(description="Its position in the action's log.")
    previous_seq: int | None = strawberry.field(
        description="The position of the item before it; null for the first of a snapshot."
    )
    cursor: str = strawberry.field(description="Pass it as `after` to continue from here.")
    occurred_at: datetime | None = strawberry.field(description="When it was committed; null if nothing was.")
    action: Action = one_of("The action, at least as new as `seq`.", models.Action, by="rows")
    items: list[ActionItem] = among(
        "In a snapshot some of its effects, in order. In a change those that it touched; if several "
        "changes come together, each effect with the last of them that touches it. All are at least as "
        "new as `seq`.",
        models.ActionItem,
        by="rows",
    )
    more: bool = strawberry.field(
        description="Whether more parts of the same snapshot follow; a part has at most 500 effects."
    )
