"""The limits for one caller. Only tests change them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds.

    `recheck_seconds` is how long an open socket may go on after its token was revoked; an operation that begins on it
    is checked at once. A failed check is repeated after `look_again_seconds`. A client that has not answered a ping
    within `pong_seconds` counts as gone. `linger_seconds` is how long a refused body is still read, so that its sender
    reads our answer before the connection closes. `connections_per_address` counts HTTP alone: an upgraded connection
    is one of the `sockets_per_address`. `exports_per_token` counts those that are not sent yet. `requests_ahead` is how
    many requests may wait on a connection behind the one that is being answered.
    """

    body_bytes: int = 256 * 1024
    body_seconds: float = 10.0
    head_bytes: int = 64 * 1024
    head_seconds: float = 10.0
    linger_seconds: float = 2.0
    init_seconds: float = 5.0
    recheck_seconds: float = 5.0
    look_again_seconds: float = 1.0
    ping_seconds: float = 20.0
    pong_seconds: float = 20.0
    connections_per_address: int = 512
    sockets_per_token: int = 32
    sockets_per_address: int = 256
    operations_per_socket: int = 50
    requests_per_minute: int = 6000
    requests_ahead: int = 16
    exports_per_token: int = 2


class ConnectionSlots:
    """Counts what each holder has, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, holder: str) -> Iterator[bool]:
        """Hold one more inside the block. False: the limit is reached, and nothing is held."""
        free = self._taken[holder] < self._limit
        self._taken[holder] += free
        try:
            yield free
        finally:
            self._taken[holder] -= free
            if not self._taken[holder]:
                del self._taken[holder]


class RequestBudget:
    """Allows each caller so many requests a minute: all at once, then as the minute refills.

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
        """Spend one request of the caller. Return zero if it may go, else the seconds to wait."""
        now = self._monotonic()
        spent_until = max(self._spent_until.get(caller, now), now) + self._interval
        excess = spent_until - now - self._MINUTE
        if excess > 1e-9:
            return excess
        self._spent_until[caller] = spent_until
        if len(self._spent_until) > self._REMEMBERED:
            self._spent_until = {name: until for name, until in self._spent_until.items() if until > now}
        return 0.0
