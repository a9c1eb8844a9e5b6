"""Work is at risk from the day on which a schedule of what is left, begun then, ends after its due date."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from services.planning.calendar import WorkCalendar
from services.planning.catalog.types import MilestoneTemplate, TaskTemplate
from services.planning.tickets.facts import MilestoneWork, TaskWork, TicketWork, work_facts
from services.planning.tickets.schedule import schedule
from services.vocabulary import MilestoneStatus, Priority, TaskStatus, TicketStatus

ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))
OPEN = (MilestoneStatus.PLANNED, MilestoneStatus.IN_PROGRESS)
# Around the holidays of a turn of the year, weekends included.
DAYS = st.dates(date(2026, 12, 1), date(2027, 1, 31))

tasks = st.lists(st.tuples(st.sampled_from(list(TaskStatus)), st.booleans(), st.integers(1, 5)), max_size=4)


@st.composite
def tickets(draw: st.DrawFn) -> TicketWork:
    milestones = []
    for position in range(1, draw(st.integers(1, 5)) + 1):
        earlier = st.sets(st.sampled_from(range(1, position))) if position > 1 else st.just(set())
        milestones.append(
            MilestoneWork(
                id=f"m{position}",
                position=position,
                status=draw(st.sampled_from(list(MilestoneStatus))),
                depends_on=tuple(sorted(draw(earlier))),
                due_on=draw(DAYS),
                warning_days=1,
                escalation_days=1,
                tasks=tuple(
                    TaskWork(f"t{position}.{n}", status, mandatory, date(2027, 1, 4), days)
                    for n, (status, mandatory, days) in enumerate(draw(tasks))
                ),
            )
        )
    status = draw(st.sampled_from((TicketStatus.OPEN, TicketStatus.IN_PROGRESS)))
    return TicketWork("t", status, Priority.MEDIUM, draw(DAYS), tuple(milestones))


TODAY = MilestoneTemplate.model_construct(title="today", sla_days=0, depends_on=(), tasks=())
"""Nothing to do: it ends on the day on which it begins."""


def what_is_left(milestone: MilestoneWork) -> MilestoneTemplate:
    """A template of the unfinished mandatory tasks. What is finished takes no time and holds nothing up."""
    if milestone.status not in OPEN:
        return TODAY.model_copy(update={"title": milestone.id, "depends_on": ("today",)})
    left = [
        TaskTemplate.model_construct(sla_days=task.sla_days)
        for task in milestone.tasks
        if task.mandatory and task.status in (TaskStatus.TODO, TaskStatus.IN_PROGRESS)
    ]
    awaited = tuple(f"m{position}" for position in milestone.depends_on)
    return TODAY.model_copy(update={"title": milestone.id, "depends_on": awaited, "tasks": tuple(left)})


@given(tickets(), DAYS)
def test_the_first_day_at_risk_is_what_a_schedule_of_the_rest_says(ticket, today):
    facts = work_facts(ticket, ITALY)

    _, *foreseen = schedule([TODAY, *map(what_is_left, ticket.milestones)], today, ITALY)

    last = today
    for milestone, rest in zip(ticket.milestones, foreseen, strict=True):
        at_risk_on = facts[milestone.id].at_risk_on
        if milestone.status not in OPEN:
            assert at_risk_on is None
        else:
            assert (at_risk_on <= today) is (rest.due_on > milestone.due_on)
            last = max(last, rest.due_on)
    assert (facts["t"].at_risk_on <= today) is (last > ticket.due_on)


@given(tickets())
def test_what_has_nothing_left_is_at_risk_only_when_it_is_late(ticket):
    facts = work_facts(ticket, ITALY)

    for milestone in ticket.milestones:
        left = [task for one in ticket.milestones for task in one.tasks if task.mandatory]
        if not left and milestone.status in OPEN:
            assert facts[milestone.id].at_risk_on == milestone.due_on + timedelta(days=1)
