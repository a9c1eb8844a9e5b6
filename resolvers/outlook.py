"""What lies ahead in the CRM: fields of actions that the outlook fills, one look for all, and the health of it all."""

from collections.abc import Callable
from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.fields import Arguments, read_field
from resolvers.sources import ColumnSource, source_metadata
from services.actions import CrmHealth, Outlook


def foreseen(description: str, of: Callable[[Outlook, str], Any]) -> Any:
    """A field of an action: what the outlook says of its id."""

    async def read(row: Any, info: Info[Context, Any], _arguments: Arguments) -> Any:
        return of(await info.context.lookout.look(), row.__dict__[info.python_name])

    return read_field(description, read, metadata=source_metadata(ColumnSource("id")))


async def crm_health(info: Info[Context, Any]) -> CrmHealth:
    return await info.context.lookout.health()
