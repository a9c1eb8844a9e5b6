"""Figures worked out as a person would: from the events of the log alone, row by row and day by day."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from models import Event

ROME = ZoneInfo("Europe/Rome")
ITALY = holidays.country_holidays("IT")
FINISHED = {"Task": "DONE", "Milestone": "COMPLETED", "Ticket": "CLOSED"}
SUBJECTS = {
    "TASKS": ("Task", None),
    "MILESTONES": ("Milestone", None),
    "TICKETS": ("Ticket", None),
    "PARENTS": ("Ticket", "PARENT"),
    "CHILDREN": ("Ticket", "CHILD"),
}


WORK_KEYS = {
    "ON_TIME", "SLIP", "REDATED", "FINISHED", "DUE", "LEAD_TIME", "CYCLE_TIME", "FLOW_EFFICIENCY", "REOPENED",
    "OPEN", "BACKLOG", "IN_PROGRESS", "LATE", "AGE", "STANDSTILL", "AT_RISK", "LOAD", "PROGRESS",
}  # fmt: skip


@dataclass
class Told:
    """One row as the log tells of it: its columns now, and each status with its instant and whose it was."""

    entity: str
    id: str
    columns: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    statuses: list[tuple[datetime, str, str]] = field(default_factory=list)
    changed_at: list[datetime] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.statuses[-1][1]

    def finishes(self) -> list[tuple[datetime, str]]:
        return [(at, who) for at, status, who in self.statuses if status == FINISHED[self.entity]]

    def since(self, status: str) -> datetime:
        return max(at for at, one, _ in self.statuses if one == status)

    def day(self, column: str) -> date:
        return date.fromisoformat(self.columns[column])

    def instant(self, column: str) -> datetime | None:
        told = self.columns.get(column)
        return datetime.fromisoformat(told).astimezone(UTC) if told else None


Rows = dict[str, Told]


async def told_rows(until: datetime | None = None) -> Rows:
    """The rows by all that the log tells, or by what it tells of the time before an instant."""
    rows: Rows = {}
    for event in await Event.filter(entity__in=list(FINISHED)).order_by("stream_id", "seq"):
        if until is not None and event.occurred_at >= until:
            continue
        row = rows.setdefault(event.entity_id, Told(event.entity, event.entity_id))
        row.created_at = row.created_at or event.occurred_at
        row.changed_at.append(event.occurred_at)
        after = event.after or {}
        row.columns.update(after)
        if "status" in after:
            holder = rows[row.columns["ticket_id"]] if row.entity == "Milestone" else row
            who = holder.columns.get("assignee_id") or holder.columns["owner_id"]
            row.statuses.append((event.occurred_at, after["status"], who))
    return rows


def holder_of(row: Told, rows: Rows) -> str:
    """Whose open work is: a task's assignee's, otherwise the ticket's owner's."""
    return row.columns.get("assignee_id") or rows[row.columns.get("ticket_id", row.id)].columns["owner_id"]


def local(at: datetime) -> date:
    return at.astimezone(ROME).date()


def working_days(start: date, end: date) -> int:
    """How many working days lie after one day, up to and with another; none if that is earlier."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(ITALY.is_working_day(day) for day in days)


def rank(values: list[int], share: Decimal) -> int | None:
    """The least value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return next((one for n, one in enumerate(ordered, 1) if Decimal(n) >= share * len(ordered)), None)


@dataclass
class Answer:
    """What a figure should be: what each row contributes by its id, and how many were left out for what.

    Of a ratio, `done` and `whole` are what all rows have done and have to do. `nodes` are the ids under which rows are
    shown, where those are not their own.
    """

    weights: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    done: int = 0
    whole: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def shown(self) -> list[tuple[str, Any]]:
        return sorted((self.nodes.get(row_id, row_id), weight) for row_id, weight in self.weights.items())

    def add_ratio(self, row: "Told", done: int, whole: int) -> None:
        self.done, self.whole = self.done + done, self.whole + whole
        self.weights[row.id] = Decimal(done * 10_000 // whole) / 10_000 if whole else Decimal(0)


def fate(row: Told, rows: Rows, close: str) -> tuple[str, datetime, str] | None:
    """How a row ended, when, and whose it was then; None while it is open."""
    finishes = row.finishes()
    if close == "FIRST" and finishes:
        return "FINISHED", finishes[0][0], finishes[-1][1]
    if row.status == FINISHED[row.entity]:
        return "FINISHED", *finishes[-1]
    now = holder_of(row, rows)
    whose = finishes[-1][1] if close == "FIRST" and finishes else now
    if row.status == "SKIPPED":
        return "SKIPPED", row.since("SKIPPED"), whose
    above = rows[row.columns["milestone_id"]] if row.entity == "Task" else row
    if above.status == "CANCELLED":
        return "CANCELLED", above.since("CANCELLED"), whose
    return None


def is_open(row: Told, rows: Rows) -> bool:
    above = rows[row.columns["milestone_id"]] if row.entity == "Task" else row
    over = ("DONE", "SKIPPED", "COMPLETED", "CLOSED", "CANCELLED")
    return row.status not in over and above.status not in over


def naive_figure(
    rows: Rows, key: str, subject: str, against: str, close: str, first: date, end: date, now: datetime
) -> Answer:
    entity, kind = SUBJECTS[subject]
    mine = [row for row in rows.values() if row.entity == entity and kind in (None, row.columns.get("kind"))]
    due = "original_due_on" if against == "ORIGINAL" else "due_on"
    answer, today = Answer(), local(now)
    for row in mine:
        if key in ("OPEN", "BACKLOG", "IN_PROGRESS", "LATE"):
            if is_open(row, rows) and (
                key == "OPEN"
                or (key == "LATE" and row.day("due_on") < today)
                or (key == "BACKLOG" and row.status in ("TODO", "PLANNED", "OPEN"))
                or (key == "IN_PROGRESS" and row.status == "IN_PROGRESS")
            ):
                answer.weights[row.id] = 1
        elif key == "AT_RISK":
            if is_open(row, rows) and row.day("due_on") >= today:
                ahead = working_days(today, row.day("due_on"))
                answer.weights |= {row.id: 1} if ahead < days_left(row, rows) else {}
        elif key == "LOAD":
            if is_open(row, rows) and row.day("due_on") <= working_day_after(today, 10):
                answer.weights[row.id] = Decimal(str(row.columns["estimated_hours"]))
        elif key == "STANDSTILL":
            if is_open(row, rows):
                last = max(at for one in (row, *parts_of(row, rows)) for at in one.changed_at)
                answer.weights[row.id] = working_days(local(last), today)
        elif key == "PROGRESS":
            if row.status == "IN_PROGRESS":
                statuses = [task.status for task in parts_of(row, rows) if task.status != "SKIPPED"]
                if statuses:
                    answer.add_ratio(row, statuses.count("DONE"), len(statuses))
                else:
                    answer.left_out["NOTHING_TO_DO"] += 1
        elif key == "AGE":
            if is_open(row, rows):
                answer.weights[row.id] = working_days(local(row.created_at), today)
        elif key == "DUE":
            ended = fate(row, rows, "LATEST")
            if first <= row.day(due) < end:
                if ended and ended[0] != "FINISHED":
                    answer.left_out[ended[0]] += 1
                else:
                    answer.weights[row.id] = 1
        elif key == "REOPENED":
            finishes = row.finishes()
            if finishes and first <= local(finishes[0][0]) < end:
                answer.weights[row.id] = int(
                    any(
                        at >= finishes[0][0] and status != FINISHED[entity]
                        for at, status, _ in row.statuses[row.statuses.index(_first_finish(row)) + 1 :]
                    )
                )
        else:
            _of_finished(answer, row, rows, key, due, close, first, end)
    return answer


def parts_of(row: Told, rows: Rows) -> list[Told]:
    """The milestones and tasks of a ticket, the tasks of a milestone, nothing of a task."""
    link = {"Ticket": "ticket_id", "Milestone": "milestone_id"}.get(row.entity, "")
    return [one for one in rows.values() if one.columns.get(link) == row.id]


def working_day_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= ITALY.is_working_day(day)
    return day


def working_days_with_work(row: Told, rows: Rows, closed: date) -> int:
    """On how many working days after a ticket's creation, up to its close, one of its tasks was in progress."""
    spans = [
        (local(begun), local(ended))
        for task in parts_of(row, rows)
        if (begun := task.instant("started_at")) and (ended := task.instant("finished_at")) and begun < ended
    ]
    created = local(row.created_at)
    days = (created + timedelta(days=n) for n in range(1, (closed - created).days + 1))
    return sum(ITALY.is_working_day(day) and any(one <= day <= other for one, other in spans) for day in days)


def days_left(row: Told, rows: Rows) -> int:
    """How many working days the rest of a milestone takes from today, with what it waits for; or that of a ticket."""
    ticket = row.id if row.entity == "Ticket" else row.columns["ticket_id"]
    stages = {
        one.columns["position"]: one
        for one in rows.values()
        if one.entity == "Milestone" and one.columns["ticket_id"] == ticket
    }
    left: dict[int, int] = {}
    for position, stage in sorted(stages.items()):
        if is_open(stage, rows):
            before = stage.columns["depends_on"] or [
                max((one for one in stages if one < position), default=0)
            ]
            own = [
                task.columns["sla_days"]
                for task in rows.values()
                if task.columns.get("milestone_id") == stage.id
                and task.columns["mandatory"]
                and is_open(task, rows)
            ]
            left[position] = max(left.get(one, 0) for one in before) + sum(own)
    return max(left.values(), default=0) if row.entity == "Ticket" else left[row.columns["position"]]


def _first_finish(row: Told) -> tuple[datetime, str, str]:
    return next(one for one in row.statuses if one[1] == FINISHED[row.entity])


def _of_finished(
    answer: Answer, row: Told, rows: Rows, key: str, due: str, close: str, first: date, end: date
) -> None:
    ended = fate(row, rows, "LATEST" if key == "FLOW_EFFICIENCY" else close)
    if ended is None or not first <= local(ended[1]) < end:
        return
    reason, at, _ = ended
    if reason != "FINISHED":
        answer.left_out[reason] += 1
        return
    day = local(at)
    match key:
        case "FINISHED":
            answer.weights[row.id] = 1
        case "ON_TIME":
            answer.weights[row.id] = int(day <= row.day(due))
        case "SLIP":
            answer.weights[row.id] = working_days(row.day(due), day)
        case "REDATED":
            answer.weights[row.id] = int(row.columns["due_on"] != row.columns["original_due_on"])
        case "LEAD_TIME":
            answer.weights[row.id] = working_days(local(row.created_at), day)
        case "CYCLE_TIME":
            begun = row.instant("started_at")
            if begun and begun < at:
                answer.weights[row.id] = working_days(local(begun), day)
            else:
                answer.left_out["NEVER_STARTED"] += 1
        case "FLOW_EFFICIENCY":
            begun = row.instant("started_at")
            if begun and begun < at:
                lead = working_days(local(row.created_at), day)
                answer.add_ratio(row, working_days_with_work(row, rows, day), lead)
            else:
                answer.left_out["NEVER_STARTED"] += 1


def value_of(key: str, answer: Answer) -> Decimal | None:
    weights = list(answer.weights.values())
    if key in ("ON_TIME", "REDATED", "REOPENED", "ONBOARDED", "RECOGNISED"):
        if not weights:
            return None
        return (Decimal(sum(weights)) / len(weights)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if key in ("PROGRESS", "FLOW_EFFICIENCY", "LOAD_SHARE"):
        if not answer.whole:
            return None
        return (Decimal(answer.done) / answer.whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if key == "LOAD" or key.startswith("VALUE_") or key == "OPPORTUNITY_VALUE":
        return sum(weights, Decimal(0))
    if key in ("SLIP", "LEAD_TIME", "CYCLE_TIME", "AGE", "STANDSTILL") or key.startswith("TIME_TO_"):
        middle = rank(weights, Decimal("0.5"))
        return None if middle is None else Decimal(middle)
    return Decimal(len(weights))
