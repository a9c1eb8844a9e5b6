"""Does the same to many tasks, each by itself: what prevents one does not prevent another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from models import Task
from services.errors import InvalidInput, Refusal
from services.events import noting_commits

MOST_TASKS = 100

ChangeTask = Callable[[str, int | None], Awaitable[Task]]
"""Changes the task with this id, or refuses if it does not have the version that is expected, if any."""


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
    """What became of one task. `found_id` is None if there is no such task; `refusal` is what prevented it."""

    task_id: str
    found_id: str | None
    mark: TreeMark | None
    refusal: Refusal | None

    @property
    def changed(self) -> bool:
        return self.mark is not None


async def change_tasks(targets: Sequence[TaskTarget], change_task: ChangeTask) -> list[TaskOutcome]:
    """Change each task in a transaction of its own, in the order given."""
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
    return [await _change(target, change_task) for target in targets]


async def _change(target: TaskTarget, change_task: ChangeTask) -> TaskOutcome:
    try:
        with noting_commits() as changes:
            task = await change_task(target.id, target.expected_version)
    except Refusal as refusal:
        found = await Task.get_or_none(id=target.id)
        return TaskOutcome(target.id, found.id if found else None, None, refusal)
    seqs = [change.seq_of(task.tree_id) for change in changes if change.events]
    marks = [TreeMark(task.tree_id, seq) for seq in seqs if seq is not None]
    return TaskOutcome(target.id, task.id, marks[-1] if marks else None, None)


def last_marks(outcomes: Sequence[TaskOutcome]) -> list[TreeMark]:
    """Return how far each tree has come that changed."""
    return list({one.mark.tree_id: one.mark for one in outcomes if one.mark}.values())
