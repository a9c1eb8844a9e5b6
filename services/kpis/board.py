"""A board of figures as of one moment: everything that it shows, read in one transaction."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kpis.cells import Cells, Question, last_change, read_cells
from services.kpis.figures import Shown, question_about
from services.kpis.kept_cells import KeptCells
from services.kpis.targets import Targets, read_targets
from services.planning.kpis.addresses import Narrowing, Wanted
from services.planning.kpis.numbers import alike_cells
from services.planning.kpis.periods import Period
from services.planning.kpis.words import KpiDimension
from services.reads import Environment, reading


@dataclass(frozen=True)
class Board:
    cells: Mapping[Question, Cells]
    targets: Targets
    data_until: datetime

    async def cells_of(self, question: Question) -> Cells:
        return self.cells[question]

    async def all_targets(self) -> Targets:
        return self.targets

    async def until(self) -> datetime:
        return self.data_until

    def state_of(self, wanted: Wanted) -> Hashable:
        """Return everything that one figure is made of. As long as it is equal, the figure is the same."""
        mine = {
            question: (alike_cells(one.cells), one.known)
            for question, one in self.cells.items()
            if question.wanted == wanted
        }
        return frozenset(mine.items()), tuple(self.targets.get((wanted.key, wanted.subject), ()))


async def read_board(
    wanted: Sequence[Wanted],
    period: Period,
    narrowings: tuple[Narrowing, ...],
    dimensions: Collection[KpiDimension],
    shown: Shown,
    environment: Environment,
    kept: KeptCells,
) -> Board:
    """Read figures of a period, whole and taken apart by these dimensions, with what is shown of them."""
    questions = [
        question_about(one, period, narrowings, by, shown, environment.today)
        for one in dict.fromkeys(wanted)
        for by in (None, *(by for by in dimensions if by in one.definition.dimensions))
    ]
    async with reading() as reads:
        cells = await read_cells(questions, environment, reads, kept)
        targets, data_until = await read_targets(reads), await last_change(reads)
    return Board(dict(zip(questions, cells, strict=True)), targets, data_until)
