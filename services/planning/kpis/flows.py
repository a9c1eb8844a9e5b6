"""Figures of what happened in a period."""

from datetime import date

from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import WORK_DIMENSIONS, Kind, defines
from services.planning.kpis.words import (
    KpiDimension,
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


@defines(
    KpiKey.SLIP,
    title="Slip",
    question="By how much do we miss our dates?",
    formula="The median of the working days from the due date to the finish, of what was finished in the period; early "
    "is 0. The due date is the original one, or the current one where `against` says so.",
    clock=_BY_FINISH + " From the due date to the calendar's date of the finish.",
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=_WORK,
    leaves_out=_LEFT_OUT,
)
def slip(due: date, finished: date, calendar: WorkCalendar) -> int:
    """Five milestones are due on Friday 4 December 2026. A is completed on Thursday 3: 0. B is completed on Saturday
    5: 0, because no working day lies between. C is completed on Monday 7: 1. D is completed on Thursday 10: 3, because
    Tuesday 8 is a holiday. E is moved to the 11th and completed on the 10th: 3, and 0 against the current due date. So
    the median is 1 and P85 is 3; against current due dates the median is 0.
    """
    return max(0, calendar.elapsed(due, finished))


@defines(
    KpiKey.REDATED,
    title="Re-dated",
    question="How often do we move our dates?",
    formula="What was finished in the period with a due date that is not its original one, as a share of what was "
    "finished in the period.",
    clock=_BY_FINISH,
    kind=Kind.SHARE,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.DOWN,
    subjects=_WORK,
    leaves_out=_LEFT_OUT,
)
def redated(original: date, current: date, _calendar: WorkCalendar) -> int:
    """Of five milestones completed in November, A kept its date. B was moved from the 10th to the 20th, and C from the
    10th to the 5th: both count. D was moved to the 20th and back to the 10th: it does not. E kept its date. So it is 2
    of 5, 0.4000.
    """
    return int(original != current)


@defines(
    KpiKey.CYCLE_TIME,
    title="Cycle time",
    question="How long does it take once we have begun?",
    formula="The median of the working days from the start of the first task to the close, of what was closed in the "
    "period.",
    clock="From the calendar's date of the start to that of the close. " + _BY_FINISH,
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.MILESTONES, KpiSubject.CHILDREN, KpiSubject.PARENTS, KpiSubject.TICKETS),
    leaves_out=(KpiExclusionReason.CANCELLED, KpiExclusionReason.NEVER_STARTED),
)
def cycle_time(started: date, closed: date, calendar: WorkCalendar) -> int:
    """Milestones A, B and C are started on Monday 9 November 2026. A is completed on the same day: 0. B is completed on
    the 11th: 2. C is completed on Monday 16: 5. D is completed in the moment in which it begins, so nobody said when
    its work was started: left out. E is cancelled: left out. So the median is 2 of 3, with 2 left out.
    """
    return max(0, calendar.elapsed(started, closed))


@defines(
    KpiKey.FLOW_EFFICIENCY,
    title="Flow efficiency",
    question="For how much of the time did anybody work on it?",
    formula="The working days on which a task was in progress, as a share of the working days from creation to close, "
    "over all that was closed in the period.",
    clock="By the instant of the latest close. A task is in progress from the day of its start up to and with that of "
    "its finish.",
    kind=Kind.RATIO,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.CHILDREN, KpiSubject.PARENTS, KpiSubject.TICKETS),
    leaves_out=(KpiExclusionReason.CANCELLED, KpiExclusionReason.NEVER_STARTED),
)
def flow_efficiency(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Five tickets are created on Monday 2 November 2026. A is closed on Friday 13, after 9 working days; one task is
    in progress from the 4th to the 6th and another from the 6th to the 10th: 5 of 9. B is closed on the 4th, and its
    task is in progress from the 2nd to the 3rd: 1 of 2, because the day of the creation is not counted. C is closed on
    the 2nd: 0 of 0. D is closed on the 4th in the moment in which it begins: left out. E is cancelled: left out. So it
    is 6 of 11 days, 0.5455, over 3 tickets, with 2 left out.
    """
    return 1


_FROM_SALE = (
    "From the calendar's date of the sale in the CRM, or of the ticket's creation where the CRM gives none, "
)


@defines(
    KpiKey.TIME_TO_ONBOARDED,
    title="Time to onboarded",
    question="How long does a customer wait for the onboarding?",
    formula="The median of the working days from the sale to the first close of the parent, of the parents that were "
    "first closed in the period.",
    clock=_FROM_SALE + "to that of the first close.",
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.PARENTS,),
    leaves_out=(KpiExclusionReason.CANCELLED,),
)
def time_to_onboarded(sold: date, closed: date, calendar: WorkCalendar) -> int:
    """Parents A to D are sold on Monday 2 November 2026. A is closed on the 4th: 2. B is closed on the 6th, reopened,
    and closed on the 20th: 4, by its first close. C is closed on the 16th: 10. D is still open: it does not belong to
    the period. E has no sale in the CRM; it was made on the 5th and closed on the 6th: 1. So the median is 2 of 4.
    """
    return max(0, calendar.elapsed(sold, closed))


@defines(
    KpiKey.TIME_TO_FIRST_VALUE,
    title="Time to first value",
    question="How long does a customer wait for the first result?",
    formula="The median of the working days from the sale to the first milestone completed in any child, of the "
    "parents for which that was in the period.",
    clock=_FROM_SALE + "to that of the first completion.",
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.PARENTS,),
    leaves_out=(KpiExclusionReason.CANCELLED,),
)
def time_to_first_value(sold: date, reached: date, calendar: WorkCalendar) -> int:
    """Parents A to E are made on Monday 2 November 2026. In a child of A a milestone is completed on the 4th, and
    another on the 10th: 2. In a child of B one is completed on the 6th, reopened, and completed on the 20th: 4. Only
    the onboarding of C is completed: not counted. D has no child: not counted. E reached it on the 9th and is
    cancelled: left out. So the median is 2 of 2, with 1 left out.
    """
    return max(0, calendar.elapsed(sold, reached))


@defines(
    KpiKey.TIME_TO_DELIVERED,
    title="Time to delivered",
    question="How long does a customer wait for all of it?",
    formula="The median of the working days from the sale to the close of the last child, of the parents for which "
    "that was in the period. Cancelled children are passed over; all others must be closed.",
    clock=_FROM_SALE + "to that of the last close, by the latest or the first close of each child.",
    kind=Kind.DURATION,
    nature=KpiNature.FLOW,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.PARENTS,),
    leaves_out=(KpiExclusionReason.CANCELLED,),
)
def time_to_delivered(sold: date, delivered: date, calendar: WorkCalendar) -> int:
    """Parents A to E are made on Monday 2 November 2026. The children of A are closed on the 4th and the 6th: 4. One of
    B is closed on the 10th, the other is cancelled: 6. One of C is closed and the other is open: not counted. D has no
    child: not counted. The child of E is closed on the 4th, and E is cancelled: left out. So the median is 4 of 2,
    with 1 left out.
    """
    return max(0, calendar.elapsed(sold, delivered))


@defines(
    KpiKey.ONBOARDED,
    title="Onboarded",
    question="Of what we sold, how much is onboarded?",
    formula="The parents sold in the period that are closed by now, as a share of the parents sold in the period.",
    clock="By the date of the sale in the CRM, or of the ticket's creation where the CRM gives none.",
    kind=Kind.SHARE,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.PARENTS,),
    leaves_out=(KpiExclusionReason.CANCELLED,),
    dimensions=(*WORK_DIMENSIONS, KpiDimension.COHORT),
)
def onboarded(_sold: date, _closed: date, _calendar: WorkCalendar) -> int:
    """Of the parents sold in November, A and B are closed: they count. C is open: it does not. D was closed and is
    reopened: it does not. E is cancelled: left out. F was sold in October: it does not belong to the period. So it is
    2 of 4, 0.5000, with 1 left out.
    """
    return 1


@defines(
    KpiKey.REOPENED,
    title="Reopened",
    question="How often is done not done?",
    formula="What was first closed in the period and has been reopened since, as a share of what was first closed "
    "in the period.",
    clock="By the instant of the first close, because what is reopened has no latest one.",
    kind=Kind.SHARE,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.DOWN,
    subjects=(
        KpiSubject.TICKETS,
        KpiSubject.PARENTS,
        KpiSubject.CHILDREN,
        KpiSubject.MILESTONES,
        KpiSubject.TASKS,
    ),
)
def reopened(_closed: date, _same: date, _calendar: WorkCalendar) -> int:
    """Of the tickets first closed in November, A stays closed. B is reopened and closed again: it counts. C is reopened
    in December and open: it counts. D is reopened twice: it counts once. E is closed on 1 December: it does not belong
    to the period. So it is 3 of 4, 0.7500.
    """
    return 1


_OF_OPPORTUNITIES = (
    *(one for one in WORK_DIMENSIONS if one is not KpiDimension.MILESTONE),
    KpiDimension.OPPORTUNITY_STATUS,
)


@defines(
    KpiKey.OPPORTUNITIES,
    title="Opportunities",
    question="How many opportunities came up?",
    formula="The opportunities that were made or adopted in the period.",
    clock="By the instant at which the hub made or adopted it.",
    kind=Kind.COUNT,
    nature=KpiNature.FLOW,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.OPPORTUNITIES,),
    dimensions=_OF_OPPORTUNITIES,
)
def opportunities(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """In November, A is made and won, B is made and lost, and C is adopted and open: they count. D is made on
    30 November at 23:30 UTC, which is 1 December in Rome, and E in October: they do not. So it is 3, of which 1 is won.
    """
    return 1


@defines(
    KpiKey.OPPORTUNITY_VALUE,
    title="Value of opportunities",
    question="What are they worth?",
    formula="The sum of the amounts of the opportunities that were made or adopted in the period.",
    clock="By the instant at which the hub made or adopted it.",
    kind=Kind.SUM,
    nature=KpiNature.FLOW,
    unit=KpiUnit.EUR,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.OPPORTUNITIES,),
    dimensions=_OF_OPPORTUNITIES,
)
def opportunity_value(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """In November, A is made for 1,500.00, B for 0.10 and C for 0.20. D is made without an amount: it adds nothing. E
    is made in October: it does not belong to the period. So it is 1,500.30 of 4.
    """
    return 0


@defines(
    KpiKey.VALUE_DELIVERED,
    title="Value delivered",
    question="What is the work worth that we delivered?",
    formula="The sum of the amounts of the lines whose child was closed in the period.",
    clock=_BY_FINISH,
    kind=Kind.SUM,
    nature=KpiNature.FLOW,
    unit=KpiUnit.EUR,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.CHILDREN,),
    dimensions=_OF_OPPORTUNITIES[:-1],
)
def value_delivered(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Lines A to E are worth 1,000 each. The children of A and B are closed in November: they count. That of C is
    closed, reopened and open: it does not, but it does by its first close. That of D is cancelled, and E has none:
    they do not. So it is 2,000.00 of 2, and 3,000.00 by first closes.
    """
    return 0


@defines(
    KpiKey.RECOGNISED,
    title="Recognised",
    question="How many sales become a ticket without a person?",
    formula="The sales that became a ticket without waiting in the inbox and that nobody entered by hand, as a share "
    "of the sales that the hub first saw in the period.",
    clock="By the instant at which the hub first saw the sale.",
    kind=Kind.SHARE,
    nature=KpiNature.FLOW,
    unit=KpiUnit.SHARE,
    direction=KpiDirection.UP,
    subjects=(KpiSubject.SALES,),
    leaves_out=(KpiExclusionReason.DISMISSED,),
    dimensions=(KpiDimension.REASON,),
)
def recognised(_seen: date, _recognised: date, _calendar: WorkCalendar) -> int:
    """In November, A becomes a ticket at once: it counts. B does too, and later waits for an answer about a change: it
    counts. C waits in the inbox and is resolved, D waits still, and E is entered by hand: they do not. F is dismissed:
    left out. G becomes a ticket on 1 December: it does not belong to the period. So it is 2 of 5, 0.4000, with 1 left
    out.
    """
    return 1
