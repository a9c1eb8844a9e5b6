"""When work that shares one budget of calls will be done: call by call, in the order in which the calls are granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True, slots=True)
class Budget:
    """How fast calls may be sent. Times are in seconds from now.

    `ready` calls may be sent at once; a negative number is a debt. At most `burst` calls are saved up, and one more
    is added every `interval`. No call is sent before `opens_in`. A call keeps its lane busy for `latency`.
    """

    ready: float
    burst: float
    interval: float
    opens_in: float = 0.0
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """The remaining work of a lane: calls of one owner, none of which is sent before `opens_in`.

    The owner has done `steps_behind` steps already, and the owner with the fewest steps goes first. The first
    `look_up` calls are a look-up, which is no step. Every other step takes `calls_per_step` calls.
    """

    owner: str
    calls: int
    opens_in: float = 0.0
    steps_behind: int = 0
    look_up: int = 0
    calls_per_step: int = 1


def plan_ends(loads: Sequence[Load], budget: Budget) -> dict[str, float]:
    """Return after how many seconds each owner will have finished, if no more work is added.

    Ten calls may be sent at once, the others every two seconds, and each takes half a second:

    >>> plan_ends([Load("alone", 40)], Budget(ready=10, burst=10, interval=2.0, latency=0.5))
    {'alone': 60.5}
    >>> plan_ends([Load("large", 40, steps_behind=60), Load("small", 10)], Budget(ready=0, burst=10, interval=2.0))
    {'small': 20.0, 'large': 100.0}
    """
    left = [load.calls for load in loads]
    coming = [(max(load.opens_in, budget.opens_in), index) for index, load in enumerate(loads) if load.calls]
    heapify(coming)
    asking: list[tuple[int, int]] = []
    saved_for = (budget.burst - 1) * budget.interval
    free_at = (budget.burst - budget.ready) * budget.interval
    now = 0.0
    ends = {load.owner: round(load.opens_in, 3) for load in loads if not load.calls}
    while coming or asking:
        now = max(now, free_at - saved_for) if asking else coming[0][0]
        while coming and coming[0][0] <= now:
            index = heappop(coming)[1]
            heappush(asking, (_steps(loads[index], left[index]), index))
        if free_at - saved_for > now:
            continue
        index = heappop(asking)[1]
        free_at = max(free_at, now) + budget.interval
        left[index] -= 1
        if left[index]:
            heappush(coming, (now + budget.latency, index))
        else:
            ends[loads[index].owner] = round(now + budget.latency, 3)
    return ends


def _steps(load: Load, left: int) -> int:
    """Return how many steps the owner has done once so many calls are left."""
    return load.steps_behind + max(load.calls - left - load.look_up, 0) // load.calls_per_step
