"""How much one caller may ask for. Tests make these small; nothing else changes them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds.

    `recheck_seconds` is how long an open socket may go on after its token was revoked; an operation that begins on
    it is checked at once. `linger_seconds` is how long a body that was refused is still read, so that its sender
    reads our answer before the line closes.
    """

    body_bytes: int = 256 * 1024
    body_seconds: float = 10.0
    head_seconds: float = 10.0
    linger_seconds: float = 2.0
    init_seconds: float = 5.0
    recheck_seconds: float = 5.0
    sockets_per_token: int = 32
    sockets_per_address: int = 256
    operations_per_socket: int = 50
    requests_per_minute: int = 6000


class Seats:
    """Counts who holds how many of a thing, and says when somebody has enough."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, holder: str) -> Iterator[bool]:
        """Hold one more while inside; false where the limit is reached, and then nothing is held."""
        free = self._taken[holder] < self._limit
        self._taken[holder] += free
        try:
            yield free
        finally:
            self._taken[holder] -= free
            if not self._taken[holder]:
                del self._taken[holder]


class RequestBudget:
    """So many requests a minute for each caller: all at once, if they like, and then as the minute refills.

    >>> now = [0.0]
    >>> budget = RequestBudget(60, lambda: now[0])
    >>> [budget.seconds_to_wait("a") for _ in range(61)][-2:]
    [0.0, 1.0]
    >>> now[0] = 1.0
    >>> budget.seconds_to_wait("a"), budget.seconds_to_wait("b")
    (0.0, 0.0)
    """

    _MINUTE = 60.0
    _REMEMBERED = 10_000

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._interval = self._MINUTE / per_minute
        self._monotonic = monotonic
        self._spent_until: dict[str, float] = {}

    def seconds_to_wait(self, caller: str) -> float:
        """Spend one request of the caller's; zero when it may go, else when to come back."""
        now = self._monotonic()
        spent_until = max(self._spent_until.get(caller, now), now) + self._interval
        excess = spent_until - now - self._MINUTE
        if excess > 1e-9:
            return excess
        self._spent_until[caller] = spent_until
        if len(self._spent_until) > self._REMEMBERED:
            self._spent_until = {name: until for name, until in self._spent_until.items() if until > now}
        return 0.0
