"""The caller."""

from typing import Any

from strawberry.types import Info

from models import Operator, Token
from resolvers.context import Context
from services.operators import Viewer
from services.reads import AllOf, Compare, Related
from services.reads.compiled import Exists


def viewer(info: Info[Context, Any]) -> Viewer:
    return info.context.viewer


def still_valid(viewer: Viewer) -> Exists:
    """Return the condition that a caller's token has not been revoked, and that no role has changed."""
    operator = AllOf(
        (
            Compare("id", "eq", viewer.operator_id),
            Compare("active", "eq", True),
            Compare("role", "eq", viewer.operator_role),
        )
    )
    token = AllOf(
        (
            Compare("id", "eq", viewer.token_id),
            Compare("revoked_at", "null", True),
            Compare("role", "eq", viewer.token_role),
            Related("operator_id", Operator, operator),
        )
    )
    return Exists(Token, token)
