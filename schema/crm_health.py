"""How the hub and the CRM get along at this moment."""

from datetime import datetime

import strawberry

from schema.actions import CRM_WORDS
from services.vocabulary import AttemptResult, BreakerState


@strawberry.type(description="A failed call to the CRM.")
class CrmFailure:
    at: datetime = strawberry.field(description="When it ended.")
    label: str = strawberry.field(description="What it was for.")
    result: AttemptResult = strawberry.field(description="How it failed.")
    explanation: str | None = strawberry.field(description="The same as a sentence.")
    crm_words: str | None = strawberry.field(description=CRM_WORDS)


@strawberry.type(description="The current state of the connection to the CRM, over all processes.")
class CrmHealth:
    calls_per_minute: int = strawberry.field(
        description="The call budget: at most so many calls in any minute."
    )
    calls_left: int = strawberry.field(description="How many calls may still be sent within the next minute.")
    queue_length: int = strawberry.field(description="How many effects of all actions are unfinished.")
    oldest_item_at: datetime | None = strawberry.field(
        description="When the oldest unfinished effect was created; null if there is none."
    )
    breaker: BreakerState = strawberry.field(description="Whether the CRM is being called.")
    breaker_since: datetime | None = strawberry.field(
        description="Since when it could not be reached, while the breaker is not closed."
    )
    breaker_until: datetime | None = strawberry.field(
        description="When the next call may try, while the breaker is not closed."
    )
    paused_until: datetime | None = strawberry.field(
        description="The end of the pause that the CRM asked for; null if there is none."
    )
    last_errors: list[CrmFailure] = strawberry.field(
        description="The last failed calls of actions and of polling, newest first. Calls that were "
        "not sent, because the breaker is open or the CRM asked for a pause, are not "
        "included."
    )
    odd_records: list[str] = strawberry.field(
        description="Records that polling skips because they have no valid id, newest last."
    )
