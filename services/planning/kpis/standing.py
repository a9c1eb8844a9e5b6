"""How rows stand at the end of days: worked out from what the log tells, as figures of how things stand need it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from services.planning.calendar import WorkCalendar
from services.planning.tickets.facts import (
    MilestoneWork,
    TaskFacts,
    TaskWork,
    TicketWork,
    WorkFacts,
    work_facts,
)
from services.planning.tickets.workflow import OPEN_TICKET
from services.vocabulary import (
    IntakeStatus,
    ItemOutcome,
    MilestoneStatus,
    Priority,
    TaskStatus,
    TicketStatus,
)

ATTENTION = (ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION)
WORK = frozenset({"Ticket", "Milestone", "Task"})


@dataclass(frozen=True, slots=True)
class Told:
    """What one event tells: the columns that a row got. None: the row is gone. The first event of a row tells all."""

    entity: str
    row_id: str
    columns: Mapping[str, Any] | None
    at: datetime
    is_first: bool
    is_work: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How a row stands that a figure counts. `models.KpiDay` has the same columns.

    `kind` is that of a ticket. `reason` is why a sale waits, how far an effect in the CRM has come, or the flag of a
    line's opportunity. `hours` are a task's estimated ones, or those that an operator gives in a week.
    """

    entity: str
    row_id: str
    kind: str | None = None
    status: str | None = None
    reason: str | None = None
    company_id: str | None = None
    operator_id: str | None = None
    child_id: str | None = None
    priority: str | None = None
    due_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    at_risk_on: date | None = None
    changed_at: datetime | None = None
    task_count: int | None = None
    finished_task_count: int | None = None
    hours: Decimal | None = None


COLUMNS = tuple(one.name for one in fields(Standing))


@dataclass(frozen=True, slots=True)
class Stretch:
    """How a row stood at the end of each day from `since_on` up to, but without, `until_on`."""

    since_on: date
    until_on: date
    standing: Standing


class _Rows:
    """The rows that one part of the log tells of, as they are after the events read so far."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, dict[str, Any]]] = {}
        self._changed_at: dict[str, datetime] = {}

    def take(self, told: Told) -> None:
        rows = self._columns.setdefault(told.entity, {})
        if told.columns is None:
            rows.pop(told.row_id, None)
            return
        if told.is_first:
            rows[told.row_id] = {"id": told.row_id}
        if told.row_id not in rows:
            # The log lacks its beginning. How it stood is not known, and all others are.
            return
        row = rows[told.row_id]
        row.update(told.columns)
        if told.entity in WORK and told.is_work:
            ways_up = (told.row_id, row.get("milestone_id"), row.get("ticket_id"))
            self._changed_at |= dict.fromkeys(filter(None, ways_up), told.at)

    def of(self, entity: str) -> Iterator[dict[str, Any]]:
        yield from self._columns.get(entity, {}).values()

    def get(self, entity: str, row_id: str | None) -> dict[str, Any] | None:
        return self._columns.get(entity, {}).get(row_id or "")

    def changed_at(self, row_id: str) -> datetime | None:
        return self._changed_at.get(row_id)


def stretches_of(
    told: Iterable[Told], end_on: date, open_end: date, calendar: WorkCalendar
) -> Iterator[Stretch]:
    """Yield how rows stood at the ends of the days before `end_on`. What still stands then has no end: `open_end`.

    `told` is one part of the log, in its order: no row that stands depends on a row of another part.
    """
    rows = _Rows()
    standing: dict[str, tuple[date, Standing]] = {}
    for day, events in groupby(told, key=lambda one: calendar.today(one.at)):
        if day >= end_on:
            break
        for one in events:
            rows.take(one)
        now = {one.row_id: one for one in _standing(rows, calendar)}
        for row_id, (since, before) in list(standing.items()):
            if now.get(row_id) != before:
                del standing[row_id]
                yield Stretch(since, day, before)
        standing |= {row_id: (day, one) for row_id, one in now.items() if row_id not in standing}
    for since, last in standing.values():
        yield Stretch(since, open_end, last)


def _standing(rows: _Rows, calendar: WorkCalendar) -> Iterator[Standing]:
    yield from _work(rows, calendar)
    for item in rows.of("IntakeItem"):
        if item["status"] == IntakeStatus.WAITING:
            yield Standing("IntakeItem", item["id"], status=item["status"], reason=item["reason"])
    for item in rows.of("ActionItem"):
        action, outcome = rows.get("Action", item["action_id"]), item["outcome"]
        waits = action is not None and action["attention_count"] > 0 and outcome in ATTENTION
        if outcome is None or waits:
            yield Standing("ActionItem", item["id"], status=outcome, reason=outcome or item["state"])
    for operator in rows.of("Operator"):
        if operator.get("weekly_hours") is not None:
            yield Standing("Operator", operator["id"], hours=Decimal(operator["weekly_hours"]))


def _work(rows: _Rows, calendar: WorkCalendar) -> Iterator[Standing]:
    stages: dict[str, list[dict[str, Any]]] = {}
    tasks: dict[str, list[dict[str, Any]]] = {}
    for found, link, entity in ((stages, "ticket_id", "Milestone"), (tasks, "milestone_id", "Task")):
        for one in sorted(rows.of(entity), key=lambda one: one["position"]):
            found.setdefault(one[link], []).append(one)
    shown: dict[str, Standing] = {}
    for ticket in rows.of("Ticket"):
        mine = stages.get(ticket["id"], [])
        facts = work_facts(_ticket_work(ticket, mine, tasks), calendar)
        at_ticket = {"company_id": ticket["company_id"], "priority": ticket["priority"]}
        shared = {**at_ticket, "operator_id": ticket["owner_id"]}
        for entity, one, holder in (
            ("Ticket", ticket, {**shared, "kind": ticket["kind"]}),
            *(("Milestone", stage, shared) for stage in mine),
            *(
                ("Task", task, {**at_ticket, "operator_id": task["assignee_id"], "hours": _hours(task)})
                for stage in mine
                for task in tasks.get(stage["id"], ())
            ),
        ):
            fact = facts[one["id"]]
            shown[one["id"]] = Standing(
                entity,
                one["id"],
                status=one["status"],
                due_on=_day(one["due_on"]),
                yellow_on=fact.yellow_on,
                red_on=fact.red_on,
                changed_at=rows.changed_at(one["id"]),
                **holder,
                **_counts(fact),
            )
    yield from (one for one in shown.values() if one.yellow_on is not None)
    yield from _lines(rows, shown)


def _lines(rows: _Rows, shown: Mapping[str, Standing]) -> Iterator[Standing]:
    """Yield the lines whose child is open, or that have none yet and a parent that is not cancelled."""
    sold = {one["ticket_line_id"]: one for one in rows.of("Opportunity") if one.get("ticket_line_id")}
    for line in rows.of("TicketLine"):
        opportunity = sold.get(line["id"]) or {}
        root, child = shown.get(line["ticket_id"]), shown.get(opportunity.get("child_ticket_id") or "")
        if root is None:
            continue
        bearer = child or root
        if child.status in OPEN_TICKET if child else root.status != TicketStatus.CANCELLED:
            yield Standing(
                "TicketLine",
                line["id"],
                status=child.status if child else None,
                reason=opportunity.get("flag"),
                company_id=root.company_id,
                operator_id=bearer.operator_id,
                child_id=child.row_id if child else None,
                priority=bearer.priority,
                due_on=bearer.due_on,
                at_risk_on=bearer.at_risk_on,
            )


def _counts(facts: WorkFacts) -> dict[str, Any]:
    if isinstance(facts, TaskFacts):
        return {}
    names = ("at_risk_on", "task_count", "finished_task_count")
    return {name: getattr(facts, name) for name in names}


def _ticket_work(
    ticket: Mapping[str, Any],
    stages: Sequence[Mapping[str, Any]],
    tasks: Mapping[str, Sequence[Mapping[str, Any]]],
) -> TicketWork:
    return TicketWork(
        ticket["id"],
        TicketStatus(ticket["status"]),
        Priority(ticket["priority"]),
        _day(ticket["due_on"]),
        tuple(_milestone_work(stage, tasks.get(stage["id"], ())) for stage in stages),
    )


def _milestone_work(stage: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> MilestoneWork:
    return MilestoneWork(
        stage["id"],
        stage["position"],
        MilestoneStatus(stage["status"]),
        tuple(stage["depends_on"] or ()),
        _day(stage["due_on"]),
        stage["warning_days"],
        stage["escalation_days"],
        tuple(
            TaskWork(
                task["id"],
                TaskStatus(task["status"]),
                task["mandatory"],
                _day(task["due_on"]),
                task["sla_days"],
            )
            for task in tasks
        ),
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _hours(task: Mapping[str, Any]) -> Decimal:
    return Decimal(task["estimated_hours"])
