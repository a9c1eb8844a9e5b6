"""How many calls one question may cost, so that no question costs more than was foreseen."""

from services.crm.errors import CrmCallsSpent


class Allowance:
    """So many calls and no more, logins among them. `asked` counts those that were about the question itself."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self.asked = 0

    def spend(self) -> None:
        """Make use of one call, or raise CrmCallsSpent."""
        if self._left == 0:
            raise CrmCallsSpent("The question would have cost more calls of the CRM than it may.")
        self._left -= 1
