"""The facts about work, worked out as a person would: row by row and day by day, without the code under test."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from tortoise.functions import Max

from models import Event, Milestone, Opportunity, Task, Ticket, TicketLine

DAY = timedelta(days=1)
ROME = ZoneInfo("Europe/Rome")
ITALY = holidays.country_holidays("IT")
COUNTED = ("yellow_on", "red_on", "at_risk_on", "task_count", "finished_task_count")
FACTS: dict[str, tuple[str, ...]] = {
    "Ticket": (*COUNTED, "lead_day_count", "worked_day_count", "urgency", "updated_at"),
    "Milestone": ("blocked", *COUNTED, "updated_at"),
    "Task": ("ready", "blocked", "yellow_on", "red_on", "urgency", "updated_at"),
    "TicketLine": ("awaits_child",),
}


async def stored_facts() -> dict[str, dict[str, Any]]:
    """What the columns hold, by id."""
    rows = [*await Ticket.all(), *await Milestone.all(), *await Task.all(), *await TicketLine.all()]
    return {row.id: {name: getattr(row, name) for name in FACTS[type(row).__name__]} for row in rows}


async def naive_facts() -> dict[str, dict[str, Any]]:
    """What they should hold, by id."""
    facts: dict[str, dict[str, Any]] = {}
    delivered = {one.ticket_line_id for one in await Opportunity.filter(child_ticket_id__not_isnull=True)}
    for line in await TicketLine.all():
        facts[line.id] = {"awaits_child": line.id not in delivered}
    milestones_of = grouped(await Milestone.all().order_by("position"), "ticket_id")
    tasks_of = grouped(await Task.all().order_by("position"), "milestone_id")
    told = await last_told()
    for ticket in await Ticket.all():
        milestones = milestones_of[ticket.id]
        tasks = {one.id: tasks_of[one.id] for one in milestones}
        urgency = ["CRITICAL", "HIGH", "MEDIUM", "LOW"].index(ticket.priority)
        left = {one.position: days_left(one, milestones, tasks) for one in milestones}
        for milestone in milestones:
            blocked = waits(milestone, milestones)
            for task in tasks[milestone.id]:
                facts[task.id] = {
                    **facts_of_task(task, milestone, blocked, tasks[milestone.id]),
                    "urgency": urgency,
                    "updated_at": told[task.id],
                }
            finished = milestone.status in ("COMPLETED", "CANCELLED")
            below = [task.id for task in tasks[milestone.id]]
            facts[milestone.id] = {
                "blocked": blocked,
                **(NO_LIGHT if finished else lights(milestone.due_on, milestone)),
                "at_risk_on": None if finished else risk(milestone.due_on, left[milestone.position]),
                **counts(tasks[milestone.id]),
                "updated_at": latest_told(told, milestone.id, *below),
            }
        live = [one for one in milestones if one.status != "CANCELLED"]
        latest = max(live, key=lambda one: (one.due_on, one.position), default=None)
        finished = ticket.status in ("CLOSED", "CANCELLED")
        below = [one.id for one in milestones] + [task.id for some in tasks.values() for task in some]
        facts[ticket.id] = {
            **(NO_LIGHT if finished else lights(ticket.due_on, latest)),
            "at_risk_on": None if finished else risk(ticket.due_on, max(left.values(), default=0)),
            **counts([task for one in live for task in tasks[one.id]]),
            **worked(ticket, [task for some in tasks.values() for task in some]),
            "urgency": urgency,
            "updated_at": latest_told(told, ticket.id, *below),
        }
    return facts


def grouped(rows: list[Any], column: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


NO_LIGHT = {"yellow_on": None, "red_on": None}


def waits(milestone: Milestone, milestones: list[Milestone]) -> bool:
    if milestone.status in ("COMPLETED", "CANCELLED"):
        return False
    awaited = milestone.depends_on
    if not awaited:
        awaited = [one.position for one in milestones if one.position < milestone.position][-1:]
    return any(one.position in awaited and one.status in ("PLANNED", "IN_PROGRESS") for one in milestones)


def days_left(milestone: Milestone, milestones: list[Milestone], tasks: dict[str, list[Task]]) -> int:
    """The working days from today to its end, if nobody loses one."""
    if milestone.status in ("COMPLETED", "CANCELLED"):
        return 0
    awaited = milestone.depends_on
    if not awaited:
        awaited = [one.position for one in milestones if one.position < milestone.position][-1:]
    begins_after = [days_left(one, milestones, tasks) for one in milestones if one.position in awaited]
    own = [
        one.sla_days for one in tasks[milestone.id] if one.mandatory and one.status in ("TODO", "IN_PROGRESS")
    ]
    return max(begins_after, default=0) + sum(own)


def risk(due_on: date, days: int) -> date:
    """The first day from which the days that are left lead beyond the due date."""
    day = due_on + DAY
    while days > 0:
        day -= DAY
        days -= ITALY.is_working_day(day)
    return day


def worked(ticket: Ticket, tasks: list[Task]) -> dict[str, int | None]:
    """The working days of a closed ticket, day by day, and those on which a task was in progress."""
    if ticket.closed_at is None:
        return {"lead_day_count": None, "worked_day_count": None}
    closed = local(ticket.closed_at)
    day, lead, busy = local(ticket.created_at) + DAY, 0, 0
    while day <= closed:
        if ITALY.is_working_day(day):
            lead += 1
            busy += any(
                task.started_at < task.finished_at
                and local(task.started_at) <= day <= local(task.finished_at)
                for task in tasks
                if task.started_at and task.finished_at
            )
        day += DAY
    return {"lead_day_count": lead, "worked_day_count": busy}


def local(at: datetime) -> date:
    return at.astimezone(ROME).date()


def facts_of_task(task: Task, milestone: Milestone, blocked: bool, tasks: list[Task]) -> dict[str, Any]:
    if task.status in ("DONE", "SKIPPED") or milestone.status == "CANCELLED":
        return {"ready": False, "blocked": False, **NO_LIGHT}
    before = [one for one in tasks if one.position < task.position and one.mandatory]
    ready = not blocked and all(one.status in ("DONE", "SKIPPED") for one in before)
    return {"ready": ready, "blocked": blocked, **lights(task.due_on, milestone)}


def lights(due_on: date, milestone: Milestone | None) -> dict[str, date]:
    last_green, last_orange = due_on, due_on
    for _ in range(milestone.warning_days if milestone else 0):
        last_green -= DAY
        while not ITALY.is_working_day(last_green):
            last_green -= DAY
    for _ in range(milestone.escalation_days if milestone else 0):
        last_orange += DAY
        while not ITALY.is_working_day(last_orange):
            last_orange += DAY
    return {"yellow_on": last_green + DAY, "red_on": last_orange + DAY}


def counts(tasks: list[Task]) -> dict[str, int]:
    return {
        "task_count": sum(task.status != "SKIPPED" for task in tasks),
        "finished_task_count": sum(task.status == "DONE" for task in tasks),
    }


async def last_told() -> dict[str, datetime]:
    """When the log last told of each row."""
    reported = Event.exclude(kind="FACTS_REBUILT").annotate(last=Max("occurred_at")).group_by("entity_id")
    return dict(await reported.values_list("entity_id", "last"))


def latest_told(told: dict[str, datetime], *row_ids: str) -> datetime:
    return max(told[row_id] for row_id in row_ids if row_id in told)
