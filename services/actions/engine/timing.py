"""How long the engine waits, and for what."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from services.crm.protocol import LONGEST_PAUSE

JITTER = 0.25
MARGIN = 1.1
CLOCK_TOLERANCE = 60.0

PAUSE_WHEN_WELL = 60.0
"""The longest pause after a failure, in seconds, once the CRM has answered some other call since."""

UNANSWERED_CREATES = 5
UNANSWERED_UPDATES = 10
"""After so many requests in a row without effect, a person is asked."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds.

    `settle`: how long after the time limit a request may still take effect in the CRM. `lag_bound`: how long a new
    record may be missing from the CRM's search. `second_look`: how long after a lane's last request to search for
    duplicates; 0 for never.
    """

    time_limit: float = 20.0
    settle: float = 10.0
    lag_bound: float = 30.0
    backoff: float = 2.0
    backoff_limit: float = 900.0
    second_look: float = 0.0

    @property
    def second_look_after(self) -> float:
        """When to search for duplicates: at `second_look`, or once the record of a request must show plus ten
        percent.

        >>> Timing(time_limit=20, settle=5, lag_bound=60, second_look=120).second_look_after
        120
        >>> round(Timing(time_limit=20, settle=5, lag_bound=600, second_look=120).second_look_after)
        688
        >>> Timing(second_look=0).second_look_after
        0
        """
        shown_after = self.time_limit + self.settle + self.lag_bound
        return self.second_look and max(self.second_look, shown_after * MARGIN)

    @property
    def lease(self) -> timedelta:
        """How long a claimed request may still take effect. Until then no one decides about it."""
        return timedelta(seconds=self.time_limit + self.settle)

    @property
    def farthest(self) -> timedelta:
        """How far away a next try can be. A clock that was ahead set any time beyond that.

        >>> Timing().farthest, Timing(second_look=7200).farthest
        (datetime.timedelta(seconds=3660), datetime.timedelta(seconds=14460))
        """
        longest = max(
            self.time_limit + self.settle,
            self.lag_bound,
            self.backoff_limit * (1 + JITTER),
            LONGEST_PAUSE,
            # A clock that was slightly ahead can move the second look by as much again.
            2 * self.second_look_after,
        )
        return timedelta(seconds=longest + CLOCK_TOLERANCE)

    def delay(self, attempt: int, *, of: str) -> float:
        """How long to wait after an attempt: twice as long each time, plus up to a quarter.

        The extra part differs between items, so that items that failed together do not come back together.

        >>> [round(Timing().delay(attempt, of="itm_1")) for attempt in (1, 2, 3, 20)]
        [2, 5, 10, 907]
        >>> Timing().delay(1, of="itm_1") == Timing().delay(1, of="itm_2")
        False
        """
        wait = float(min(self.backoff * 2 ** min(attempt - 1, 30), self.backoff_limit))
        return wait * (1 + JITTER * crc32(f"{of} {attempt}".encode()) / 2**32)


def always() -> datetime:
    """Since when a clock has been steady that is never set."""
    return datetime.min.replace(tzinfo=UTC)
