"""A question to the CRM that somebody waits for: bounded in calls and in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.crm.errors import CrmCallsSpent
from services.crm.protocol import Crm, Priority
from services.crm.refusals import CrmDidNotAnswer, refusals
from services.crm.tally import Tally, counting

Answer = TypeVar("Answer")

CALLS = 10
PATIENCE = 20.0
"""Seconds that somebody waits before hearing that the CRM does not answer."""


async def glance(
    crm: Crm, ask: Callable[[Crm], Awaitable[Answer]], *, patience: float = PATIENCE
) -> tuple[Answer | None, int]:
    """The answer, and the calls that it takes without a login; None where it takes more than ten.

    How many more is known where the CRM told it at once.
    """
    tally = Tally(allowance=CALLS)
    with refusals(), counting(tally):
        try:
            async with asyncio.timeout(patience):
                return await ask(crm.with_priority(Priority.INTERACTIVE)), tally.calls
        except TimeoutError:
            raise CrmDidNotAnswer("The CRM does not answer in time; nothing was written.") from None
        except CrmCallsSpent:
            return None, tally.calls
