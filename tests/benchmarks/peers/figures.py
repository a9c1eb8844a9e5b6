"""What is measured of each server, the goals, and how they are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import median

from tests.benchmarks.peers.servers import HUB, LIMIT, MERCURIUS, STRAWBERRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a server: answers a second and milliseconds with all clients; `alone` with one client.

    Processor time is milliseconds of an answer, of the server and of the database; memory is MiB.
    """

    throughput: float
    p50: float
    p99: float
    alone: float
    server: float
    database: float
    memory: float


Turns = Mapping[str, Sequence[Turn]]
"""Of each server, one for each round."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the hub's `figure` should be, as a multiple of the same one of another server."""

    figure: str
    beside: str
    least: float | None = None
    most: float | None = None

    def is_met_by(self, ratio: float) -> bool:
        return (self.least is None or ratio >= self.least) and (self.most is None or ratio <= self.most)

    def __str__(self) -> str:
        return f"at least {self.least}" if self.least is not None else f"at most {self.most}"


def _reads(throughput: float, server: float, alone: float) -> tuple[Goal, ...]:
    return (
        Goal("throughput", MERCURIUS, least=throughput),
        Goal("throughput", LIMIT, least=0.95),
        Goal("server", LIMIT, most=server),
        Goal("alone", LIMIT, most=alone),
    )


ON_POSTGRES: Mapping[str, Sequence[Goal]] = {
    "Q1": _reads(3.0, 0.9, 1.0),
    "Q2": _reads(2.2, 0.9, 1.05),
    "Q3": _reads(3.5, 0.8, 1.05),
    "Q4": (Goal("throughput", MERCURIUS, least=5.0),),
    "Q5": (Goal("throughput", MERCURIUS, least=1.0), Goal("throughput", LIMIT, least=0.7)),
}
ON_SQLITE: Mapping[str, Sequence[Goal]] = {
    "Q1": (Goal("throughput", STRAWBERRY, least=30.0),),
    "Q2": (Goal("throughput", STRAWBERRY, least=25.0),),
    "Q3": (Goal("throughput", STRAWBERRY, least=20.0),),
}

WORDS = {
    "throughput": "answers a second",
    "server": "processor time of the server",
    "alone": "p50 with one client",
}
MISSED = "MISSED"


def mark(met: bool) -> str:
    return "met" if met else MISSED


def ratio(turns: Turns, figure: str, beside: str) -> float:
    """The hub's figure over another server's: the median of the rounds, each in itself."""
    pairs = zip(turns[HUB], turns[beside], strict=True)
    return median(getattr(ours, figure) / getattr(theirs, figure) for ours, theirs in pairs)


def table(turns: Turns, goals: Sequence[Goal]) -> Iterator[str]:
    """Yield the lines for one question: a line for each server, then one for each goal."""
    yield f"  {'':<25}{'a second':>9}{'p50':>8}{'p99':>8}{'alone':>8}{'server':>9}{'database':>9}{'MiB':>6}"
    for name, rounds in turns.items():
        one = Turn(
            **{field.name: median(getattr(turn, field.name) for turn in rounds) for field in fields(Turn)}
        )
        yield (
            f"  {name:<25}{one.throughput:>9.1f}{one.p50:>8.2f}{one.p99:>8.2f}{one.alone:>8.2f}"
            f"{one.server:>9.3f}{one.database:>9.3f}{one.memory:>6.0f}"
        )
    for goal in goals:
        found = ratio(turns, goal.figure, goal.beside)
        yield (
            f"  {WORDS[goal.figure]}, the hub over {goal.beside}: {found:.2f}"
            f"   (goal: {goal}) {mark(goal.is_met_by(found))}"
        )
