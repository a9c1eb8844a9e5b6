"""How much work waits."""

import strawberry


@strawberry.type(description="How much waits for the caller and for everybody, as badges show it.")
class WorkCounts:
    mine: int = strawberry.field(description="The caller's tasks that can be started now.")
    mine_late: int = strawberry.field(description="Those of them that are past their due date.")
    team: int = strawberry.field(description="Everybody's tasks that can be started now.")
    late: int = strawberry.field(description="Everybody's open tasks that are past their due date.")
    orphaned: int = strawberry.field(description="Open tasks of operators who are no longer active.")
    intake: int = strawberry.field(description="Activities that wait in the intake inbox.")
    crm_errors: int = strawberry.field(description="Effects in the CRM that failed or need a person.")
    opportunities: int = strawberry.field(
        description="CRM opportunities that wait for an operator to map or repair them."
    )
