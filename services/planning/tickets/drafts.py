"""What operators may write about work, and the tasks and milestones that they add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.errors import InvalidInput, Refusal
from services.texts import is_blank
from services.vocabulary import MilestoneKind

MOST_HOURS = 999
MOST_DAYS = 365
MOST_IN_ONE = 50
"""How many milestones a ticket, and how many tasks a milestone can have."""

_CENT = Decimal("0.01")


class TooMany(Refusal):
    """It holds as many as it can."""

    code = "TOO_MANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task to add. What is None follows from the task before it, or from the people of the ticket."""

    title: str
    mandatory: bool = True
    sla_days: int = 1
    due_on: date | None = None
    workflow_role: str | None = None
    assignee_id: str | None = None
    estimated_hours: Decimal = Decimal(1)
    checklist: Sequence[str] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDraft:
    """A milestone to add, with its tasks. If `waits_for_ids` is empty, it waits for the one before it."""

    title: str
    kind: MilestoneKind = MilestoneKind.STANDARD
    sla_days: int = 1
    warning_days: int = 1
    escalation_days: int = 1
    waits_for_ids: Sequence[str] = ()
    tasks: Sequence[TaskDraft] = ()


def stated(text: str, *path: str) -> str:
    """Return the text without spaces around it. Refuse one that shows nothing.

    >>> stated(" Firma ", "title")
    'Firma'
    """
    if is_blank(text):
        raise InvalidInput("This text shows nothing.", path=path, expected="at least one visible character")
    return text.strip()


def possible_hours(hours: Decimal) -> Decimal:
    """Return the hours, within the bounds that the catalog has for a task, too.

    >>> possible_hours(Decimal("1.5"))
    Decimal('1.5')
    """
    if not (hours.is_finite() and 0 < hours <= MOST_HOURS and hours % _CENT == 0):
        expected = f"more than 0, up to {MOST_HOURS}, with two decimals"
        raise InvalidInput("No task takes so many hours.", path=("estimatedHours",), expected=expected)
    return hours


def possible_days(days: int, field: str, *, least: int = 0) -> int:
    """Return a number of working days. Refuse one that a catalog could not have either.

    >>> possible_days(5, "slaDays", least=1)
    5
    """
    if not least <= days <= MOST_DAYS:
        expected = f"{least} to {MOST_DAYS}"
        raise InvalidInput("This number of days is not possible.", path=(field,), expected=expected)
    return days


def refuse_one_more(count: int, what: str) -> None:
    """Refuse to add to something that already holds this many."""
    if count >= MOST_IN_ONE:
        raise TooMany(f"There can be {MOST_IN_ONE} {what}, and no more.")
