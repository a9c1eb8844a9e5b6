"""Figures of the work ahead: what will be late, how much is close, and who has more of it than hours."""

from datetime import date

from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import AS_OF, OPEN_WORK_DIMENSIONS, Kind, defines
from services.planning.kpis.words import (
    KpiDirection,
    KpiExclusionReason,
    KpiKey,
    KpiNature,
    KpiSubject,
    KpiUnit,
)

_DUE_SOON = "open tasks that are late or due within ten working days"


@defines(
    KpiKey.AT_RISK,
    title="At risk",
    question="What will be late if nothing changes?",
    formula="How many are open, not late, and foreseen to end after their current due date. The rest of the work is "
    "scheduled from today: each milestone begins when what it waits for is foreseen to end, and takes the SLA days of "
    "its unfinished mandatory tasks, one after the other.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.FORECAST,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.MILESTONES, KpiSubject.TICKETS, KpiSubject.CHILDREN, KpiSubject.PARENTS),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def at_risk(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Today is Monday 23 November. Milestone A is due on the 25th and has a mandatory task of 2 days left: foreseen
    for the 25th, it is not at risk. B waits for A, has 1 day left and is due on the 25th: foreseen for the 26th, it
    is. C is due on the 24th and has a mandatory task of 1 day and an optional one of 3 left: it is not. D is due on the
    20th: it is late, not at risk. E is due today and has 5 days left: it is. F has 5 days left and was completed: it
    is not. So it is 2.
    """
    return 1


@defines(
    KpiKey.LOAD,
    title="Load",
    question="How much work is close?",
    formula=f"The sum of the estimated hours of {_DUE_SOON}.",
    clock=AS_OF,
    kind=Kind.SUM,
    nature=KpiNature.STATE,
    unit=KpiUnit.WORK_HOURS,
    direction=KpiDirection.NONE,
    subjects=(KpiSubject.TASKS,),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def load(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Today is Monday 23 November 2026. Task A of 2 hours is late, and B of 1.5 hours is due today: they count. C of 3
    hours is due on Monday 7 December, the tenth working day: it counts. D of 8 hours is due on the 9th, after a
    holiday: it does not. E of 4 hours is done: it does not. So it is 6.50 hours of 3 tasks.
    """
    return 0


@defines(
    KpiKey.LOAD_SHARE,
    title="Load share",
    question="Who has more work than hours?",
    formula=f"The estimated hours of {_DUE_SOON}, over the hours that their operators give in two weeks.",
    clock=AS_OF,
    kind=Kind.LOAD,
    nature=KpiNature.STATE,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.NONE,
    subjects=(KpiSubject.TASKS,),
    leaves_out=(KpiExclusionReason.NO_CAPACITY,),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def load_share(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Giulia gives 20 hours a week, Luca 10, and Ada's hours are unknown. Giulia has task A of 30 hours and B of 6, due
    this week: 36 of 40 hours. Luca has C of 24 hours, which is late: 24 of 20. Giulia's D of 8 hours is due in a month:
    it does not count. Ada has E of 5 hours: left out. So it is 60 of 60 hours, 1.0000, over 3 tasks, with 1 left out.
    """
    return 1
