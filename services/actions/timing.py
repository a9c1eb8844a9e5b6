"""How long the engine waits for what."""

from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from services.crm.answers import LONGEST_PAUSE

JITTER = 0.25
MARGIN = 1.1
CLOCK_TOLERANCE = 60.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `settle`: how long after the time limit a request may still take effect in the CRM.
    `lag_bound`: how long a record may be missing from the CRM's search after it was made. `second_look`: how long after
    a lane's last request somebody should look for doubles; 0 for never."""

    time_limit: float = 20.0
    settle: float = 10.0
    lag_bound: float = 30.0
    backoff: float = 2.0
    backoff_limit: float = 900.0
    second_look: float = 0.0

    @property
    def looks_again_after(self) -> float:
        """When the second look is worth taking: once what a request made must show, and a tenth of that later.

        >>> Timing(time_limit=20, settle=5, lag_bound=60, second_look=120).looks_again_after
        120
        >>> round(Timing(time_limit=20, settle=5, lag_bound=600, second_look=120).looks_again_after)
        688
        >>> Timing(second_look=0).looks_again_after
        0
        """
        shown_after = self.time_limit + self.settle + self.lag_bound
        return self.second_look and max(self.second_look, shown_after * MARGIN)

    @property
    def lease(self) -> timedelta:
        """How long a request that was claimed may still take effect; until then nobody judges it."""
        return timedelta(seconds=self.time_limit + self.settle)

    @property
    def farthest(self) -> timedelta:
        """How far off a next try can lie. One that lies farther was set by a clock that was ahead.

        >>> Timing().farthest, Timing(second_look=7200).farthest
        (datetime.timedelta(seconds=3660), datetime.timedelta(seconds=14460))
        """
        longest = max(
            self.time_limit + self.settle,
            self.lag_bound,
            self.backoff_limit * (1 + JITTER),
            LONGEST_PAUSE,
            # What a clock that was a little ahead says of a request moves the second look by as much again.
            2 * self.looks_again_after,
        )
        return timedelta(seconds=longest + CLOCK_TOLERANCE)

    def delay(self, attempt: int, *, of: str) -> float:
        """How long to wait after an attempt: twice as long each time, and up to a quarter longer.

        How much longer differs from one to the next, so that what failed together does not come back together.

        >>> [round(Timing().delay(attempt, of="itm_1")) for attempt in (1, 2, 3, 20)]
        [2, 5, 10, 907]
        >>> Timing().delay(1, of="itm_1") == Timing().delay(1, of="itm_2")
        False
        """
        wait = float(min(self.backoff * 2 ** min(attempt - 1, 30), self.backoff_limit))
        return wait * (1 + JITTER * crc32(f"{of} {attempt}".encode()) / 2**32)
