"""Mutations of who may come in: from a field to the use case and back."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import OperatorId
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import operators
from services.vocabulary import Role


async def create_token(
    info: Info[Context, Any],
    operator_id: OperatorId,
    role: Annotated[Role, strawberry.argument(description="The most that it allows.")],
    label: Annotated[str, strawberry.argument(description="What it is for.")],
    expires_at: Annotated[
        datetime | None, strawberry.argument(description="When it ends by itself; never by default.")
    ] = None,
) -> Outcome:
    context = info.context
    return await outcome(
        operators.create_token(
            operator_id, role, label, expires_at, actor=context.actor, events=context.events
        )
    )


async def revoke_token(
    info: Info[Context, Any],
    token_id: Annotated[strawberry.ID, strawberry.argument(description="The token's id.")],
) -> Outcome:
    context = info.context
    return await outcome(operators.revoke_token(token_id, actor=context.actor, events=context.events))
