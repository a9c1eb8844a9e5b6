from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from services.planning.opportunity_facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    SyncReason,
)
from services.planning.opportunity_sync import plan_sync
from services.vocabulary import OpportunityStatus, TicketStatus

OPEN, WON, LOST, UNKNOWN = OpportunityStatus
SERVICES = {"F40": "Formazione 4.0", "BND": "Bandi", "T50": "Transizione 5.0"}

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


def found(crm_id, title="Trattativa", *, code="", status=OPEN, product_codes=()):
    return FoundOpportunity(crm_id, code, title, Decimal(1000), "Proposta", status, product_codes)


def ticket_of(*service_codes, number=1, digits="5155", status=TicketStatus.CLOSED):
    """A parent of the company; lines are named after their ticket and position: tln_1.2."""
    lines = tuple(
        SaleLine(f"tln_{number}.{position}", position, service_code)
        for position, service_code in enumerate(service_codes, start=1)
    )
    return SaleTicket(f"tck_{number}", digits, status, lines)


def filled(ticket, position):
    lines = tuple(replace(line, filled=line.filled or line.position == position) for line in ticket.lines)
    return replace(ticket, lines=lines)


def about(tickets, *records, known=()):
    return plan_sync(tickets, known, records, SERVICES)


def matches(decisions):
    return [
        (one.crm_id, one.outcome.value, one.line_id, one.reason and one.reason.value) for one in decisions
    ]


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


def test_a_known_opportunity_that_is_gone_is_told_once():
    tickets = [ticket_of("F40")]

    (newly,) = about(tickets, known=[KNOWN])
    (again,) = about(tickets, known=[replace(KNOWN, is_missing=True, flag=newly.flag)])

    assert (newly.outcome, newly.changes) == (SyncOutcome.MISSING, ("is_missing", "flag"))
    assert (again.outcome, again.changes) == (SyncOutcome.MISSING, ())


def test_one_that_was_gone_and_came_back_is_refreshed():
    (decision,) = about([ticket_of("F40")], UNCHANGED, known=[replace(KNOWN, is_missing=True)])

    assert (decision.outcome, decision.changes) == (SyncOutcome.REFRESH, ("is_missing",))


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param("TCK-BND-5155-02", "TCK-BND-5155-02", id="as we write it"),
        pytest.param(" tck-bnd-5155-02 ", "TCK-BND-5155-02", id="as people write it"),
        pytest.param("TCK-BND-5155-02.2", "TCK-BND-5155-02.2", id="of one made anew"),
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


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(found(200, product_codes=("bnd", "SCONTO")), id="its product"),
        pytest.param(
            found(200, "Formazione 4.0", product_codes=("BND",)), id="its product, whatever its title"
        ),
        pytest.param(found(200, "Rossi: BANDI 2027"), id="its title"),
        pytest.param(found(200, "[BND] nuova pratica"), id="the service's code in its title"),
        pytest.param(
            found(200, "Bandi", code="2027/14", product_codes=("SCONTO",)), id="a code of somebody else"
        ),
    ],
)
def test_one_without_our_code_is_adopted_by(record):
    decisions = about([ticket_of("F40", "BND")], record)

    assert matches(decisions) == [(200, "ADOPT", "tln_1.2", "ITS_SERVICE")]
    assert decisions[0].creates_child


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(found(200, "Consulenza"), "NO_SERVICE", id="its title names no service"),
        pytest.param(found(200, "Formazione 4.0 e bandi"), "SEVERAL_SERVICES", id="its title names two"),
        pytest.param(
            found(200, product_codes=("F40", "BND")), "SEVERAL_SERVICES", id="its products are of two"
        ),
        pytest.param(found(200, "Transizione 5.0"), "NO_FREE_LINE", id="no ticket waits for its service"),
        pytest.param(found(200, "Formazione 4.0", status=LOST), "LOST", id="it is lost"),
        pytest.param(
            found(200, "Formazione 4.0", status=UNKNOWN), "STATUS_UNKNOWN", id="its status is unclear"
        ),
    ],
)
def test_it_is_left_to_a_person_when(record, reason):
    decisions = about([ticket_of("F40", "BND")], record)

    assert matches(decisions) == [(200, "UNMATCHED", None, reason)]


def test_two_parents_that_wait_for_the_same_service_leave_it_to_a_person():
    tickets = [ticket_of("F40"), ticket_of("F40", number=2, digits="6000")]

    decisions = about(tickets, found(200, "Formazione 4.0"))

    assert matches(decisions) == [(200, "UNMATCHED", None, "SEVERAL_PARENTS")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            ticket_of("F40", number=2, digits="6000", status=TicketStatus.CANCELLED), id="is cancelled"
        ),
        pytest.param(filled(ticket_of("F40", number=2, digits="6000"), 1), id="has its opportunity"),
    ],
)
def test_a_parent_is_not_meant_when_it(other):
    decisions = about([other, ticket_of("F40")], found(200, "Formazione 4.0"))

    assert matches(decisions) == [(200, "ADOPT", "tln_1.1", "ITS_SERVICE")]


def test_two_lines_of_a_service_take_two_opportunities_in_their_order():
    decisions = about([ticket_of("F40", "F40")], found(201, "Formazione 4.0"), found(200, "Formazione 4.0"))

    assert matches(decisions) == [
        (200, "ADOPT", "tln_1.1", "ITS_SERVICE"),
        (201, "ADOPT", "tln_1.2", "ITS_SERVICE"),
    ]


def test_more_opportunities_than_lines_leave_all_of_them_to_a_person():
    decisions = about([ticket_of("F40")], found(200, "Formazione 4.0"), found(201, "Formazione 4.0"))

    assert matches(decisions) == [
        (200, "UNMATCHED", None, "SEVERAL_OPPORTUNITIES"),
        (201, "UNMATCHED", None, "SEVERAL_OPPORTUNITIES"),
    ]


def test_a_line_adopted_by_code_is_no_longer_free_for_another():
    decisions = about(
        [ticket_of("F40", "F40")], found(200, "Formazione 4.0"), found(201, code="TCK-F40-5155-01")
    )

    assert matches(decisions) == [
        (200, "ADOPT", "tln_1.2", "ITS_SERVICE"),
        (201, "ADOPT", "tln_1.1", "ITS_CODE"),
    ]


statuses = st.sampled_from(list(OpportunityStatus))
records = st.builds(
    found,
    st.integers(200, 240),
    st.sampled_from(["Formazione 4.0", "Bandi", "Bandi e F40", "Consulenza"]),
    code=st.sampled_from(["", "", "TCK-F40-5155-01", "TCK-BND-5155-02", "TCK-F40-6000-01", "TCK-T50-1-01"]),
    status=statuses,
    product_codes=st.sampled_from([(), ("F40",), ("BND",), ("F40", "BND")]),
)
companies = st.lists(
    st.builds(
        ticket_of,
        st.sampled_from(["F40", "BND"]),
        st.sampled_from(["F40", "BND"]),
        status=st.sampled_from(list(TicketStatus)),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda tickets: [
        replace(
            ticket,
            id=f"tck_{number}",
            digits=str(4155 + 1000 * number),
            lines=tuple(replace(line, id=f"tln_{number}.{line.position}") for line in ticket.lines),
        )
        for number, ticket in enumerate(tickets, start=1)
    ]
)
strangers = st.lists(records, max_size=6, unique_by=lambda record: record.crm_id)


@given(tickets=companies, unknown=strangers)
def test_every_opportunity_is_decided_once_and_no_line_is_given_twice(tickets, unknown):
    decisions = about(tickets, *unknown)

    assert [one.crm_id for one in decisions] == sorted(record.crm_id for record in unknown)
    adopted = [one.line_id for one in decisions if one.outcome is SyncOutcome.ADOPT]
    assert len(set(adopted)) == len(adopted)


@given(tickets=companies, unknown=strangers, data=st.data())
def test_the_order_in_which_things_are_read_decides_nothing(tickets, unknown, data):
    shuffled_tickets = data.draw(st.permutations(tickets))
    shuffled = data.draw(st.permutations(unknown))

    assert about(tickets, *unknown) == about(shuffled_tickets, *shuffled)


@given(tickets=companies, unknown=strangers)
def test_only_open_and_won_ones_get_a_child_and_never_below_a_cancelled_parent(tickets, unknown):
    decisions = about(tickets, *unknown)

    status_of = {record.crm_id: record.status for record in unknown}
    cancelled = {ticket.id for ticket in tickets if ticket.status is TicketStatus.CANCELLED}
    for decision in decisions:
        if decision.creates_child:
            assert status_of[decision.crm_id] in (OPEN, WON)
            assert decision.ticket_id not in cancelled


@given(tickets=companies, unknown=strangers)
def test_what_was_adopted_is_known_and_unchanged_the_next_time(tickets, unknown):
    record_of = {record.crm_id: record for record in unknown}
    adopted = [one for one in about(tickets, *unknown) if one.outcome is SyncOutcome.ADOPT]
    known = [_as_known(decision, record_of[decision.crm_id]) for decision in adopted]
    taken = {decision.line_id for decision in adopted}
    tickets = [
        replace(ticket, lines=tuple(replace(line, filled=line.id in taken) for line in ticket.lines))
        for ticket in tickets
    ]

    again = about(tickets, *(record_of[one.crm_id] for one in known), known=known)

    assert {one.outcome for one in again} <= {SyncOutcome.UNCHANGED}
    assert not any(one.creates_child for one in again)


def _as_known(decision, record):
    return KnownOpportunity(
        id=f"opp_{decision.crm_id}",
        crm_id=decision.crm_id,
        code=decision.code,
        title=record.title,
        amount=record.amount,
        phase=record.phase,
        status=record.status,
        ticket_id=decision.ticket_id,
        position=decision.position,
        line_id=decision.line_id,
        has_child=decision.creates_child,
        carried_code=decision.carried_code,
    )
