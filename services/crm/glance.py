"""A question to the CRM that somebody waits for: bounded in calls and in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.crm.allowance import Allowance
from services.crm.errors import CrmCallsSpent
from services.crm.protocol import Crm, Priority
from services.crm.refusals import CrmDidNotAnswer, refusals

Answer = TypeVar("Answer")

CALLS = 10
PATIENCE = 20.0
"""Seconds that somebody waits before hearing that the CRM does not answer."""


async def glance(
    crm: Crm, ask: Callable[[Crm], Awaitable[Answer]], *, patience: float = PATIENCE
) -> tuple[Answer | None, int]:
    """The answer, and the calls that it takes without a login; None where it takes more than ten."""
    allowance = Allowance(CALLS)
    asking = crm.with_priority(Priority.INTERACTIVE).within(allowance)
    with refusals():
        try:
            async with asyncio.timeout(patience):
                return await ask(asking), allowance.asked
        except TimeoutError:
            raise CrmDidNotAnswer("The CRM does not answer in time; nothing was written.") from None
        except CrmCallsSpent:
            return None, allowance.asked
