"""Restricts a field to callers of a role."""

from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import Forbidden
from services.vocabulary import Role


class RequiredRole(FieldExtension):
    """Lets a call through when the caller's role includes the one required."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def resolve(self, next_: Any, source: Any, info: Info[Context, Any], **arguments: Any) -> Any:
        self._check(info)
        return next_(source, info, **arguments)

    async def resolve_async(self, next_: Any, source: Any, info: Info[Context, Any], **arguments: Any) -> Any:
        self._check(info)
        return await next_(source, info, **arguments)

    def _check(self, info: Info[Context, Any]) -> None:
        if not info.context.viewer.role.includes(self.role):
            raise Forbidden(f"{info.field_name} requires the role {self.role}.")


def requires(role: Role) -> RequiredRole:
    """For a field's `extensions=`: `strawberry.field(resolver=..., extensions=[requires(Role.OPERATOR)])`."""
    return RequiredRole(role)
