"""Figures of what happened in a period."""

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

_WORK = (
    KpiSubject.MILESTONES,
    KpiSubject.TASKS,
    KpiSubject.CHILDREN,
    KpiSubject.PARENTS,
    KpiSubject.TICKETS,
)
_TASKS_FIRST = (KpiSubject.TASKS, *(one for one in _WORK if one is not KpiSubject.TASKS))
_LEFT_OUT = (KpiExclusionReason.CANCELLED, KpiExclusionReason.SKIPPED)
_BY_FINISH = "By the instant of the finish: of the latest one, or of the first where `close` says so."


@defines(
    KpiKey.ON_TIME,
    title="Punctuality",
    question="How often do we keep the date that we promised?",
    formula="What was finished in the period on a day that is not after its due date, as a share of all that was "
    "finished in the period. The due date is the original one, or the current one where `against` says so.",
    clock=_BY_FINISH + " The calendar's date of the finish is compared with the due date.",
    kind=Kind.SHARE,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.UP,
    subjects=_WORK,
    leaves_out=_LEFT_OUT,
)
def on_time(due: date, finished: date, _calendar: WorkCalendar) -> int:
    """A is due on the 10th and completed on the 10th: it counts. B is due on the 10th, moved to the 20th and
    completed on the 18th: it does not. C is due on the 10th, completed on the 9th, reopened and completed on the
    12th: it does not, but its first completion does. D is cancelled: left out. E is due on 10 July and completed at
    22:30 UTC on the 10th, which is 00:30 on the 11th in Rome: it does not. So it is 1 of 4, 0.2500, with 1 left out;
    by first completions it is 2 of 4, and against the current due date too.
    """
    return int(finished <= due)


@defines(
    KpiKey.FINISHED,
    title="Finished",
    question="How much did we get done?",
    formula="How many were finished in the period.",
    clock=_BY_FINISH,
    kind=Kind.COUNT,
    nature=KpiNature.FLOW,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.UP,
    subjects=_TASKS_FIRST,
    leaves_out=_LEFT_OUT,
)
def finished(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """In November, task A is done on the 3rd and B on the 30th: both count. C is done on the 5th, reopened, and done
    again on 2 December: it counts in December, but in November by its first finish. D is skipped and E is in a
    milestone that is cancelled, both in November: left out. F is done on 30 November at 23:30 UTC, which is
    1 December in Rome: it counts in December. So it is 2 in November, with 2 left out, and 3 by first finishes.
    """
    return 1


@defines(
    KpiKey.DUE,
    title="Due",
    question="How much had we planned to finish?",
    formula="How many were due in the period, whatever became of them. The due date is the original one, or the "
    "current one where `against` says so.",
    clock="By the due date.",
    kind=Kind.COUNT,
    nature=KpiNature.FLOW,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.NONE,
    subjects=_TASKS_FIRST,
    leaves_out=_LEFT_OUT,
)
def due(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Tasks A, B and C are due on 10 November. A is done, B is open, and C is skipped. D is due on the 12th and moved
    to 3 December. E is due on 1 December. So in November 3 are due, with 1 left out; by current due dates it is 2.
    """
    return 1


@defines(
    KpiKey.LEAD_TIME,
    title="Lead time",
    question="How long does it take from the order to the end?",
    formula="The median of the working days from creation to close, of what was closed in the period.",
    clock="From the calendar's date of the creation to that of the close: the working days after the first, up to "
    "and with the second. " + _BY_FINISH,
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.CHILDREN, KpiSubject.PARENTS, KpiSubject.TICKETS),
    leaves_out=(KpiExclusionReason.CANCELLED,),
)
def lead_time(created: date, closed: date, calendar: WorkCalendar) -> int:
    """Five tickets are created on Monday 30 November 2026. A is closed the same day: 0. B is closed on Wednesday
    2 December: 2. C is closed on Wednesday 9 December: 6, because Tuesday 8 December is a holiday. D is closed on
    Friday 4 December, reopened, and closed on Monday 14 December: 9. E is cancelled: left out. So the median is 2 and
    P85 is 9, of 4 tickets; by first closes D takes 4 days, and P85 is 6.
    """
    return max(0, calendar.elapsed(created, closed))
