"""Opportunities that we know are refreshed, and get their child."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.planning.opportunities.facts import (
    FoundOpportunity,
    KnownOpportunity,
    SyncDecision,
    SyncOutcome,
    SyncReason,
)
from services.vocabulary import TicketStatus
from tests.support.found_opportunities import LOST, OPEN, UNKNOWN, WON, about, ticket_of

KNOWN = KnownOpportunity(
    id="opp_1",
    crm_id=100,
    code="TCK-F40-5155-01",
    title="[F40] Formazione 4.0 · Rossi Srl",
    amount=Decimal(7200),
    phase="Proposta",
    status=OPEN,
    ticket_id="tck_1",
    position=1,
    line_id="tln_1",
    has_child=True,
    carried_code="TCK-F40-5155-01",
)
UNCHANGED = FoundOpportunity(100, KNOWN.code, KNOWN.title, KNOWN.amount, KNOWN.phase, OPEN)


def test_a_known_opportunity_that_did_not_change_is_left_alone():
    (decision,) = about([ticket_of("F40")], UNCHANGED, known=[KNOWN])

    assert decision == SyncDecision(
        crm_id=100,
        outcome=SyncOutcome.UNCHANGED,
        opportunity_id="opp_1",
        ticket_id="tck_1",
        line_id="tln_1",
        position=1,
        code="TCK-F40-5155-01",
        carried_code="TCK-F40-5155-01",
    )


@pytest.mark.parametrize(
    ("change", "names"),
    [
        pytest.param({"title": "Formazione"}, ("title",), id="title"),
        pytest.param({"amount": Decimal(1)}, ("amount",), id="amount"),
        pytest.param({"amount": None, "phase": "Chiusa"}, ("amount", "phase"), id="amount and phase"),
        pytest.param({"status": WON}, ("status",), id="status"),
    ],
)
def test_a_known_opportunity_is_refreshed_where_it_differs(change, names):
    (decision,) = about([ticket_of("F40")], replace(UNCHANGED, **change), known=[KNOWN])

    assert (decision.outcome, decision.changes) == (SyncOutcome.REFRESH, names)


@pytest.mark.parametrize("status", [OPEN, WON])
def test_a_known_opportunity_without_a_child_gets_one(status):
    childless = replace(KNOWN, has_child=False, status=status)

    (decision,) = about([ticket_of("F40")], replace(UNCHANGED, status=status), known=[childless])

    assert (decision.creates_child, decision.no_child) == (True, None)
    assert (decision.code, decision.position) == ("TCK-F40-5155-01", 1)


@pytest.mark.parametrize(
    ("status", "ticket_status", "has_template", "reason"),
    [
        pytest.param(LOST, TicketStatus.CLOSED, True, SyncReason.LOST, id="lost"),
        pytest.param(UNKNOWN, TicketStatus.CLOSED, True, SyncReason.STATUS_UNKNOWN, id="unknown status"),
        pytest.param(OPEN, TicketStatus.CANCELLED, True, SyncReason.PARENT_CANCELLED, id="cancelled parent"),
        pytest.param(OPEN, TicketStatus.CLOSED, False, SyncReason.SERVICE_WITHOUT_TEMPLATE, id="no template"),
    ],
)
def test_there_is_no_child_for_one_that_is(status, ticket_status, has_template, reason):
    childless = replace(KNOWN, has_child=False, has_template=has_template)
    record = replace(UNCHANGED, status=status)

    (decision,) = about([ticket_of("F40", status=ticket_status)], record, known=[childless])

    assert (decision.creates_child, decision.no_child) == (False, reason)


def test_one_lost_after_its_child_was_made_is_flagged_and_keeps_it():
    (decision,) = about([ticket_of("F40")], replace(UNCHANGED, status=LOST), known=[KNOWN])

    assert (decision.outcome, decision.changes) == (SyncOutcome.REFRESH, ("status", "flag"))
    assert (decision.creates_child, decision.no_child) == (False, SyncReason.LOST)


def test_a_known_opportunity_that_is_gone_is_reported_once():
    tickets = [ticket_of("F40")]

    (newly,) = about(tickets, known=[KNOWN])
    (again,) = about(tickets, known=[replace(KNOWN, is_missing=True, flag=newly.flag)])

    assert (newly.outcome, newly.changes) == (SyncOutcome.MISSING, ("is_missing", "flag"))
    assert (again.outcome, again.changes) == (SyncOutcome.MISSING, ())


def test_one_that_was_gone_and_came_back_is_refreshed():
    (decision,) = about([ticket_of("F40")], UNCHANGED, known=[replace(KNOWN, is_missing=True)])

    assert (decision.outcome, decision.changes) == (SyncOutcome.REFRESH, ("is_missing",))
