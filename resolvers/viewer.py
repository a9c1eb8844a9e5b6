"""The caller."""

from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from services.operators import SAME_CALLER, Viewer
from services.reads.compiled import Exists


def viewer(info: Info[Context, Any]) -> Viewer:
    return info.context.viewer


def still_valid(viewer: Viewer) -> Exists:
    """Return the condition that a caller's token has not been revoked, and that no role has changed."""
    return Exists(SAME_CALLER, (viewer.token_id, viewer.token_role, viewer.operator_id, viewer.operator_role))
