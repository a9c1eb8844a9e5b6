"""Operators, tokens and roles."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

import models
from resolvers.reads.filters import Choice, criterion, filters
from resolvers.reads.rows import loaded
from resolvers.reads.sources import column, one, rows_of
from schema.nodes import Node
from schema.problems import Problem, problems
from services.reads import Compare, Condition, Not
from services.vocabulary import Role, TokenKind


@rows_of(models.Operator)
@strawberry.type(description="A person or a program that acts in the hub.")
class Operator(Node):
    name: str = column("Their name.")
    email: str = column("Their e-mail address, unique among operators.")
    role: Role = column("Their highest role.")
    crm_user_id: strawberry.ID | None = column("Their user id in the CRM, if known.")
    workflow_roles: list[str] = column("The workflow roles that they fill.")
    weekly_hours: Decimal | None = column(
        "How many hours a week they give to tasks, which their load is measured against; null if unknown."
    )
    active: bool = column("Whether they are active.")
    created_at: datetime = column("When they were created.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@rows_of(models.Token, role=Role.ADMIN)
@strawberry.type(description="A caller's credential. The secret itself is never stored.")
class Token(Node):
    operator: Operator = one("The operator who acts with it.", by="operator_id")
    kind: TokenKind = column("Whether a program or a browser uses it.")
    label: str = column("What it is for, in the words of its creator.")
    role: Role = column("Its role.")
    created_at: datetime = column("When it was created.")
    expires_at: datetime | None = column("When it expires; null for never.")
    revoked_at: datetime | None = column("When it was revoked; null while it is valid.")


@strawberry.type(description="The caller.")
class Viewer:
    name: str = strawberry.field(description="Their name.")
    role: Role = strawberry.field(
        description="The role of the token, which may be lower than the operator's."
    )
    operator: Operator | None = loaded("Their operator.", by="operator_id")


@filters(models.Operator, "A filter of operators.")
class OperatorFilter:
    role: Choice[Role] | None = criterion("By role.")
    active: Choice[bool] | None = criterion("By whether they are active.")
    email: Choice[str] | None = criterion("By e-mail address.")
    is_me: bool | None = criterion(
        "Whether they are the caller.", means=lambda wanted, asked: _is(asked.operator_id, wanted)
    )


def _is(operator_id: str, wanted: bool) -> Condition:
    found = Compare("id", "eq", operator_id)
    return found if wanted else Not(found)


@strawberry.enum(description="The orders of operators; ties are broken by id.")
class OperatorOrder(Enum):
    NAME_ASC = strawberry.enum_value("sort_name", description="By name.")
    NAME_DESC = strawberry.enum_value("-sort_name", description="By name, descending.")


@strawberry.enum(description="The orders of tokens; ties are broken by id.")
class TokenOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")


@strawberry.type(description="The operator as saved.")
class SaveOperatorPayload:
    operator: Operator | None = loaded("The operator as they are now.", by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The new token.")
class CreateTokenPayload:
    token: Token | None = loaded("The token as stored.", by="id")
    secret: str | None = strawberry.field(description="The secret, shown only once.")
    problems: list[Problem] = problems()


@strawberry.type(description="The revoked token.")
class RevokeTokenPayload:
    token: Token | None = loaded("The token as it is now.", by="id")
    problems: list[Problem] = problems()
