"""How many calls a question takes: counted as they leave, and foretold as soon as an answer tells what must follow."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.crm.errors import CrmCallsSpent

Listener = Callable[["Tally"], Awaitable[None]]


class Tally:
    """The calls of one question, without logins: `made` have left, and so many are `ahead`.

    Those are the `expected` ones until an answer has `announced` how many follow. With an `allowance` the question may
    take so many and no more, logins among them. `tell` hears whenever `ahead` has changed, before the call leaves.
    """

    def __init__(
        self, *, expected: int = 0, allowance: int | None = None, tell: Listener | None = None
    ) -> None:
        self.made = 0
        self.ahead = expected
        self.announced = False
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

    async def announce(self, calls: int) -> None:
        """So many more must follow; raises CrmCallsSpent where they are more than may be made."""
        if not calls:
            return
        self.ahead = self.ahead + calls if self.announced else calls
        self.announced = True
        if self._left is not None:
            self._refuse(self._left - self.ahead)
        await self._told()

    async def leave(self) -> None:
        """One is about to be sent."""
        self.made += 1
        if self.ahead:
            self.ahead -= 1
            await self._told()

    async def _told(self) -> None:
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
