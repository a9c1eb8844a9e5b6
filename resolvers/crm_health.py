"""The fields of actions that come from the forecast, read once for all of them, and the health of the CRM."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import ComputedSource, source_metadata
from services.actions import CrmHealth, Forecast


def foreseen(description: str, of: Callable[[Forecast, str], Any]) -> Any:
    """Declare a field of an action that comes from the forecast.

    The forecast is up to a second old, so an action that has ended is not looked up in it.
    """

    async def read(row: Any, info: Info[Context, Any], _arguments: Arguments) -> Any:
        open_id = row.__dict__[info.python_name]
        forecast = Forecast(info.context.clock()) if open_id is None else await info.context.forecaster.look()
        return of(forecast, open_id)

    return read_field(description, read, metadata=source_metadata(ComputedSource(_id_while_open, {})))


def _id_while_open(id: str, finished_at: datetime | None) -> str | None:
    return id if finished_at is None else None


async def crm_health(info: Info[Context, Any]) -> CrmHealth:
    return await info.context.forecaster.health()
