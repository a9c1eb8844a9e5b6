"""How the hub and the CRM get along at this moment."""

from datetime import datetime

import strawberry

from services.vocabulary import BreakerState


@strawberry.type(description="A call to the CRM that did not do what was asked.")
class CrmFailure:
    at: datetime = strawberry.field(description="When it ended.")
    label: str = strawberry.field(description="What it was for.")
    result: str = strawberry.field(description="How it failed.")
    words: str | None = strawberry.field(description="What the CRM said, without secrets.")


@strawberry.type(description="How the hub and the CRM get along at this moment, over all processes.")
class CrmHealth:
    calls_per_minute: int = strawberry.field(description="The budget: never more than so many in any minute.")
    calls_left: int = strawberry.field(description="How many calls may still leave within the next minute.")
    queue_length: int = strawberry.field(description="How many effects are unfinished, in all actions.")
    oldest_item_at: datetime | None = strawberry.field(
        description="When the oldest unfinished effect was decided; null when there is none."
    )
    breaker: BreakerState = strawberry.field(description="Whether the CRM is called at all.")
    breaker_since: datetime | None = strawberry.field(
        description="Since when it could not be reached, while the breaker is not closed."
    )
    breaker_until: datetime | None = strawberry.field(
        description="When somebody will try, or would, while the breaker is not closed."
    )
    paused_until: datetime | None = strawberry.field(
        description="The end of the pause that the CRM asked for; null when there is none."
    )
    last_errors: list[CrmFailure] = strawberry.field(
        description="The last few calls that failed, of actions and of polling, newest first. What was not called at "
        "all, because the CRM is left alone or asked for a pause, is not among them."
    )
