"""What a button would do before it is pressed."""

import strawberry

from resolvers.crm_pages import effect_page
from schema.problems import Problem, problems
from services.vocabulary import ForeseenOutcome, ItemKind, ItemReason


@strawberry.type(description="One value that an update changes.")
class ValueChange:
    name: str = strawberry.field(
        description="What it is: `subject`, `dueOn`, `completed`, `ownerCrmId`, `reference` and `opportunity` "
        "of an activity; `title`, `amount`, `phase`, `status`, `missing` and `flag` of an opportunity."
    )
    before: str | None = strawberry.field(
        description="What is there; null for nothing, or for no plain value."
    )
    after: str | None = strawberry.field(description="What would be there.")


@strawberry.type(description="One effect that the button would have.")
class PreviewItem:
    kind: ItemKind = strawberry.field(description="What it would do.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="The id of the line, milestone, opportunity or company that it is for; null for a "
        "record that only the CRM has."
    )
    reference: str | None = strawberry.field(
        description="Our reference, which the CRM record carries; null if it has none."
    )
    label: str = strawberry.field(description="The title that operators see.")
    outcome: ForeseenOutcome = strawberry.field(description="What the button would do.")
    reason: ItemReason | None = strawberry.field(description="Why, if that needs a reason.")
    explanation: str | None = strawberry.field(description="The same as a sentence, for logs.")
    changes: list[ValueChange] = strawberry.field(
        description="What an update would change: in the CRM by 🟣, in our copy of its records by 🟠."
    )
    crm_id: strawberry.ID | None = strawberry.field(description="The id of the CRM record, if there is one.")
    crm_url: str | None = effect_page()


@strawberry.type(
    description="What a button would do if it were pressed now, or the problems that prevent it. "
    "A preview changes nothing."
)
class ActionPreview:
    items: list[PreviewItem] | None = strawberry.field(
        description="Its effects, in order; null if a problem prevents it."
    )
    crm_calls: int | None = strawberry.field(description="How many CRM calls it takes if nothing fails.")
    estimated_seconds: int | None = strawberry.field(
        description="How many seconds these calls take under the call budget."
    )
    mirror_age_seconds: int | None = strawberry.field(
        description="The age of our copy of the CRM's records, in seconds; null if we have none."
    )
    looked: bool | None = strawberry.field(
        name="crmRead",
        description="Whether the CRM was read as well. If not, the preview rests on our copy, and "
        "other records found in the CRM will need a person.",
    )
    plan_token: str | None = strawberry.field(
        description="Pass it to the button to get exactly this or PLAN_STALE; null if the button "
        "would be refused."
    )
    problems: list[Problem] = problems()
