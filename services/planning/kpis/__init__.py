"""Figures: what they mean, and how numbers follow from rows that the database has counted."""

# The definitions register themselves, in the order in which the documentation explains them.
from services.planning.kpis import flows, states, workload
from services.planning.kpis.addresses import Address, Narrowing, Wanted, address_from
from services.planning.kpis.definitions import DEFINITIONS, Definition, Kind
from services.planning.kpis.words import KpiKey, KpiSubject

BOARD = tuple(
    Wanted(key, subject)
    for key, subject in (
        (KpiKey.ON_TIME, KpiSubject.MILESTONES),
        (KpiKey.LATE, KpiSubject.TASKS),
        (KpiKey.AT_RISK, KpiSubject.MILESTONES),
        (KpiKey.FINISHED, KpiSubject.TASKS),
        (KpiKey.DUE, KpiSubject.TASKS),
        (KpiKey.LEAD_TIME, KpiSubject.CHILDREN),
        (KpiKey.TIME_TO_ONBOARDED, KpiSubject.PARENTS),
        (KpiKey.IN_PROGRESS, KpiSubject.MILESTONES),
        (KpiKey.BACKLOG, KpiSubject.MILESTONES),
        (KpiKey.STANDSTILL, KpiSubject.MILESTONES),
        (KpiKey.LOAD_SHARE, KpiSubject.TASKS),
        (KpiKey.VALUE_OPEN, KpiSubject.CHILDREN),
        (KpiKey.VALUE_AT_RISK, KpiSubject.CHILDREN),
        (KpiKey.REOPENED, KpiSubject.TICKETS),
        (KpiKey.INBOX, KpiSubject.SALES),
        (KpiKey.CRM_ATTENTION, KpiSubject.EFFECTS),
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
    "states",
    "workload",
]
