"""What a button would do before it is pressed."""

import strawberry

from schema.problems import Problem, problems
from services.vocabulary import ForeseenOutcome


@strawberry.type(description="One thing that the button is for, and what would become of it.")
class PreviewItem:
    key: strawberry.ID = strawberry.field(description="The id of what it is for.")
    reference: str = strawberry.field(description="Our reference, which the CRM's record carries.")
    label: str = strawberry.field(description="What the operator reads first.")
    outcome: ForeseenOutcome = strawberry.field(description="What would become of it.")
    explanation: str | None = strawberry.field(description="Why, where that needs words.")
    crm_id: strawberry.ID | None = strawberry.field(description="The CRM's record, where there is one.")


@strawberry.type(
    description="What a button would do if it were pressed now, or the problems that prevent it. Nothing was done."
)
class ActionPreview:
    items: list[PreviewItem] | None = strawberry.field(
        description="Everything that it is for, in order; null where a problem prevents it."
    )
    crm_calls: int | None = strawberry.field(
        description="How many calls of the CRM it takes, if nothing fails."
    )
    estimated_duration: int | None = strawberry.field(
        description="How many seconds these calls take under the limit of calls a minute."
    )
    mirror_age: int | None = strawberry.field(
        description="How many seconds ago our copy of what the CRM holds was true; null where we hold none."
    )
    looked: bool | None = strawberry.field(
        name="crmRead",
        description="Whether the CRM was read for it as well; else it rests on our copy alone, and what else the CRM "
        "holds will need a person.",
    )
    plan_token: str | None = strawberry.field(
        description="Hand it to the button to get exactly this or PLAN_STALE; null while the button would be refused."
    )
    problems: list[Problem] = problems()
