from dataclasses import replace
from decimal import Decimal

from hypothesis import given, strategies as st

from services.planning.opportunities.facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
)
from services.planning.opportunities.preview_expectations import (
    CHILDREN,
    MARKS,
    CompanyStanding,
    children_of,
    mark,
    matches_preview,
    surprises,
)
from services.planning.opportunities.sync import plan_sync
from services.vocabulary import OpportunityStatus, TicketStatus

SERVICES = {"F40": "Formazione 4.0", "BND": "Bandi", "T50": "Transizione 5.0"}

decisions = st.lists(
    st.builds(
        SyncDecision,
        crm_id=st.integers(1, 9),
        outcome=st.sampled_from(SyncOutcome),
        changes=st.sampled_from([(), ("amount",)]),
        creates_child=st.booleans(),
    ),
    unique_by=lambda decision: decision.crm_id,
    max_size=6,
)


@st.composite
def standings(draw):
    """A parent with three lines, some of which have an opportunity."""
    made = draw(st.sets(st.integers(1, 3)))
    lines = tuple(
        SaleLine(f"tln_{position}", position, code, filled=position in made)
        for position, code in enumerate(SERVICES, start=1)
    )
    parent = SaleTicket("tck_1", "5155", draw(st.sampled_from(TicketStatus)), lines)
    known = tuple(
        KnownOpportunity(
            id=f"opp_{position}",
            crm_id=100 + position,
            code=f"TCK-{code}-5155-{position:02}",
            title=code,
            amount=Decimal(draw(st.integers(1, 3))),
            phase="Proposta",
            status=draw(st.sampled_from(OpportunityStatus)),
            ticket_id="tck_1",
            position=position,
            line_id=f"tln_{position}",
            has_child=draw(st.booleans()),
            carried_code=draw(st.sampled_from([f"TCK-{code}-5155-{position:02}", ""])),
        )
        for position, code in enumerate(SERVICES, start=1)
        if position in made
    )
    return CompanyStanding("cmp_1", (parent,), known)


def marked(decisions):
    return [(decision, mark(decision, {})) for decision in decisions]


def marks_of(decisions):
    return {MARKS: [own for _, own in marked(decisions)]}


@given(decisions)
def test_what_was_shown_and_is_decided_again_is_no_surprise(shown):
    assert surprises(marks_of(shown), marked(shown)) == frozenset()
    assert matches_preview(marks_of(shown), marked(shown))


@given(decisions, decisions)
def test_everything_that_is_decided_otherwise_is_a_surprise(shown, decided):
    found = surprises(marks_of(shown), marked(decided))

    assert found == {one.crm_id for one in decided if one not in shown}
    assert matches_preview(marks_of(shown), marked(decided)) == (set(shown) == set(decided))


@given(decisions)
def test_without_anything_shown_nothing_is_a_surprise(decided):
    assert surprises(None, marked(decided)) == frozenset()
    assert matches_preview(None, marked(decided))


def test_another_amount_in_the_crm_is_another_mark_for_the_same_decision():
    decision = SyncDecision(1, SyncOutcome.REFRESH, changes=("amount",))

    assert mark(decision, {"amount": Decimal(1)}) != mark(decision, {"amount": Decimal(2)})


@given(standings())
def test_what_the_mirror_predicts_comes_true_where_the_crm_holds_what_we_mirror(standing):
    predicted = standing.plan_from_mirror(SERVICES)
    found = [
        FoundOpportunity(one.crm_id, one.carried_code, one.title, one.amount, one.phase, one.status)
        for one in standing.known
    ]

    decided = plan_sync(standing.sales, standing.known, found, SERVICES)

    assert decided == predicted
    assert matches_preview({CHILDREN: children_of(predicted)}, marked(decided))


@given(decisions, st.lists(st.integers(1, 9), unique=True))
def test_after_a_look_at_the_mirror_alone_nothing_is_adopted_and_no_other_child_made(decided, children):
    left_alone = surprises({CHILDREN: children}, marked(decided))

    for one in decided:
        if one.crm_id not in left_alone:
            assert one.outcome is not SyncOutcome.ADOPT
            assert one.creates_child == (one.crm_id in children)


@given(standings(), st.sampled_from([TicketStatus.OPEN, TicketStatus.IN_PROGRESS, TicketStatus.CLOSED]))
def test_how_far_a_parent_has_come_is_no_ground_unless_it_was_cancelled(standing, status):
    [parent] = standing.sales
    other = replace(standing, sales=(replace(parent, status=status),))

    same = other.grounds() == standing.grounds()

    assert same == (parent.status is not TicketStatus.CANCELLED)
