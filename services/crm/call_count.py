"""How many calls a question takes: counted as they are sent, and announced once an answer shows what must follow."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.crm.errors import CrmCallsSpent

Listener = Callable[["CallCounter"], Awaitable[None]]


class CallCounter:
    """The calls of one question, without logins: `made` were sent, and `ahead` are expected.

    `ahead` starts as `expected`, until an answer has `announced` how many follow. `allowance` limits the calls of the
    question, including logins. `on_change` is called when `ahead` has changed, before the call is sent.
    """

    def __init__(
        self, *, expected: int = 0, allowance: int | None = None, on_change: Listener | None = None
    ) -> None:
        self.made = 0
        self.ahead = expected
        self.announced = False
        self._left = allowance
        self._on_change = on_change

    @property
    def calls(self) -> int:
        """How many calls the question takes in total, as far as is known."""
        return self.made + self.ahead

    def take(self) -> None:
        """Use up one allowed call, or raise CrmCallsSpent."""
        if self._left is not None:
            self._left -= 1
            self._refuse(self._left)

    async def announce(self, calls: int) -> None:
        """Announce how many calls must follow. Raise CrmCallsSpent if they exceed the allowance."""
        if not calls:
            return
        self.ahead = self.ahead + calls if self.announced else calls
        self.announced = True
        if self._left is not None:
            self._refuse(self._left - self.ahead)
        await self._notify()

    async def sent(self) -> None:
        """Count a call that is about to be sent."""
        self.made += 1
        if self.ahead:
            self.ahead -= 1
            await self._notify()

    async def _notify(self) -> None:
        if self._on_change is not None:
            await self._on_change(self)

    def _refuse(self, left: int) -> None:
        if left < 0:
            raise CrmCallsSpent("The question would take more CRM calls than allowed.")


_current: ContextVar[CallCounter | None] = ContextVar("call_counter", default=None)


@contextmanager
def counting(counter: CallCounter) -> Iterator[CallCounter]:
    """Count all CRM calls of this task inside the block."""
    token = _current.set(counter)
    try:
        yield counter
    finally:
        _current.reset(token)


def current_counter() -> CallCounter:
    """Return the counter of this task, or a new one that is never read."""
    return _current.get() or CallCounter()
