"""What was sold, how it came in and what became of it in the CRM, worked out from the events of the log alone.

Only the hours of operators, which the roster keeps, are read from their rows.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models import Event, Operator
from tests.support.naive_kpis import (
    Answer,
    Rows,
    Told,
    days_left,
    fate,
    is_open,
    local,
    told_rows,
    working_day_after,
    working_days,
)


@dataclass
class Row:
    """The columns of a row as the log tells them, and when it was first told of."""

    id: str
    seen_at: datetime
    columns: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.columns.get(name)

    def instant(self, name: str) -> datetime | None:
        told = self.columns.get(name)
        return datetime.fromisoformat(told) if told else None


@dataclass
class Asked:
    """The period, what the log tells, and what to ask of it."""

    subject: str
    close: str
    first: date
    end: date
    today: date
    work: Rows
    rows: dict[str, dict[str, Row]]
    hours: dict[str, Decimal | None]
    answer: Answer = field(default_factory=Answer)

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.first <= local(at) < self.end

    def all(self, entity: str) -> list[Row]:
        return list(self.rows[entity].values())

    def parents(self) -> list[Told]:
        return [row for row in self.work.values() if row.columns.get("kind") == "PARENT"]

    def children(self, parent: Told) -> list[Told]:
        return [row for row in self.work.values() if row.columns.get("parent_id") == parent.id]

    def sold_at(self, parent: Told) -> datetime:
        told = [one.instant("occurred_at") for one in self.all("CrmActivity") if one.ticket_id == parent.id]
        return next(filter(None, told), None) or parent.created_at

    def opportunity_of(self, line: Row) -> Row | None:
        return next((one for one in self.all("Opportunity") if one.ticket_line_id == line.id), None)

    def child_of(self, line: Row) -> Told | None:
        opportunity = self.opportunity_of(line)
        return self.work.get(opportunity.child_ticket_id or "") if opportunity else None

    def add_line(self, line: Row) -> None:
        ticket = self.child_of(line) or self.work[line.ticket_id]
        self.answer.weights[line.id] = Decimal(line.amount)
        self.answer.nodes[line.id] = ticket.id


async def told_of_all() -> dict[str, dict[str, Row]]:
    told: dict[str, dict[str, Row]] = defaultdict(dict)
    for event in await Event.all().order_by("stream_id", "seq"):
        row = told[event.entity].setdefault(event.entity_id, Row(event.entity_id, event.occurred_at))
        row.columns.update(event.after or {})
    return told


async def read_log() -> tuple[Rows, dict[str, dict[str, Row]], dict[str, Decimal | None]]:
    hours = {one.id: one.weekly_hours for one in await Operator.all()}
    return await told_rows(), await told_of_all(), hours


def _since_sale(asked: Asked, parent: Told, reached: datetime | None) -> None:
    if reached is None or not asked.holds(reached):
        return
    if parent.status == "CANCELLED":
        asked.answer.left_out["CANCELLED"] += 1
    else:
        asked.answer.weights[parent.id] = working_days(local(asked.sold_at(parent)), local(reached))


def _time_to_onboarded(asked: Asked) -> None:
    for parent in asked.parents():
        _since_sale(asked, parent, next((at for at, _ in parent.finishes()), None))


def _time_to_first_value(asked: Asked) -> None:
    for parent in asked.parents():
        below = {child.id for child in asked.children(parent)}
        reached = [
            at
            for stage in asked.work.values()
            if stage.entity == "Milestone" and stage.columns["ticket_id"] in below
            for at, _ in stage.finishes()
        ]
        _since_sale(asked, parent, min(reached, default=None))


def _time_to_delivered(asked: Asked) -> None:
    for parent in asked.parents():
        kept = [child for child in asked.children(parent) if child.status != "CANCELLED"]
        ended = [fate(child, asked.work, asked.close) for child in kept]
        closes = [one[1] for one in ended if one and one[0] == "FINISHED"]
        if kept and len(closes) == len(kept):
            _since_sale(asked, parent, max(closes))


def _onboarded(asked: Asked) -> None:
    for parent in asked.parents():
        if asked.holds(asked.sold_at(parent)):
            if parent.status == "CANCELLED":
                asked.answer.left_out["CANCELLED"] += 1
            else:
                asked.answer.weights[parent.id] = int(parent.status == "CLOSED")


def _opportunities(asked: Asked) -> None:
    for one in asked.all("Opportunity"):
        if asked.holds(one.seen_at):
            asked.answer.weights[one.id] = 1


def _opportunity_value(asked: Asked) -> None:
    for one in asked.all("Opportunity"):
        if asked.holds(one.seen_at):
            asked.answer.weights[one.id] = Decimal(one.amount or 0)


def _open_lines(asked: Asked) -> list[Row]:
    found = []
    for line in asked.all("TicketLine"):
        child = asked.child_of(line)
        kept = is_open(child, asked.work) if child else asked.work[line.ticket_id].status != "CANCELLED"
        if kept:
            found.append(line)
    return found


def _value_open(asked: Asked) -> None:
    for line in _open_lines(asked):
        asked.add_line(line)


def _value_at_risk(asked: Asked) -> None:
    for line in _open_lines(asked):
        ticket, opportunity = asked.child_of(line) or asked.work[line.ticket_id], asked.opportunity_of(line)
        ahead = working_days(asked.today, ticket.day("due_on"))
        threatened = is_open(ticket, asked.work) and (
            ticket.day("due_on") < asked.today or ahead < days_left(ticket, asked.work)
        )
        if threatened or (opportunity and opportunity.flag):
            asked.add_line(line)


def _value_delivered(asked: Asked) -> None:
    for line in asked.all("TicketLine"):
        child = asked.child_of(line)
        ended = child and fate(child, asked.work, asked.close)
        if ended and ended[0] == "FINISHED" and asked.holds(ended[1]):
            asked.add_line(line)


def _recognised(asked: Asked) -> None:
    items = {one.crm_activity_id: one for one in asked.all("IntakeItem")}
    sources = {one.crm_id: one for one in asked.all("CrmActivity") if one.role == "SOURCE"}
    entered = {one.crm_id for one in asked.all("ActionItem") if one.kind == "CREATE_SALE"}
    for crm_id, source in sources.items():
        item = items.get(crm_id)
        waited = item is not None and item.instant("created_at") < source.seen_at
        if asked.holds(item.instant("created_at") if waited else source.seen_at):
            asked.answer.weights[source.id] = int(not waited and crm_id not in entered)
            asked.answer.nodes[source.id] = source.ticket_id
    for crm_id, item in items.items():
        if crm_id not in sources and asked.holds(item.instant("created_at")):
            if item.status == "DISMISSED":
                asked.answer.left_out["DISMISSED"] += 1
            else:
                asked.answer.weights[item.id] = 0


def _inbox(asked: Asked) -> None:
    asked.answer.weights |= {one.id: 1 for one in asked.all("IntakeItem") if one.status == "WAITING"}


def _crm_pending(asked: Asked) -> None:
    asked.answer.weights |= {one.id: 1 for one in asked.all("ActionItem") if one.state != "FINISHED"}


def _crm_attention(asked: Asked) -> None:
    for one in asked.all("ActionItem"):
        kept = asked.rows["Action"][one.action_id].attention_count
        if one.outcome in ("FAILED", "NEEDS_ATTENTION") and kept:
            asked.answer.weights[one.id] = 1


def _load_share(asked: Asked) -> None:
    close = working_day_after(asked.today, 10)
    holders: dict[str, int] = {}
    for task in asked.work.values():
        if task.entity == "Task" and is_open(task, asked.work) and task.day("due_on") <= close:
            holder, hours = task.columns["assignee_id"], Decimal(str(task.columns["estimated_hours"]))
            weekly = asked.hours[holder]
            if weekly is None:
                asked.answer.left_out["NO_CAPACITY"] += 1
            else:
                holders[holder] = int(weekly * 200)
                asked.answer.add_ratio(task, int(hours * 100), holders[holder])
    asked.answer.whole = sum(holders.values())


JUDGES: dict[str, Callable[[Asked], None]] = {
    "TIME_TO_ONBOARDED": _time_to_onboarded,
    "TIME_TO_FIRST_VALUE": _time_to_first_value,
    "TIME_TO_DELIVERED": _time_to_delivered,
    "ONBOARDED": _onboarded,
    "OPPORTUNITIES": _opportunities,
    "OPPORTUNITY_VALUE": _opportunity_value,
    "VALUE_OPEN": _value_open,
    "VALUE_AT_RISK": _value_at_risk,
    "VALUE_DELIVERED": _value_delivered,
    "RECOGNISED": _recognised,
    "INBOX": _inbox,
    "CRM_PENDING": _crm_pending,
    "CRM_ATTENTION": _crm_attention,
    "LOAD_SHARE": _load_share,
}
