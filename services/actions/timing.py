"""How long the engine waits for what."""

from dataclasses import dataclass
from zlib import crc32

JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `settle`: how long after the time limit a request may still take effect in the CRM.
    `lag_bound`: how long a record may be missing from the CRM's search after it was made. `second_look`: how long after
    a lane's last request somebody looks for doubles, longer than those three together; 0 for never."""

    time_limit: float = 20.0
    settle: float = 10.0
    lag_bound: float = 30.0
    backoff: float = 2.0
    backoff_limit: float = 900.0
    second_look: float = 0.0

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
