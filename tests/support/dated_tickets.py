"""Tickets with dates as the plan sees them: from templates, random ones too."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.planning.calendar import WorkCalendar
from services.planning.catalog.types import MilestoneTemplate, TaskTemplate
from services.planning.tickets.schedule import DatedMilestone, DatedTask, schedule
from services.vocabulary import MilestoneStatus, TaskStatus

ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))


def template(title, *task_days, sla_days=1, depends_on=()):
    tasks = tuple(
        TaskTemplate(title=f"Lavoro {days}", role="analista", estimated_hours=Decimal(1), sla_days=days)
        for days in task_days
    )
    return MilestoneTemplate(
        title=title, sla_days=sla_days, warning_days=1, escalation_days=1, depends_on=depends_on, tasks=tasks
    )


def dated(milestones, starts_on):
    """The rows that a ticket of these templates would have, untouched."""
    return tuple(
        DatedMilestone(
            id=f"M{position}",
            position=position,
            status=MilestoneStatus.PLANNED,
            depends_on=one.depends_on,
            starts_on=one.starts_on,
            due_on=one.due_on,
            tasks=tuple(
                DatedTask(f"M{position}.{number}", TaskStatus.TODO, task.starts_on, task.due_on)
                for number, task in enumerate(one.tasks, start=1)
            ),
        )
        for position, one in enumerate(schedule(milestones, starts_on, ITALY), start=1)
    )


@st.composite
def workflows(draw):
    templates = []
    for number in range(draw(st.integers(1, 6))):
        earlier = [one.title for one in templates]
        depends_on = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        days = draw(st.lists(st.integers(1, 12), max_size=4))
        templates.append(
            template(f"Fase {number}", *days, sla_days=draw(st.integers(1, 20)), depends_on=tuple(depends_on))
        )
    return templates


days = st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 31))


@st.composite
def tickets(draw):
    """The dated rows of a ticket, some of them started or finished."""
    milestones = dated(draw(workflows()), ITALY.on_or_after(draw(days)))
    statuses = st.sampled_from([TaskStatus.TODO] * 3 + [TaskStatus.IN_PROGRESS, TaskStatus.DONE])
    worked = []
    for one in milestones:
        tasks = tuple(replace(task, status=draw(statuses)) for task in one.tasks)
        begun = any(task.status is not TaskStatus.TODO for task in tasks)
        status = MilestoneStatus.IN_PROGRESS if begun else MilestoneStatus.PLANNED
        worked.append(replace(one, tasks=tasks, status=status))
    return tuple(worked)
