"""Arguments that many mutations take, described once."""

from typing import Annotated

import strawberry

from resolvers.errors import BadUserInput

TaskId = Annotated[strawberry.ID, strawberry.argument(description="The task's id.")]
MilestoneId = Annotated[strawberry.ID, strawberry.argument(description="The milestone's id.")]
TicketId = Annotated[strawberry.ID, strawberry.argument(description="The ticket's id.")]
ActionId = Annotated[strawberry.ID, strawberry.argument(description="The action's id.")]
OperatorId = Annotated[strawberry.ID, strawberry.argument(description="The operator's id.")]
CrmActivityId = Annotated[strawberry.ID, strawberry.argument(description="The activity's id in the CRM.")]
CrmOpportunityId = Annotated[
    strawberry.ID, strawberry.argument(description="The opportunity's id in the CRM.")
]
IntakeItemId = Annotated[strawberry.ID, strawberry.argument(description="The intake item's id.")]
ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(description="The version that you looked at; another one is refused as CONFLICT."),
]
Reason = Annotated[str | None, strawberry.argument(description="Why; kept, and sometimes required.")]
OpportunityId = Annotated[strawberry.ID, strawberry.argument(description="The opportunity's id.")]
CompanyScope = Annotated[
    strawberry.ID | None, strawberry.argument(description="One company; all by default.")
]
TicketScope = Annotated[
    strawberry.ID | None, strawberry.argument(description="One ticket tree; all by default.")
]
ChosenLines = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="The lines that are meant; all by default."),
]
Override = Annotated[
    str | None,
    strawberry.argument(
        description="Why to go ahead before the ticket is closed, or without mandatory lines; kept."
    ),
]
PlanToken = Annotated[
    str | None,
    strawberry.argument(
        description="The token of a preview: do what it showed and nothing else, or refuse as PLAN_STALE."
    ),
]


def refuse_all_but_one(**arguments: object) -> None:
    """See to it that exactly one of the arguments is given."""
    if sum(value is not None for value in arguments.values()) != 1:
        raise BadUserInput(next(iter(arguments)), f"Give exactly one of {', '.join(arguments)}.")


def crm_number(value: str, argument: str) -> int:
    """An id of the CRM as the number that it is there."""
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise BadUserInput(argument, "A CRM id is a whole number.")
    return int(value)
