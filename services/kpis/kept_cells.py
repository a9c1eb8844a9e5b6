"""Remembers what past days are made of: their figures are worked out once, not again at every change."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from services.planning.kpis.numbers import Cell
from services.reads import Reads

MOST = 400
"""How many answers are remembered: some boards of all figures."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The past days that are known. While the revision is the same, so is everything that is kept of them.

    No two revisions are alike, not even in a database that is restored from a backup. Without one, somebody is writing.
    """

    begins_on: date
    end_on: date
    revision: str | None

    def knows(self, day: date) -> bool:
        return self.begins_on <= day < self.end_on


NOTHING_KNOWN = Mark(date.max, date.min, None)


async def read_mark(reads: Reads) -> Mark:
    records = await reads.run("SELECT begins_on, end_on, revision, holder FROM kpi_mark", [])
    for begins_on, end_on, revision, holder in records:
        first, beyond = (date.fromisoformat(str(day)) for day in (begins_on, end_on))
        return Mark(first, beyond, revision if holder is None else None)
    return NOTHING_KNOWN


class KeptCells:
    """What was read of past days and depends on the kept days alone, by the revision in which it was read."""

    def __init__(self) -> None:
        self._cells: OrderedDict[Hashable, Sequence[Cell]] = OrderedDict()

    def get(self, mark: Mark, look: Hashable) -> Sequence[Cell] | None:
        key = mark.revision, look
        if key not in self._cells:
            return None
        self._cells.move_to_end(key)
        return self._cells[key]

    def keep(self, mark: Mark, look: Hashable, cells: Sequence[Cell]) -> None:
        if mark.revision is not None:
            self._cells[mark.revision, look] = cells
            while len(self._cells) > MOST:
                self._cells.popitem(last=False)
