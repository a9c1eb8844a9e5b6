"""Figures: what they mean, and how numbers follow from rows that the database has counted."""

# The definitions register themselves, in the order in which the documentation explains them.
from services.planning.kpis import flows, loads, states
from services.planning.kpis.addresses import Address, Narrowing, Wanted, address_from
from services.planning.kpis.definitions import DEFINITIONS, Definition, Kind
from services.planning.kpis.words import KpiKey, KpiSubject

BOARD = tuple(
    Wanted(key, subject)
    for key, subject in (
        (KpiKey.ON_TIME, KpiSubject.MILESTONES),
        (KpiKey.LATE, KpiSubject.TASKS),
        (KpiKey.FINISHED, KpiSubject.TASKS),
        (KpiKey.DUE, KpiSubject.TASKS),
        (KpiKey.LEAD_TIME, KpiSubject.CHILDREN),
        (KpiKey.OPEN, KpiSubject.TASKS),
        (KpiKey.PROGRESS, KpiSubject.MILESTONES),
    )
)
"""The figures of the standard board."""

__all__ = [
    "BOARD",
    "DEFINITIONS",
    "Address",
    "Definition",
    "Kind",
    "Narrowing",
    "Wanted",
    "address_from",
    "flows",
    "loads",
    "states",
]
