"""What of an opportunity in the CRM our rows cannot hold as it is."""

from collections.abc import Sequence
from decimal import Decimal

from services.crm.records import OpportunityRecord
from services.crm.references import unmark
from services.vocabulary import OpportunityDefect

TITLE_LENGTH = 500
PHASE_LENGTH = 100
LARGEST_AMOUNT = Decimal("999999999999.99")

DEFECTS = {
    OpportunityDefect.TITLE_TOO_LONG: "Its title in the CRM is too long and is kept shortened.",
    OpportunityDefect.PHASE_TOO_LONG: "The name of its phase in the CRM is too long and is kept shortened.",
    OpportunityDefect.AMOUNT_TOO_LARGE: "Its amount in the CRM is too large to be kept; nothing else is missing.",
}


def find_defects(record: OpportunityRecord) -> list[OpportunityDefect]:
    """Return what of the record the columns cannot hold."""
    found = {
        OpportunityDefect.TITLE_TOO_LONG: len(unmark(record.title)) > TITLE_LENGTH,
        OpportunityDefect.PHASE_TOO_LONG: len(record.phase or "") > PHASE_LENGTH,
        OpportunityDefect.AMOUNT_TOO_LARGE: record.amount is not None and is_too_large(record.amount),
    }
    return [defect for defect, is_there in found.items() if is_there]


def is_too_large(amount: Decimal) -> bool:
    return abs(amount) > LARGEST_AMOUNT


def read_defects(defects: list[str] | None) -> list[OpportunityDefect]:
    return [OpportunityDefect(defect) for defect in defects or ()]


def explain_defects(defects: Sequence[OpportunityDefect]) -> str | None:
    """Say what of a record our row does not hold. None: it holds all of it.

    >>> explain_defects([OpportunityDefect.TITLE_TOO_LONG]), explain_defects([])
    ('Its title in the CRM is too long and is kept shortened.', None)
    """
    return " ".join(DEFECTS[defect] for defect in defects) or None
