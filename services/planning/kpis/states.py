"""Figures of how things stand: now, or at the end of a day."""

from datetime import date

from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import AS_OF, OPEN_WORK_DIMENSIONS, WORK_DIMENSIONS, Kind, defines
from services.planning.kpis.words import (
    KpiDimension,
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


@defines(
    KpiKey.BACKLOG,
    title="Backlog",
    question="How much waits to be started?",
    formula="How many are open and not started.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=_TASKS_FIRST,
    dimensions=OPEN_WORK_DIMENSIONS,
)
def backlog(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Tasks A and B are to do: they wait. C is in progress, D is done, and E is to do in a cancelled milestone: they
    do not. So it is 2.
    """
    return 1


@defines(
    KpiKey.IN_PROGRESS,
    title="In progress",
    question="How much have we begun and not finished?",
    formula="How many are started and not finished.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(
        KpiSubject.MILESTONES,
        KpiSubject.TASKS,
        KpiSubject.CHILDREN,
        KpiSubject.PARENTS,
        KpiSubject.TICKETS,
    ),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def in_progress(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Milestones A and B are in progress: they count. C is planned, D is completed, and E was in progress and is
    cancelled: they do not. So it is 2.
    """
    return 1


@defines(
    KpiKey.AGE,
    title="Age",
    question="How long has the open work been with us?",
    formula="The median of the working days since the creation of the tickets that are open.",
    clock=AS_OF + " From the calendar's date of the creation to today.",
    kind=Kind.DURATION,
    nature=KpiNature.STATE,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.CHILDREN, KpiSubject.PARENTS, KpiSubject.TICKETS),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def age(created: date, today: date, calendar: WorkCalendar) -> int:
    """Today is Monday 23 November 2026. Ticket A was made today: 0. B was made on Friday 20: 1. C was made on Saturday
    21: 1. D was made on Monday 16: 5. E was made on the 2nd and is closed: it is not open. So the median is 1 of 4,
    and P85 is 5.
    """
    return max(0, calendar.elapsed(created, today))


@defines(
    KpiKey.STANDSTILL,
    title="Standstill",
    question="What has everybody forgotten?",
    formula="The median of the working days since anything last changed in what is open.",
    clock=AS_OF + " From the calendar's date of the last change to today.",
    kind=Kind.DURATION,
    nature=KpiNature.STATE,
    unit=KpiUnit.WORKING_DAYS,
    direction=KpiDirection.DOWN,
    subjects=(
        KpiSubject.MILESTONES,
        KpiSubject.TASKS,
        KpiSubject.CHILDREN,
        KpiSubject.PARENTS,
        KpiSubject.TICKETS,
    ),
    dimensions=OPEN_WORK_DIMENSIONS,
)
def standstill(changed: date, today: date, calendar: WorkCalendar) -> int:
    """Today is Monday 23 November 2026. Something in milestone A changed today: 0. In B the last change was on Friday
    20: 1, in C on Thursday 19: 2, and in D on Monday 9: 10. E is completed: it is not open. So the median is 1 of 4,
    and P85 is 10.
    """
    return max(0, calendar.elapsed(changed, today))


@defines(
    KpiKey.OPEN,
    title="Open",
    question="How much is there to do?",
    formula="How many are open, started or not. Work in a cancelled milestone is not open.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.NONE,
    subjects=_TASKS_FIRST,
    dimensions=OPEN_WORK_DIMENSIONS,
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
    clock=AS_OF + " Work is late from the day after its due date.",
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=_TASKS_FIRST,
    dimensions=OPEN_WORK_DIMENSIONS,
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
    clock=AS_OF,
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


@defines(
    KpiKey.VALUE_OPEN,
    title="Value open",
    question="What have we sold and not delivered?",
    formula="The sum of the amounts of the lines whose child is open, or that have no child and a parent that is not "
    "cancelled.",
    clock=AS_OF,
    kind=Kind.SUM,
    nature=KpiNature.STATE,
    unit=KpiUnit.EUR,
    direction=KpiDirection.NONE,
    subjects=(KpiSubject.CHILDREN,),
    dimensions=tuple(one for one in WORK_DIMENSIONS if one is not KpiDimension.MILESTONE),
)
def value_open(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Lines A to E are worth 1,000 each. The child of A is open, and B has none yet: they count. The child of C is
    closed and that of D is cancelled: they do not. E has none and its parent is cancelled: it does not. So it is
    2,000.00 of 2.
    """
    return 0


@defines(
    KpiKey.VALUE_AT_RISK,
    title="Value at risk",
    question="Of what we have sold, what do we stand to lose?",
    formula="Of the value open, the sum of the amounts of the lines whose child is late or at risk, or whose "
    "opportunity is flagged. A line without a child goes by its parent.",
    clock=AS_OF,
    kind=Kind.SUM,
    nature=KpiNature.STATE,
    unit=KpiUnit.EUR,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.CHILDREN,),
    dimensions=tuple(one for one in WORK_DIMENSIONS if one is not KpiDimension.MILESTONE),
)
def value_at_risk(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Today is Monday 23 November 2026. Lines A to F are worth 1,000 each. The child of A was due on the 20th: it is
    late. That of B is due on the 24th and has 5 days of work left: it is at risk. That of C is in time, but the CRM has
    lost its opportunity. That of D is in time: it does not count. That of E is closed: it does not. F has no child, and
    its parent is in time: it does not. So it is 3,000.00 of 3.
    """
    return 0


@defines(
    KpiKey.INBOX,
    title="Inbox",
    question="Which sales wait for a person?",
    formula="How many sales wait in the inbox.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.SALES,),
    dimensions=(KpiDimension.REASON,),
)
def inbox(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Sales A and B name no kit, and C names two: they wait. D is resolved and E is dismissed: they do not. So it is 3,
    of which 2 for the reason that no kit is named.
    """
    return 1


@defines(
    KpiKey.CRM_PENDING,
    title="CRM pending",
    question="How much is on its way to the CRM?",
    formula="How many effects in the CRM are not finished.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.EFFECTS,),
    dimensions=(KpiDimension.REASON,),
)
def crm_pending(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Effects A and B wait to be sent, and C is sent and its answer is not known: they are not finished. D is created
    and E has failed: they are finished. So it is 3.
    """
    return 1


@defines(
    KpiKey.CRM_ATTENTION,
    title="CRM attention",
    question="What in the CRM needs a person?",
    formula="How many effects in the CRM failed or need attention, and were not put away.",
    clock=AS_OF,
    kind=Kind.COUNT,
    nature=KpiNature.STATE,
    unit=KpiUnit.COUNT,
    direction=KpiDirection.DOWN,
    subjects=(KpiSubject.EFFECTS,),
    dimensions=(KpiDimension.REASON,),
)
def crm_attention(_first: date, _second: date, _calendar: WorkCalendar) -> int:
    """Effect A failed and B needs attention: they count. C is created and D is pending: they do not. E failed, and its
    action was put away: it does not. So it is 2.
    """
    return 1
