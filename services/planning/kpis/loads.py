"""Figures of what is to come: what will be late, and who has more work than hours."""

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

_DUE_SOON = "open tasks that are due within ten working days, or late"
_AS_OF_TODAY = "As of today."


@defines(
    KpiKey.AT_RISK,
    title="At risk",
    question="What will be late if nothing changes?",
    formula="How many are open, not late, and foreseen to end after their current due date. The rest of the work is "
    "scheduled from today: each milestone begins when what it waits for is foreseen to end, and takes the SLA days of "
    "its unfinished mandatory tasks, one after the other.",
    clock=_AS_OF_TODAY,
    kind=Kind.COUNT,
    nature=KpiNature.FORECAST,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.MILESTONES, KpiSubject.TICKETS, KpiSubject.CHILDREN, KpiSubject.PARENTS),
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
    question="How much work is due soon?",
    formula=f"Estimated hours of {_DUE_SOON}.",
    clock=_AS_OF_TODAY,
    kind=Kind.SUM,
    nature=KpiNature.STATE,
    unit=KpiUnit.WORK_HOURS,
    direction=KpiDirection.NONE,
    subjects=(KpiSubject.TASKS,),
)
def load(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Today is Monday 23 November; the tenth working day from now is Monday 7 December. Task A takes 8 hours and is due
    on the 25th. B takes 4.5 hours and is due on 7 December. C takes 16 hours and is due on 9 December: too far. D takes
    2 hours and was due on the 20th: it is late and counts. E takes 3 hours and is done. So it is 14.50 hours.
    """
    return 1


@defines(
    KpiKey.LOAD_SHARE,
    title="Load share",
    question="Who has more work than hours?",
    formula=f"Estimated hours of {_DUE_SOON}, over the hours that their operators give in two weeks.",
    clock=_AS_OF_TODAY,
    kind=Kind.LOAD,
    nature=KpiNature.STATE,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.NONE,
    subjects=(KpiSubject.TASKS,),
    leaves_out=(KpiExclusionReason.NO_CAPACITY,),
)
def load_share(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Giulia gives 20 hours a week, Luca 10, and Ada's hours are unknown. Giulia has task A of 30 hours and B of 6, due
    this week: 36 of 40 hours. Luca has C of 24 hours, which is late: 24 of 20. Giulia's D of 8 hours is due in a month:
    it does not count. Ada has E of 5 hours: left out. So it is 60 of 60 hours, 1.0000, over 3 tasks, with 1 left out.
    """
    return 1
