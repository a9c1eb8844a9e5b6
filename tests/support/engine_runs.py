"""How items of the engine ended."""

from models import ActionItem


async def outcomes():
    return [i.outcome for i in await ActionItem.all().order_by("position")]
