"""An unknown opportunity is adopted by our code."""

from dataclasses import replace

import pytest

from services.planning.opportunities.facts import SyncDecision, SyncOutcome, SyncReason
from services.vocabulary import TicketStatus
from tests.support.found_opportunities import LOST, about, filled, found, matches, ticket_of


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param("TCK-BND-5155-02", "TCK-BND-5155-02", id="as we write it"),
        pytest.param(" tck-bnd-5155-02 ", "TCK-BND-5155-02", id="as people write it"),
        pytest.param("TCK-BND-5155-02.2", "TCK-BND-5155-02.2", id="of a recreated one"),
    ],
)
def test_an_unknown_one_is_adopted_by_its_code(code, kept):
    (decision,) = about([ticket_of("F40", "BND")], found(200, "Senza nome", code=code))

    assert decision == SyncDecision(
        crm_id=200,
        outcome=SyncOutcome.ADOPT,
        ticket_id="tck_1",
        line_id="tln_1.2",
        position=2,
        code=kept,
        service_code="BND",
        carried_code="TCK-BND-5155-02",
        creates_child=True,
        reason=SyncReason.ITS_CODE,
    )


@pytest.mark.parametrize(
    ("record", "status", "no_child"),
    [
        pytest.param(
            found(200, code="TCK-F40-5155-01", status=LOST), TicketStatus.CLOSED, SyncReason.LOST, id="lost"
        ),
        pytest.param(
            found(200, code="TCK-F40-5155-01"),
            TicketStatus.CANCELLED,
            SyncReason.PARENT_CANCELLED,
            id="cancelled parent",
        ),
    ],
)
def test_one_with_our_code_is_adopted_even_where_it_gets_no_child(record, status, no_child):
    (decision,) = about([ticket_of("F40", status=status)], record)

    assert (decision.outcome, decision.creates_child) == (SyncOutcome.ADOPT, False)
    assert decision.no_child is no_child


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(found(200, code="TCK-F40-9999-01"), "FOREIGN_CODE", id="a code of no line here"),
        pytest.param(
            found(200, "Formazione 4.0", code="TCK-F40-9999-01"),
            "FOREIGN_CODE",
            id="a foreign code speaks louder than the title",
        ),
        pytest.param(found(200, code="TCK-F40-5155-01"), "LINE_FILLED", id="its line has another one"),
    ],
)
def test_a_code_that_leads_nowhere_is_left_to_a_person(record, reason):
    decisions = about([filled(ticket_of("F40", "F40"), 1)], record)

    assert matches(decisions) == [(200, "UNMATCHED", None, reason)]


def test_one_that_is_being_made_is_left_to_the_action_that_makes_it():
    records = [replace(found(number, code="TCK-F40-5155-01"), being_made=True) for number in (200, 201)]

    decisions = about([filled(ticket_of("F40"), 1)], *records)

    assert matches(decisions) == [(number, "UNDER_WAY", None, "UNDER_WAY") for number in (200, 201)]


def test_a_code_carried_twice_decides_for_neither():
    code = "TCK-F40-5155-01"

    decisions = about([ticket_of("F40")], found(201, code=code), found(200, code=f"{code}.2"))

    assert matches(decisions) == [
        (200, "UNMATCHED", None, "SAME_CODE_TWICE"),
        (201, "UNMATCHED", None, "SAME_CODE_TWICE"),
    ]
