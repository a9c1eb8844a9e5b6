"""Changes tasks: one, or many at once in one transaction. What prevents one of many does not prevent another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from models import Task
from services.errors import InvalidInput, Refusal
from services.events import Change, EventLog, refuse_stale
from services.records import UnknownTask
from services.tickets.ticket_rows import TicketRows, take_in_hand

MOST_TASKS = 100


class TaskChange(Protocol):
    """What is done to each task."""

    async def prepare(self, tasks: Sequence[Task]) -> None:
        """See the tasks before any of them is changed, or refuse what can be done to none."""

    async def apply(self, change: Change, rows: TicketRows, task: Task) -> None:
        """Change a task of the ticket with these rows, or refuse before anything is written."""


@dataclass(frozen=True, slots=True)
class TaskTarget:
    id: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class TreeMark:
    """How far the log of a tree has come with a change."""

    tree_id: str
    tree_seq: int


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What became of one task. `task` is None if there is none; `refusal` is what prevented the change."""

    task_id: str
    task: Task | None
    mark: TreeMark | None
    refusal: Refusal | None

    @property
    def changed(self) -> bool:
        return self.mark is not None


async def change_task(
    task_id: str, wanted: TaskChange, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Change one task and return it, or refuse."""
    target = TaskTarget(task_id, expected_version)
    [outcome] = await _change([target], wanted, actor=actor, events=events)
    if outcome.refusal is not None:
        raise outcome.refusal
    assert outcome.task is not None
    return outcome.task


async def change_tasks(
    targets: Sequence[TaskTarget], wanted: TaskChange, *, actor: str, events: EventLog
) -> list[TaskOutcome]:
    """Change all tasks in one transaction, in the order of their work. Return an outcome for each, as given."""
    if not 1 <= len(targets) <= MOST_TASKS:
        raise InvalidInput(
            "Name some tasks, and not too many.", path=("tasks",), expected=f"1 to {MOST_TASKS}"
        )
    seen: set[str] = set()
    for index, target in enumerate(targets):
        if target.id in seen:
            path = ("tasks", str(index), "id")
            raise InvalidInput("This task is named twice.", path=path, expected="each task once")
        seen.add(target.id)
    return await _change(targets, wanted, actor=actor, events=events)


def last_marks(outcomes: Sequence[TaskOutcome]) -> list[TreeMark]:
    """Return how far each tree has come that changed."""
    return list({one.mark.tree_id: one.mark for one in outcomes if one.mark}.values())


async def _change(
    targets: Sequence[TaskTarget], wanted: TaskChange, *, actor: str, events: EventLog
) -> list[TaskOutcome]:
    seen = await Task.filter(id__in=[one.id for one in targets]).only("id", "tree_id", "ticket_id")
    async with events.change(*{one.tree_id for one in seen}, actor=actor) as change:
        tickets = await take_in_hand(change, *{one.ticket_id for one in seen})
        tasks = {task.id: task for rows in tickets.values() for task in rows.all_tasks()}
        versions = {target.id: tasks[target.id].version for target in targets if target.id in tasks}
        refusals = await _refused_before(targets, tasks, wanted)
        changeable = versions.keys() - refusals.keys()
        for task in [task for task_id, task in tasks.items() if task_id in changeable]:
            recorded = len(change.events)
            try:
                await wanted.apply(change, tickets[task.ticket_id], task)
            except Refusal as refusal:
                assert len(change.events) == recorded, "refused after a write"
                refusals[task.id] = refusal

    def outcome(task_id: str) -> TaskOutcome:
        task, refusal = tasks.get(task_id), refusals.get(task_id)
        if task is None or task.version == versions[task_id]:
            return TaskOutcome(task_id, task, None, refusal)
        return TaskOutcome(task_id, task, TreeMark(task.tree_id, change.seq_of(task.tree_id) or 0), refusal)

    return [outcome(target.id) for target in targets]


async def _refused_before(
    targets: Sequence[TaskTarget], tasks: Mapping[str, Task], wanted: TaskChange
) -> dict[str, Refusal]:
    """Return why tasks are not changed: there is none, it is not as its caller saw it, or the change fits none."""
    refusals: dict[str, Refusal] = {}
    for target in targets:
        try:
            await refuse_stale(_known(tasks, target.id), target.expected_version)
        except Refusal as refusal:
            refusals[target.id] = refusal
    rest = [tasks[target.id] for target in targets if target.id not in refusals]
    try:
        await wanted.prepare(rest)
    except Refusal as refusal:
        refusals |= {task.id: refusal for task in rest}
    return refusals


def _known(tasks: Mapping[str, Task], task_id: str) -> Task:
    if task_id not in tasks:
        raise UnknownTask.named(task_id)
    return tasks[task_id]
