"""How long the engine waits for what."""

from dataclasses import dataclass
from zlib import crc32

JITTER = 0.25
MARGIN = 1.1


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
