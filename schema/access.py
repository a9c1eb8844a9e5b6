"""Who may do what."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.filters import Choice, criterion, filters
from resolvers.rows import loaded
from resolvers.sources import column, one, rows_of
from schema.nodes import Node
from services.vocabulary import Role


@rows_of(models.Operator)
@strawberry.type(description="A person, or a program, that acts.")
class Operator(Node):
    name: str = column("What they are called.")
    email: str = column("Their address, unique among operators.")
    role: Role = column("The most that they may do.")
    crm_user_id: strawberry.ID | None = column("Who they are in the CRM, where it is known.")
    workflow_roles: list[str] = column("The workflow roles that they fill.")
    active: bool = column("Whether they still work here.")
    created_at: datetime = column("When they were entered.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@rows_of(models.Token, role=Role.ADMIN)
@strawberry.type(description="What a caller shows to be let in. The secret itself is never kept.")
class Token(Node):
    operator: Operator = one("Who acts by it.", by="operator_id")
    kind: str = column("API for a program's token, SESSION for a signed-in browser.")
    label: str = column("What it is for.")
    role: Role = column("The most that it allows.")
    created_at: datetime = column("When it was made.")
    expires_at: datetime | None = column("When it ends by itself; null for never.")
    revoked_at: datetime | None = column("When it was withdrawn; null while it counts.")


@strawberry.type(description="The caller.")
class Viewer:
    name: str = strawberry.field(description="What they are called.")
    role: Role = strawberry.field(
        description="What the shown token allows, perhaps less than the operator's role."
    )
    operator: Operator | None = loaded("Who they are.", by="operator_id")


@filters(models.Operator, "Which operators are meant.")
class OperatorFilter:
    role: Choice[Role] | None = criterion("By the most that they may do.")
    active: Choice[bool] | None = criterion("By whether they still work here.")
    email: Choice[str] | None = criterion("By their address.")


@strawberry.enum(description="How operators may be ordered; the id decides in the end.")
class OperatorOrder(Enum):
    NAME_ASC = strawberry.enum_value("name", description="By name.")
    NAME_DESC = strawberry.enum_value("-name", description="By name, from the end.")


@strawberry.enum(description="How tokens may be ordered; the id decides in the end.")
class TokenOrder(Enum):
    CREATED_AT_ASC = strawberry.enum_value("created_at", description="Oldest first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")
