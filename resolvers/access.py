"""Mutations of operators and tokens: from a field to the use case and back."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Operator, Token
from resolvers.arguments import ExpectedVersion, OperatorId, crm_number
from resolvers.context import Context
from resolvers.inputs import OperatorInput
from resolvers.text_limits import text
from services import operators
from services.operators import OperatorDraft
from services.operators.tokens import NewSecret
from services.texts import LONGEST_LABEL
from services.vocabulary import Role


async def save_operator(
    info: Info[Context, Any],
    input: Annotated[OperatorInput, strawberry.argument(description="The values.")],
    operator_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The operator to change; null to add one.")
    ] = None,
    expected_version: ExpectedVersion = None,
) -> Operator:
    context = info.context
    values = _given(input)
    if operator_id is None:
        draft = OperatorDraft(**{"name": "", "email": "", "role": Role.VIEWER, **values})
        return await operators.create_operator(draft, actor=context.actor, events=context.events)
    return await operators.change_operator(
        operator_id, values, actor=context.actor, events=context.events, expected_version=expected_version
    )


def _given(input: OperatorInput) -> dict[str, Any]:
    """Return the values to set. A null sets only what may be unknown."""
    clearable = ("crm_user_id", "weekly_hours")
    values = {
        name: value
        for name, value in vars(input).items()
        if value is not strawberry.UNSET and (value is not None or name in clearable)
    }
    if (crm_user_id := values.get("crm_user_id")) is not None:
        values["crm_user_id"] = crm_number(crm_user_id, "crmUserId")
    return values


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
