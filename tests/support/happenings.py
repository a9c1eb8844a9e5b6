"""Which of the cases that figures stumble over happened in a history, by its log."""

from datetime import date
from itertools import pairwise

from models import Event
from tests.support.naive_kpis import FINISHED, Rows, Told, local, told_rows

DAYS = {
    "lasted over the end of summer time": date(2026, 10, 25),
    "lasted over a holiday": date(2026, 12, 8),
    "lasted over the beginning of summer time": date(2027, 3, 28),
}
HAPPENINGS = {
    *DAYS,
    "reopened",
    "moved after its due date",
    "milestone cancelled",
    "ticket cancelled",
    "skipped",
    "waived",
    "milestone without tasks",
    "children kept open",
    "finished on another day than in UTC",
}


async def happenings() -> set[str]:
    rows = await told_rows()
    found = {what for event in await Event.all() for what in _of_event(event, rows)}
    return found | {what for row in rows.values() for what in _of_row(row, rows)}


def _of_event(event: Event, rows: Rows) -> list[str]:
    before, after = event.before or {}, event.after or {}
    said = []
    if event.entity == "Task" and "due_on" in before and before["due_on"] < str(local(event.occurred_at)):
        said.append("moved after its due date")
    if before.get("mandatory") and after.get("mandatory") is False:
        said.append("waived")
    return said


def _of_row(row: Told, rows: Rows) -> list[str]:
    said = []
    finishes = [at for at, _ in row.finishes()]
    statuses = [status for _, status, _ in row.statuses]
    if any(one == FINISHED[row.entity] != other for one, other in pairwise(statuses)):
        said.append("reopened")
    if "SKIPPED" in statuses:
        said.append("skipped")
    if "CANCELLED" in statuses:
        said.append(f"{row.entity.lower()} cancelled")
        below = [one for one in rows.values() if one.columns.get("parent_id") == row.id]
        if any(child.status in ("OPEN", "IN_PROGRESS") for child in below):
            said.append("children kept open")
    if row.entity == "Milestone" and not any(
        one.columns.get("milestone_id") == row.id for one in rows.values()
    ):
        said.append("milestone without tasks")
    if any(at.date() != local(at) for at in finishes):
        said.append("finished on another day than in UTC")
    created = local(row.created_at)
    said += [what for what, day in DAYS.items() if any(created < day <= local(at) for at in finishes)]
    return said
