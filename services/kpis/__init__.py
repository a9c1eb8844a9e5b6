"""Figures of the work: read from rows in groups, and opened into the rows behind each number."""

from services.kpis.board import Board, read_board
from services.kpis.cells import Cells, Question, last_change, read_cells
from services.kpis.days import DayKeeper, Difference as DayDifference
from services.kpis.figures import Figure, Measure, Shown, ShownTarget
from services.kpis.kept_cells import KeptCells
from services.kpis.populations import KpiPopulationOrder, Member, Population, place_from, read_population
from services.kpis.targets import read_targets, save_target
from services.kpis.whole_populations import read_all_members

__all__ = [
    "Board",
    "Cells",
    "DayDifference",
    "DayKeeper",
    "Figure",
    "KeptCells",
    "KpiPopulationOrder",
    "Measure",
    "Member",
    "Population",
    "Question",
    "Shown",
    "ShownTarget",
    "last_change",
    "place_from",
    "read_all_members",
    "read_board",
    "read_cells",
    "read_population",
    "read_targets",
    "save_target",
]
