"""Figures of the work: read from rows in groups, and opened into the rows behind each number."""

from services.kpis.cells import Question, last_change, read_cells
from services.kpis.figures import Figure, Measure
from services.kpis.populations import KpiPopulationOrder, Member, Population, place_from, read_population

__all__ = [
    "Figure",
    "KpiPopulationOrder",
    "Measure",
    "Member",
    "Population",
    "Question",
    "last_change",
    "place_from",
    "read_cells",
    "read_population",
]
