"""The checklist of a task: a list of entries, each with an id that it keeps.

An entry is stored as the API shows it: `id`, `text`, `done`, and while it is done `doneAt` and `doneBy`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.errors import InvalidInput, Refusal
from services.planning.tickets.drafts import stated

Checklist = Sequence[dict[str, Any]]
NewId = Callable[[], str]

MOST_ENTRIES = 50


class UnknownChecklistEntry(Refusal):
    """The checklist of the task has no such entry."""

    code = "UNKNOWN_CHECKLIST_ENTRY"


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as an operator writes it. Without an id it is new."""

    text: str
    id: str | None = None


def new_checklist(texts: Iterable[str], new_id: NewId) -> Checklist:
    """
    >>> new_checklist(["Visura"], lambda: "chk_1")
    [{'id': 'chk_1', 'done': False, 'text': 'Visura'}]
    """
    return rewritten([], [Line(text) for text in texts], new_id)


def rewritten(checklist: Checklist, lines: Sequence[Line], new_id: NewId) -> Checklist:
    """Return the checklist with exactly these lines. A line with an id keeps its tick."""
    if len(lines) > MOST_ENTRIES:
        raise InvalidInput(
            "The checklist is too long.", path=("checklist",), expected=f"at most {MOST_ENTRIES} entries"
        )
    before = {entry["id"]: entry for entry in checklist}
    after: list[dict[str, Any]] = []
    for index, line in enumerate(lines):
        path = ("checklist", str(index))
        if line.id is None:
            entry: dict[str, Any] = {"id": new_id(), "done": False}
        else:
            entry = _entry(before, line.id, (*path, "id"))
            del before[line.id]
        after.append({**entry, "text": stated(line.text, *path, "text")})
    return after


def ticked(checklist: Checklist, entry_id: str, done: bool, *, by: str, at: datetime) -> Checklist:
    """Return the checklist with this entry ticked, or not. One that is ticked already keeps who ticked it, and when."""
    entry = _entry({entry["id"]: entry for entry in checklist}, entry_id, ("entryId",))
    if entry["done"] is done:
        return checklist
    tick = {"done": True, "doneAt": at.isoformat(), "doneBy": by} if done else {"done": False}
    after = {"id": entry["id"], "text": entry["text"], **tick}
    return [after if one is entry else one for one in checklist]


def _entry(entries: dict[str, dict[str, Any]], entry_id: str, path: tuple[str, ...]) -> dict[str, Any]:
    if entry_id not in entries:
        raise UnknownChecklistEntry(f"The checklist has no entry {entry_id[:40]!r}.", path=path)
    return entries[entry_id]
