"""Finds the mirrored opportunities that need a person, and proposes repairs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.planning.opportunities.facts import (
    Absence,
    Flag,
    FoundOpportunity,
    KnownOpportunity,
    SaleTicket,
)
from services.vocabulary import FlagKind, OpportunityStatus, Repair, TicketStatus

GONE = frozenset({FlagKind.DELETED, FlagKind.MERGED, FlagKind.MOVED})


def find_flag(
    known: KnownOpportunity,
    found: FoundOpportunity | None,
    absence: Absence | None,
    ticket: SaleTicket,
    carriers: Mapping[str, int],
) -> Flag | None:
    """Return the problem of an opportunity as the CRM shows it now. None: it has none, or no work depends on it.

    `found` is None if the CRM's list lacks it. `absence` is then the answer of its id, or None if the id was not read.
    `carriers` are unknown opportunities that carry a code of ours, by that code.
    """
    if not _matters(known, ticket):
        return None
    flag = _why_gone(known, absence) if found is None else _why_unwell(known, found)
    if flag is None or flag.crm_id is not None:
        return flag
    return replace(flag, crm_id=carriers.get(known.own_code))


def _matters(known: KnownOpportunity, ticket: SaleTicket) -> bool:
    """Return whether work depends on it, or may still begin."""
    return not known.child_cancelled if known.has_child else ticket.status is not TicketStatus.CANCELLED


def _why_gone(known: KnownOpportunity, absence: Absence | None) -> Flag:
    if absence is None:
        return known.flag if known.flag and known.flag.kind in GONE else Flag(FlagKind.DELETED)
    if absence.merged_into is not None:
        return Flag(FlagKind.MERGED, absence.merged_into)
    if absence.moved:
        return Flag(FlagKind.MOVED, crm_company_id=absence.crm_company_id)
    return Flag(FlagKind.DELETED)


def _why_unwell(known: KnownOpportunity, found: FoundOpportunity) -> Flag | None:
    if found.status is OpportunityStatus.LOST and known.has_child:
        return Flag(FlagKind.LOST)
    return None if carries_its_code(known, found) else Flag(FlagKind.RENAMED)


def carries_its_code(known: KnownOpportunity, found: FoundOpportunity) -> bool:
    """Return whether it carries our code, or what it carried when it was adopted, which often is no code of ours."""
    return found.own_code in (known.own_code, known.carried_code)


@dataclass(frozen=True, slots=True)
class _Words:
    """`beside` is used if another CRM record is known to replace it."""

    alone: str
    beside: str


_WORDS = {
    FlagKind.LOST: _Words(
        "It is lost in the CRM, and it has a child ticket.", "Opportunity {} carries its code."
    ),
    FlagKind.DELETED: _Words("The CRM no longer has this opportunity.", "Opportunity {} carries its code."),
    FlagKind.MERGED: _Words("The CRM merged it into another one.", "It is {} now."),
    FlagKind.MOVED: _Words(
        "In the CRM it belongs to another company now, or to none.", "Opportunity {} carries its code."
    ),
    FlagKind.RENAMED: _Words("In the CRM it no longer carries its code.", "Opportunity {} carries it."),
}


def explain_flag(flag: str | None, flag_crm_id: int | None) -> str | None:
    """Return the problem in words for an operator.

    >>> explain_flag(FlagKind.MERGED, 118005)
    'The CRM merged it into another one. It is 118005 now.'
    """
    if flag is None:
        return None
    words = _WORDS[FlagKind(flag)]
    return words.alone if flag_crm_id is None else f"{words.alone} {words.beside.format(flag_crm_id)}"


def propose_repairs(flag: str | None, can_relink: bool, child_is_open: bool) -> list[Repair]:
    """Return the possible repairs, likeliest first. `can_relink`: a record is known that may replace it.

    >>> [repair.value for repair in propose_repairs(FlagKind.LOST, can_relink=False, child_is_open=True)]
    ['CANCEL_CHILD', 'RECREATE', 'KEEP']
    """
    if flag is None:
        return []
    relink = [Repair.RELINK] if can_relink else []
    cancel = [Repair.CANCEL_CHILD] if child_is_open else []
    match FlagKind(flag):
        case FlagKind.LOST:
            return [*relink, *cancel, Repair.RECREATE, Repair.KEEP]
        case FlagKind.RENAMED:
            return [*relink, Repair.KEEP, Repair.RECREATE]
        case _:
            return [*relink, Repair.RECREATE, *cancel, Repair.KEEP]
