"""Predicts what a press of a button does, item by item, and what it costs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.vocabulary import ForeseenOutcome, ItemKind, ItemReason

CALLS_OF_A_CREATE = 2
"""The create, and the read that verifies that the returned id is our record's."""

CALLS_OF_AN_UPDATE = 2
"""The read that shows that the record is ours, and the update."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item ends or waits as it does: a code for programs, and a sentence where the code does not say it all."""

    reason: ItemReason
    explanation: str | None = None


NOT_AS_SHOWN = Why(
    ItemReason.NOT_AS_SHOWN, "It differs from the preview. What differs was left unchanged; preview again."
)
UP_TO_DATE = Why(ItemReason.UP_TO_DATE)
TICKET_CANCELLED = Why(ItemReason.CALLED_OFF, "The ticket was cancelled.")


ROW_ID = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}")


def subject_id(key: str) -> str | None:
    """Return the id of our row that an item is for. None: its key names a record of the CRM.

    >>> subject_id("mil_01kb8g1x5q3vt9c6d0e7f2a4hj"), subject_id("118001")
    ('mil_01kb8g1x5q3vt9c6d0e7f2a4hj', None)
    """
    return key if ROW_ID.fullmatch(key) else None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that an item sets. None stands for nothing, or for what is no plain value."""

    name: str
    before: str | None
    after: str | None


def value_change(name: str, before: object, after: object) -> ValueChange:
    """Return a change with its values as texts.

    >>> value_change("completed", False, True), value_change("amount", None, 1500).after
    (ValueChange(name='completed', before='false', after='true'), '1500')
    """
    return ValueChange(name, _as_text(before), _as_text(after))


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One item of a preview. `calls` is the number of CRM calls that it takes if nothing fails."""

    kind: ItemKind
    key: str
    reference: str | None
    label: str
    outcome: ForeseenOutcome
    reason: ItemReason | None = None
    explanation: str | None = None
    changes: tuple[ValueChange, ...] = ()
    crm_id: int | None = None
    calls: int = 0

    @property
    def subject_id(self) -> str | None:
        return subject_id(self.key)


def foresee_create(item: Foreseen, found: Sequence[int], *, calls_on_adoption: int = 0) -> Foreseen:
    """Predict the creation of a record when the CRM holds `found` under its reference already.

    `calls_on_adoption`: the calls that bring an adopted record up to date.
    """
    match found:
        case []:
            return replace(item, outcome=ForeseenOutcome.CREATE, calls=CALLS_OF_A_CREATE)
        case [crm_id]:
            adopted = replace(item, outcome=ForeseenOutcome.ADOPT, crm_id=crm_id, calls=calls_on_adoption)
            return replace(adopted, reason=ItemReason.ALREADY_THERE, explanation="The CRM already holds it.")
        case _:
            return blocked(item, found_twice(found))


def found_twice(found: Sequence[int]) -> Why:
    return Why(ItemReason.FOUND_TWICE, f"The CRM holds this more than once: {', '.join(map(str, found))}.")


def blocked(item: Foreseen, why: Why) -> Foreseen:
    return replace(
        item,
        outcome=ForeseenOutcome.BLOCKED,
        reason=why.reason,
        explanation=why.explanation,
        changes=(),
        calls=0,
    )


def surprise(reference: str, shown: Sequence[int], found: Sequence[int]) -> Why | None:
    """Return why nothing is done where the CRM does not hold what the preview showed. None: it does.

    >>> surprise("TCK-F40-5155-01", [], [4711]).explanation
    'Since the preview, which showed none, the CRM holds 4711 as TCK-F40-5155-01. Nothing was done; preview again.'
    """
    if sorted(shown) == sorted(found):
        return None
    before, now = (", ".join(map(str, sorted(ids))) or "none" for ids in (shown, found))
    return Why(
        ItemReason.NOT_AS_SHOWN,
        f"Since the preview, which showed {before}, the CRM holds {now} as {reference}. "
        "Nothing was done; preview again.",
    )
