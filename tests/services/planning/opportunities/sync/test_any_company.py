"""Rules that hold for any company."""

from dataclasses import replace

from hypothesis import given, strategies as st

from services.planning.opportunities.facts import KnownOpportunity, SyncOutcome
from services.vocabulary import TicketStatus
from tests.support.found_opportunities import OPEN, WON, about, records, ticket_of

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
            serial=str(4155 + 1000 * number),
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
