"""When work that shares one budget of calls will be done: lanes of calls, each in order, all served alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

DUST = 1e-9
"""What sums of fractions may leave."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How fast calls may leave. Times in seconds, counted from now.

    `ready` calls may leave at once; below zero, as many are owed. Saved up are at most `burst`. One more comes every
    `interval`. Nobody calls before `opens_in`. A call keeps its lane busy for `latency`; so many `lanes_at_once` go on
    beside each other, the others wait for one of them to end.
    """

    ready: float
    burst: float
    interval: float
    opens_in: float = 0.0
    latency: float = 0.0
    lanes_at_once: float = inf


@dataclass(frozen=True, slots=True)
class Load:
    """What is left to do in a lane: calls of one owner, none of which leaves before `opens_in`."""

    owner: str
    calls: int
    opens_in: float = 0.0


def plan_ends(loads: Sequence[Load], budget: Budget) -> dict[str, float]:
    """In how many seconds each owner will have nothing left to do, if no more is asked for.

    Ten calls may leave at once, the others every two seconds, and each takes half a second:

    >>> plan_ends([Load("alone", 40)], Budget(ready=10, burst=10, interval=2.0, latency=0.5))
    {'alone': 60.5}
    >>> plan_ends([Load("one", 10), Load("other", 40)], Budget(ready=0, burst=10, interval=2.0))
    {'one': 40.0, 'other': 100.0}
    """
    ends: dict[str, float] = {}
    for owner, end in _Course(loads, budget).ends():
        ends[owner] = round(max(end, ends.get(owner, 0.0)), 3)
    return ends


class _Course:
    """Time, on its way along the loads.

    All lanes at work make equally many steps, whenever they came; so one that came at step s with n calls ends at step
    s + n, and the heap of those ends says who is next.
    """

    def __init__(self, loads: Sequence[Load], budget: Budget) -> None:
        self._loads = loads
        self._budget = budget
        self._now = 0.0
        self._steps = 0.0
        self._saved = budget.ready
        self._at_work: list[tuple[float, int]] = []
        first_last = sorted(range(len(loads)), key=lambda index: (loads[index].opens_in, index), reverse=True)
        self._coming = first_last

    def ends(self) -> Iterator[tuple[str, float]]:
        self._pass(self._budget.opens_in, pace=0.0)
        while self._coming or self._at_work:
            while self._next_comes_in() <= 0:
                index = self._coming.pop()
                heappush(self._at_work, (self._steps + self._loads[index].calls, index))
            pace, steady = self._pace()
            ends_in = (self._at_work[0][0] - self._steps) / pace if pace else inf
            self._pass(min(steady, ends_in, self._next_comes_in()), pace)
            while self._at_work and self._at_work[0][0] <= self._steps + DUST:
                yield self._loads[heappop(self._at_work)[1]].owner, self._now + self._budget.latency

    def _next_comes_in(self) -> float:
        """Seconds until one more lane may go to work; inf where none is left, or no room."""
        if not self._coming or len(self._at_work) >= self._budget.lanes_at_once:
            return inf
        return self._loads[self._coming[-1]].opens_in - self._now

    def _pace(self) -> tuple[float, float]:
        """Calls a second in each lane at work, and for how many seconds it can stay so."""
        if not self._at_work or self._saved < -DUST:
            return 0.0, -self._saved * self._budget.interval if self._at_work else inf
        fastest = 1 / max(self._budget.latency, 0.001)
        fair = 1 / (self._budget.interval * len(self._at_work))
        if fastest <= fair:
            return fastest, inf
        if self._saved > DUST:
            return fastest, self._saved / ((fastest - fair) * len(self._at_work))
        return fair, inf

    def _pass(self, seconds: float, pace: float) -> None:
        self._now += seconds
        self._steps += pace * seconds
        saved = self._saved + seconds / self._budget.interval - pace * seconds * len(self._at_work)
        self._saved = min(saved, self._budget.burst)
