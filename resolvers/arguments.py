"""Arguments that many mutations take, described once."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers.text_limits import text
from services.errors import InvalidInput
from services.planning.actions.plan_token import LONGEST as LONGEST_PLAN_TOKEN
from services.texts import LONGEST_NAME, LONGEST_REASON

TaskId = Annotated[strawberry.ID, strawberry.argument(description="The task's id.")]
MilestoneId = Annotated[strawberry.ID, strawberry.argument(description="The milestone's id.")]
TicketId = Annotated[
    strawberry.ID,
    strawberry.argument(
        description="The ticket's id or code, or crm:<id> with the id of its sale in the CRM."
    ),
]
ActionId = Annotated[strawberry.ID, strawberry.argument(description="The action's id.")]
OperatorId = Annotated[strawberry.ID, strawberry.argument(description="The operator's id.")]
CrmActivityId = Annotated[strawberry.ID, strawberry.argument(description="The activity's id in the CRM.")]
CrmOpportunityId = Annotated[
    strawberry.ID, strawberry.argument(description="The opportunity's id in the CRM.")
]
IntakeItemId = Annotated[strawberry.ID, strawberry.argument(description="The intake item's id.")]
DueOn = Annotated[date, strawberry.argument(description="The new due date.")]
ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(
        description="The version that you read; if it has changed, the mutation is refused as CONFLICT."
    ),
]
RequestKey = Annotated[
    str | None,
    text(
        "A text of your own that identifies this request permanently: repeating it creates nothing more and answers "
        "the same. With other contents it is refused as REQUEST_KEY_REUSED.",
        LONGEST_NAME,
    ),
]
Reason = Annotated[str | None, text("The reason, which is stored; sometimes required.", LONGEST_REASON)]
OpportunityId = Annotated[
    strawberry.ID,
    strawberry.argument(description="The opportunity's id or code, or crm:<id> with its id in the CRM."),
]
CompanyScope = Annotated[
    strawberry.ID | None, strawberry.argument(description="One company; all by default.")
]
TicketScope = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="One ticket tree, by id, code or crm:<id>; all by default."),
]
ChosenLines = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="The ids of the lines; all by default."),
]
Override = Annotated[
    str | None,
    text(
        "Why to go ahead before the ticket is closed, or without mandatory lines; this is stored.",
        LONGEST_REASON,
    ),
]
PlanToken = Annotated[
    str | None,
    text(
        "The token of a preview: do exactly what it showed, or refuse as PLAN_STALE.",
        LONGEST_PLAN_TOKEN,
    ),
]


def refuse_all_but_one(**arguments: object) -> None:
    """Refuse unless exactly one of the arguments is given."""
    if sum(value is not None for value in arguments.values()) != 1:
        expected = f"exactly one of {', '.join(arguments)}"
        raise InvalidInput(f"Give {expected}.", path=(next(iter(arguments)),), expected=expected)


def crm_number(value: str, argument: str) -> int:
    """Return an id of the CRM as a number."""
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise InvalidInput("A CRM id is a whole number.", path=(argument,), expected="a whole number")
    return int(value)
