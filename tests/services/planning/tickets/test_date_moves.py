"""The moves of a preview are those of the run, whatever the ticket looks like."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from services.planning.actions.plan_token import PlanStale, issue_token
from services.planning.tickets.date_moves import DatedTicket, moves_of, refuse_other_moves, token_of
from services.planning.tickets.schedule import reschedule_milestone, reschedule_task
from tests.support.dated_tickets import ITALY, tickets


@st.composite
def redatings(draw):
    """A ticket, one of its unfinished milestones or tasks, what a new date moves, and a function that plans again."""
    milestones = draw(tickets())
    ticket = DatedTicket("tck_1", milestones[0].starts_on, max(one.due_on for one in milestones), milestones)
    chosen = draw(
        st.sampled_from(
            [
                one
                for milestone in milestones
                for one in (milestone, *milestone.tasks)
                if not (one.is_finished or milestone.is_finished)
            ]
        )
    )

    def plan(due_on):
        decide = reschedule_task if "." in chosen.id else reschedule_milestone
        return decide(milestones, chosen.id, due_on, ticket_starts_on=ticket.starts_on, calendar=ITALY)

    return ticket, chosen, plan, chosen.due_on + timedelta(days=draw(st.integers(0, 60)))


@given(redatings())
def test_the_moves_are_the_changes_of_the_plan_and_the_ticket_s(redating):
    ticket, chosen, plan, due_on = redating
    planned = plan(due_on)

    moves = moves_of(ticket, chosen.id, planned, ITALY)

    work = [move for move in moves if move.id != ticket.id]
    assert {(one.id, one.starts_on, one.due_on) for one in work} == {
        (one.id, one.starts_on, one.due_on) for one in planned.changes
    }
    assert [one.due_on for one in moves if one.id == ticket.id] == (
        [planned.due_on] if planned.due_on != ticket.due_on else []
    )
    assert all(ITALY.move(one.due_on_before, one.working_days) == one.due_on for one in moves)
    assert all((one.starts_on_before, one.due_on_before) != (one.starts_on, one.due_on) for one in moves)
    assert not planned.changes or moves[0].id == chosen.id


@given(redatings(), st.integers(1, 30))
def test_a_token_fits_its_own_moves_and_no_others(redating, further):
    ticket, chosen, plan, due_on = redating
    shown = moves_of(ticket, chosen.id, plan(due_on), ITALY)
    others = moves_of(ticket, chosen.id, plan(due_on + timedelta(days=further)), ITALY)
    token = token_of(chosen.id, shown)

    refuse_other_moves(token, chosen.id, shown)

    if shown != others:
        with pytest.raises(PlanStale) as stale:
            refuse_other_moves(token, chosen.id, others)
        reported = {one.id: (one.shown_due_on, one.due_on) for one in stale.value.moves}
        before = {one.id: (one.starts_on, one.due_on) for one in shown}
        after = {one.id: (one.starts_on, one.due_on) for one in others}
        assert reported.keys() == {one for one in before | after if before.get(one) != after.get(one)}
    with pytest.raises(PlanStale):
        refuse_other_moves(token, "another", shown)


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "e30", "ééé", "eyJkaWdlc3QiOjF9"),
        *(issue_token("M1", {"M1": days}) for days in ([], [1], [0, 1], [1, 2**62], [1, 2, 3])),
    ],
)
def test_a_forged_token_is_stale(token):
    with pytest.raises(PlanStale):
        refuse_other_moves(token, "M1", ())
