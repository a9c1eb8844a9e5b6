"""Plans what a synchronisation does with each opportunity of a company."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from services.planning.opportunities.facts import (
    Absence,
    Flag,
    FoundOpportunity,
    KnownOpportunity,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    why_no_child,
)
from services.planning.opportunities.flags import carries_its_code, find_flag
from services.planning.opportunities.matching import match_strangers

REFRESHED_FIELDS = ("title", "amount", "phase", "status")
LEFT_ALONE = (SyncOutcome.UNDER_WAY, SyncOutcome.SUPERSEDED)


def plan_sync(
    tickets: Sequence[SaleTicket],
    known: Sequence[KnownOpportunity],
    found: Sequence[FoundOpportunity],
    services: Mapping[str, str],
    absences: Mapping[int, Absence] = MappingProxyType({}),
    company: str = "",
) -> tuple[SyncDecision, ...]:
    """Decide about every opportunity of one company, known or found, in the order of their CRM ids.

    `tickets` are all parents of the company, also the cancelled ones; `services` are the names of all services of the
    catalog, by code. `absences` are the answers of the ids of known ones that were not found, if they were read.
    `company` is the company's name.
    """
    found_by_id = {one.crm_id: one for one in found}
    known_ids = {one.crm_id for one in known}
    strangers = [one for crm_id, one in sorted(found_by_id.items()) if crm_id not in known_ids]
    matched = [*match_strangers(strangers, known, tickets, services, company)]
    left_alone = {one.crm_id for one in matched if one.outcome in LEFT_ALONE}
    carriers = _carriers([one for one in strangers if one.crm_id not in left_alone])
    ticket_by_id = {ticket.id: ticket for ticket in tickets}
    decisions = [*matched]
    for one in known:
        ticket, record = ticket_by_id[one.ticket_id], found_by_id.get(one.crm_id)
        flag = find_flag(one, record, absences.get(one.crm_id), ticket, carriers)
        decision = _about_missing(one) if record is None else _about_known(one, record, ticket)
        decisions.append(_flagged(decision, one, flag))
    return tuple(sorted(decisions, key=lambda decision: decision.crm_id))


def _carriers(strangers: Sequence[FoundOpportunity]) -> dict[str, int]:
    """Return the unknown opportunity that carries a code of ours, by that code; none if two carry it."""
    count = Counter(one.own_code for one in strangers)
    return {one.own_code: one.crm_id for one in strangers if one.own_code and count[one.own_code] == 1}


def _about_missing(known: KnownOpportunity) -> SyncDecision:
    changes = () if known.is_missing else ("is_missing",)
    return replace(_as_known(known), outcome=SyncOutcome.MISSING, changes=changes)


def _about_known(known: KnownOpportunity, found: FoundOpportunity, ticket: SaleTicket) -> SyncDecision:
    changes = [name for name in REFRESHED_FIELDS if getattr(known, name) != getattr(found, name)]
    carried_code = found.own_code if carries_its_code(known, found) else known.carried_code
    changes += ["carried_code"] if carried_code != known.carried_code else []
    changes += ["is_missing"] if known.is_missing else []
    no_child = why_no_child(found.status, ticket, known.has_template)
    return replace(
        _as_known(known),
        carried_code=carried_code,
        changes=tuple(changes),
        creates_child=no_child is None and not known.has_child,
        no_child=no_child,
    )


def _as_known(known: KnownOpportunity) -> SyncDecision:
    return SyncDecision(
        crm_id=known.crm_id,
        outcome=SyncOutcome.UNCHANGED,
        opportunity_id=known.id,
        ticket_id=known.ticket_id,
        line_id=known.line_id,
        position=known.position,
        code=known.code,
        carried_code=known.carried_code,
    )


def _flagged(decision: SyncDecision, known: KnownOpportunity, flag: Flag | None) -> SyncDecision:
    """Keep the operator's decision about a flag of the same kind, even if its details changed."""
    same_kind = flag is not None and known.flag is not None and flag.kind is known.flag.kind
    changes = decision.changes + (("flag",) if flag != known.flag else ())
    changed = decision.outcome is SyncOutcome.UNCHANGED and changes
    return replace(
        decision,
        outcome=SyncOutcome.REFRESH if changed else decision.outcome,
        changes=changes,
        flag=flag,
        needs_person=flag is not None and not (same_kind and known.kept),
    )
