"""What a synchronisation does with each opportunity of a company."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.planning.opportunity_facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    why_no_child,
)
from services.planning.opportunity_matching import match_strangers

REFRESHED_FIELDS = ("title", "amount", "phase", "status")


def plan_sync(
    tickets: Sequence[SaleTicket],
    known: Sequence[KnownOpportunity],
    found: Sequence[FoundOpportunity],
    services: Mapping[str, str],
) -> tuple[SyncDecision, ...]:
    """Decide about every opportunity of one company, known or found, in the order of their CRM ids.

    `tickets` are all parents of the company, also the cancelled ones; `services` are the names of all services of the
    catalog, by code.
    """
    found_by_id = {one.crm_id: one for one in found}
    known_ids = {one.crm_id for one in known}
    strangers = [one for crm_id, one in sorted(found_by_id.items()) if crm_id not in known_ids]
    decisions = [
        *(_about_known(one, found_by_id.get(one.crm_id), tickets) for one in known),
        *match_strangers(strangers, tickets, services),
    ]
    return tuple(sorted(decisions, key=lambda decision: decision.crm_id))


def _about_known(
    known: KnownOpportunity, found: FoundOpportunity | None, tickets: Sequence[SaleTicket]
) -> SyncDecision:
    decision = SyncDecision(
        crm_id=known.crm_id,
        outcome=SyncOutcome.MISSING,
        opportunity_id=known.id,
        ticket_id=known.ticket_id,
        line_id=known.line_id,
        position=known.position,
        code=known.code,
    )
    if found is None:
        return replace(decision, changes=() if known.is_missing else ("is_missing",))
    changes = tuple(name for name in REFRESHED_FIELDS if getattr(known, name) != getattr(found, name))
    if known.is_missing:
        changes += ("is_missing",)
    ticket = next(one for one in tickets if one.id == known.ticket_id)
    no_child = why_no_child(found.status, ticket, known.has_template)
    return replace(
        decision,
        outcome=SyncOutcome.REFRESH if changes else SyncOutcome.UNCHANGED,
        changes=changes,
        creates_child=no_child is None and not known.has_child,
        no_child=no_child,
    )
