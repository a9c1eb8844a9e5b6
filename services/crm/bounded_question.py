"""A question to the CRM that a person waits for: limited in calls and in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.crm.call_count import CallCounter, counting
from services.crm.errors import CrmCallsSpent
from services.crm.protocol import Crm, Priority
from services.crm.refusals import CrmDidNotAnswer, refusals

Answer = TypeVar("Answer")

CALLS = 10
PATIENCE = 20.0
"""How many seconds a person waits before being told that the CRM does not answer."""


async def glance(
    crm: Crm, ask: Callable[[Crm], Awaitable[Answer]], *, patience: float = PATIENCE
) -> tuple[Answer | None, int]:
    """Return the answer and the number of calls that it takes without a login; None if it takes more than ten.

    The exact number above ten is known only if the CRM announced it at once.
    """
    counter = CallCounter(allowance=CALLS)
    with refusals(), counting(counter):
        try:
            async with asyncio.timeout(patience):
                return await ask(crm.with_priority(Priority.INTERACTIVE)), counter.calls
        except TimeoutError:
            raise CrmDidNotAnswer("The CRM does not answer in time; nothing was written.") from None
        except CrmCallsSpent:
            return None, counter.calls
