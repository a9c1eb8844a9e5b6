"""Milestone progress of a ticket tree, folded from its events: what those who watch live are shown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.events import LoggedEvent
from services.planning.closure import progress
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus


@dataclass(frozen=True, slots=True)
class MilestoneProgress:
    """How far a milestone has come. `progress` runs from 0 to 1; None when there is nothing to do, or no more."""

    milestone_id: str
    ticket_id: str
    ticket_code: str
    position: int
    title: str
    status: MilestoneStatus
    task_count: int
    finished_task_count: int
    progress: float | None


@dataclass(frozen=True, slots=True)
class TicketProgress:
    """How far a ticket of the tree has come, over the tasks of its own milestones."""

    ticket_id: str
    code: str
    title: str
    status: TicketStatus
    progress: float | None


@dataclass(frozen=True, slots=True)
class TreeProgress:
    """Milestones and tickets of one tree: all of them in a snapshot, those touched in a change."""

    milestones: tuple[MilestoneProgress, ...]
    tickets: tuple[TicketProgress, ...]


Row = dict[str, Any]


class ProgressProjection:
    """Fulfils `services.events.feed.Projection`. A change costs what it touches, whatever the size of the tree."""

    def __init__(self) -> None:
        self._tickets: dict[str, Row] = {}
        self._milestones: dict[str, Row] = {}
        self._tasks: dict[str, Row] = {}
        self._milestones_of: defaultdict[str, list[str]] = defaultdict(list)
        self._tasks_of: defaultdict[str, list[str]] = defaultdict(list)
        self._shown: dict[str, MilestoneProgress | TicketProgress] = {}

    def apply(self, events: list[LoggedEvent]) -> TreeProgress | None:
        touched = {name: None for event in events for name in self._take_in(event)}
        milestones = [self._milestone(name) for name in touched if name in self._milestones]
        tickets = [self._ticket(name) for name in touched if name in self._tickets]
        changed = TreeProgress(
            tuple(one for one in milestones if self._shown.get(one.milestone_id) != one),
            tuple(one for one in tickets if self._shown.get(one.ticket_id) != one),
        )
        self._shown.update({one.milestone_id: one for one in milestones})
        self._shown.update({one.ticket_id: one for one in tickets})
        return changed if changed.milestones or changed.tickets else None

    def snapshot(self) -> TreeProgress:
        tickets = sorted(self._tickets.values(), key=lambda row: (row["kind"] != "PARENT", row["position"]))
        milestones = [
            self._milestone(name)
            for ticket in tickets
            for name in sorted(
                self._milestones_of[ticket["id"]], key=lambda n: self._milestones[n]["position"]
            )
        ]
        return TreeProgress(tuple(milestones), tuple(self._ticket(row["id"]) for row in tickets))

    def _take_in(self, event: LoggedEvent) -> tuple[str, ...]:
        """Keep the event's columns; return the ids of the milestones and tickets that it touches."""
        after = event.after or {}
        match event.entity:
            case "Ticket":
                self._tickets.setdefault(event.entity_id, {"id": event.entity_id}).update(after)
                return (event.entity_id,)
            case "Milestone":
                if event.entity_id not in self._milestones:
                    self._milestones_of[after["ticket_id"]].append(event.entity_id)
                row = self._milestones.setdefault(event.entity_id, {"id": event.entity_id})
                row.update(after)
                return (event.entity_id, row["ticket_id"])
            case "Task":
                if event.entity_id not in self._tasks:
                    self._tasks_of[after["milestone_id"]].append(event.entity_id)
                row = self._tasks.setdefault(event.entity_id, {})
                row.update(after)
                return (row["milestone_id"], row["ticket_id"])
        return ()

    def _milestone(self, milestone_id: str) -> MilestoneProgress:
        row = self._milestones[milestone_id]
        cancelled = row["status"] == MilestoneStatus.CANCELLED
        done, skipped, total = self._count([milestone_id])
        return MilestoneProgress(
            milestone_id=milestone_id,
            ticket_id=row["ticket_id"],
            ticket_code=self._tickets[row["ticket_id"]]["code"],
            position=row["position"],
            title=row["title"],
            status=MilestoneStatus(row["status"]),
            task_count=total - skipped,
            finished_task_count=done,
            progress=None if cancelled else progress(finished=done, total=total, left_out=skipped),
        )

    def _ticket(self, ticket_id: str) -> TicketProgress:
        row = self._tickets[ticket_id]
        live = [
            name
            for name in self._milestones_of[ticket_id]
            if self._milestones[name]["status"] != MilestoneStatus.CANCELLED
        ]
        done, skipped, total = self._count(live)
        return TicketProgress(
            ticket_id=ticket_id,
            code=row["code"],
            title=row["title"],
            status=TicketStatus(row["status"]),
            progress=progress(finished=done, total=total, left_out=skipped),
        )

    def _count(self, milestone_ids: Iterable[str]) -> tuple[int, int, int]:
        """How many tasks are done, skipped, and there at all."""
        statuses = [self._tasks[task]["status"] for name in milestone_ids for task in self._tasks_of[name]]
        return statuses.count(TaskStatus.DONE), statuses.count(TaskStatus.SKIPPED), len(statuses)
