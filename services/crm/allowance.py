"""A share of the call budget for one question, so that no question costs more than was foreseen."""

from services.crm.errors import CrmCallsSpent
from services.crm.protocol import CallBudget, Priority


class Allowance:
    """So many calls of a budget and no more. Fulfils `services.crm.protocol.CallBudget`."""

    def __init__(self, calls: int, *, of: CallBudget) -> None:
        self._left = calls
        self._budget = of

    async def take(self, priority: Priority) -> None:
        if self._left == 0:
            raise CrmCallsSpent("The question would have cost more calls of the CRM than it may.")
        self._left -= 1
        await self._budget.take(priority)

    async def pause(self, seconds: float) -> None:
        await self._budget.pause(seconds)
