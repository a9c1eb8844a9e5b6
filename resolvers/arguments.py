"""Arguments that many mutations take, described once."""

from typing import Annotated

import strawberry

TaskId = Annotated[strawberry.ID, strawberry.argument(description="The task's id.")]
MilestoneId = Annotated[strawberry.ID, strawberry.argument(description="The milestone's id.")]
TicketId = Annotated[strawberry.ID, strawberry.argument(description="The ticket's id.")]
ActionId = Annotated[strawberry.ID, strawberry.argument(description="The action's id.")]
OperatorId = Annotated[strawberry.ID, strawberry.argument(description="The operator's id.")]
CrmActivityId = Annotated[strawberry.ID, strawberry.argument(description="The activity's id in the CRM.")]
IntakeItemId = Annotated[strawberry.ID, strawberry.argument(description="The intake item's id.")]
ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(description="The version that you looked at; another one is refused as CONFLICT."),
]
Reason = Annotated[str | None, strawberry.argument(description="Why; kept, and sometimes required.")]
