"""The caller."""

from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from services.operators import Viewer


def viewer(info: Info[Context, Any]) -> Viewer:
    return info.context.viewer
