"""How many calls a question takes: counted as they leave, and foretold as soon as an answer tells what must follow."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.crm.errors import CrmCallsSpent

Listener = Callable[["Tally"], Awaitable[None]]


class Tally:
    """The calls of one question, without logins: `made` have left, and so many `ahead` are known to follow.

    With an `allowance` it may take so many and no more, logins among them. `tell` hears whenever `ahead` has changed.
    """

    def __init__(self, *, allowance: int | None = None, tell: Listener | None = None) -> None:
        self.made = 0
        self.ahead = 0
        self._left = allowance
        self._tell = tell

    @property
    def calls(self) -> int:
        """What the question takes in all, as far as is known."""
        return self.made + self.ahead

    def spend(self) -> None:
        """Make use of the right to one call, or raise CrmCallsSpent."""
        if self._left is not None:
            self._left -= 1
            self._refuse(self._left)

    async def foretell(self, calls: int) -> None:
        """So many more are ahead, or fewer; raises CrmCallsSpent where they are more than may be made."""
        if not calls:
            return
        self.ahead += calls
        if self._left is not None:
            self._refuse(self._left - self.ahead)
        if self._tell is not None:
            await self._tell(self)

    def _refuse(self, left: int) -> None:
        if left < 0:
            raise CrmCallsSpent("The question would cost more calls of the CRM than it may.")


_current: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counting(tally: Tally) -> Iterator[Tally]:
    """Whatever calls the CRM inside, in this task, is counted."""
    token = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(token)


def current_tally() -> Tally:
    """The one that counts in this task; where none does, one that nobody looks at."""
    return _current.get() or Tally()
