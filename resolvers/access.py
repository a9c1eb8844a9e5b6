"""Mutations of tokens: from a field to the use case and back."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Token
from resolvers.arguments import OperatorId
from resolvers.context import Context
from resolvers.text_limits import text
from services import operators
from services.operators.tokens import NewSecret
from services.texts import LONGEST_LABEL
from services.vocabulary import Role


async def create_token(
    info: Info[Context, Any],
    operator_id: OperatorId,
    role: Annotated[Role, strawberry.argument(description="Its role.")],
    label: Annotated[str, text("Its purpose.", LONGEST_LABEL)],
    expires_at: Annotated[
        datetime | None, strawberry.argument(description="When it expires; never by default.")
    ] = None,
) -> NewSecret:
    context = info.context
    return await operators.create_token(
        operator_id, role, label, expires_at, actor=context.actor, events=context.events
    )


async def revoke_token(
    info: Info[Context, Any],
    token_id: Annotated[strawberry.ID, strawberry.argument(description="The token's id.")],
) -> Token:
    context = info.context
    return await operators.revoke_token(token_id, actor=context.actor, events=context.events)
