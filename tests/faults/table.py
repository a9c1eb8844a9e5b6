"""The table: how many runs, what they led to, and in which phase of an item's life how many faults struck."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.judge import Verdict
from tests.faults.phases import Phase

COUNTED = ("lost", "doubled", "noticed", "waiting")


@dataclass
class CallCounter:
    """What is known of the runs of one family."""

    runs: int = 0
    items: int = 0
    failed: int = 0
    found: Counter[str] = field(default_factory=Counter)
    phases: Counter[Phase] = field(default_factory=Counter)

    def add(self, verdict: Verdict, phases: Counter[Phase], *, items: int, failed: bool) -> None:
        self.runs += 1
        self.items += items
        self.failed += failed
        self.found.update({name: len(getattr(verdict, name)) for name in COUNTED})
        self.phases += phases


def total(tallies: Iterable[CallCounter]) -> CallCounter:
    whole = CallCounter()
    for counter in tallies:
        whole.runs += counter.runs
        whole.items += counter.items
        whole.failed += counter.failed
        whole.found += counter.found
        whole.phases += counter.phases
    return whole


def empty_phases(tallies: Mapping[str, CallCounter]) -> list[Phase]:
    """Where no fault has struck at all: nothing was shown about that part of an item's life."""
    struck = total(tallies.values()).phases
    return [phase for phase in Phase if not struck[phase]]


def rendered(tallies: Mapping[str, CallCounter]) -> str:
    heads = ["runs", "items", "failed", *COUNTED, *Phase]
    rows = [["", *(f"({place})" if place > 6 else head for place, head in enumerate(heads))]]
    rows += [[name, *_cells(counter)] for name, counter in tallies.items()]
    rows.append(["all", *_cells(total(tallies.values()))])
    legend = [f"({place}) {head}" for place, head in enumerate(heads) if place > 6]
    return "\n".join([*_aligned(rows), "Faults that struck an item while it was:", "  ".join(legend)])


def _cells(counter: CallCounter) -> list[str]:
    found = [counter.found[name] for name in COUNTED]
    struck = [counter.phases[phase] for phase in Phase]
    return [str(number or "·") for number in (counter.runs, counter.items, counter.failed, *found, *struck)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
