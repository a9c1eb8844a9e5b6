"""Figures of how things stand: now, or at the end of a day."""

from datetime import date

from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import Kind, defines
from services.planning.kpis.words import (
    KpiDirection,
    KpiExclusionReason,
    KpiKey,
    KpiNature,
    KpiSubject,
    KpiUnit,
)

_TASKS_FIRST = (
    KpiSubject.TASKS,
    KpiSubject.MILESTONES,
    KpiSubject.CHILDREN,
    KpiSubject.PARENTS,
    KpiSubject.TICKETS,
)
_NOW = "As of now, or of the end of the period's last day where that has passed."


@defines(
    KpiKey.OPEN,
    title="Open",
    question="How much is there to do?",
    formula="How many are open, started or not. Work in a cancelled milestone is not open.",
    clock=_NOW,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.NONE,
    subjects=_TASKS_FIRST,
)
def open_work(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Task A is to do, and B is in progress: both are open. C is done, D is skipped, and E is to do in a milestone
    that is cancelled: none of them is open. So it is 2.
    """
    return 1


@defines(
    KpiKey.LATE,
    title="Late",
    question="What should be finished by now?",
    formula="How many are open and past their current due date.",
    clock=_NOW + " Work is late from the day after its due date.",
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=_TASKS_FIRST,
)
def late(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Today is 23 November. Task A is open and was due on the 20th: it is late. B is open and due today: it is not.
    C was due on the 20th and is moved to the 25th: it is not. D was due on the 20th and is done: it is not. E was due
    on the 22nd, a Sunday, and is in progress: it is late. So it is 2.
    """
    return 1


@defines(
    KpiKey.PROGRESS,
    title="Progress",
    question="How far is the work that has begun?",
    formula="Tasks done as a share of all tasks that are not skipped, over the milestones in progress.",
    clock=_NOW,
    kind=Kind.RATIO,
    nature=KpiNature.STATE,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.MILESTONES,),
    leaves_out=(KpiExclusionReason.NOTHING_TO_DO,),
)
def progress(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Five milestones. In A, 1 of 4 tasks is done. In B, 3 of 4 are done, and a fifth is skipped. C has started and
    its only task is skipped: left out. D is planned, and E is completed: they are not in progress. So it is 4 of 8
    tasks, 0.5000, over 2 milestones, with 1 left out.
    """
    return 1
