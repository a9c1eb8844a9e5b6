import pytest
from hypothesis import given, strategies as st

from services.errors import Refusal
from services.planning.opportunities.facts import FoundOpportunity, SaleLine, SaleTicket
from services.planning.opportunities.mapping import plan_beside_lines, plan_for_line
from services.vocabulary import OpportunityStatus, TicketStatus

SERVICES = {"F40": "Formazione 4.0", "BND": "Bandi"}


def found(title="Trattativa", *, status=OpportunityStatus.OPEN, product_codes=()):
    return FoundOpportunity(200, "", title, None, None, status, product_codes)


def ticket_of(*lines, status=TicketStatus.CLOSED):
    return SaleTicket("tck_1", "5155", status, tuple(lines))


def beside(record, ticket, *, service_code=None, taken_positions=()):
    return plan_beside_lines(
        record,
        ticket,
        service_code=service_code,
        services=SERVICES,
        with_template={"F40"},
        taken_positions=taken_positions,
    )


@given(
    lines=st.lists(st.integers(1, 60), unique=True, max_size=5),
    taken=st.lists(st.integers(1, 60), unique=True, max_size=5),
)
def test_beside_the_lines_it_takes_a_number_after_all_that_are_taken(lines, taken):
    ticket = ticket_of(*(SaleLine(f"tln_{position}", position, "F40") for position in lines))

    decision = beside(found(), ticket, service_code="F40", taken_positions=taken)

    assert decision.position == max([*lines, *taken], default=0) + 1
    assert decision.line_id is None


@given(filled=st.booleans(), status=st.sampled_from(TicketStatus), sold=st.sampled_from(OpportunityStatus))
def test_a_line_takes_one_where_it_waits_and_the_ticket_lives(filled, status, sold):
    ticket = ticket_of(SaleLine("tln_1", 1, "F40", filled=filled), status=status)
    cancelled = status is TicketStatus.CANCELLED

    if filled or cancelled:
        with pytest.raises(Refusal) as refused:
            plan_for_line(found(status=sold), ticket, "tln_1")
        assert refused.value.code == ("TICKET_CANCELLED" if cancelled else "LINE_FILLED")
    else:
        decision = plan_for_line(found(status=sold), ticket, "tln_1")
        assert decision.creates_child == (sold in (OpportunityStatus.OPEN, OpportunityStatus.WON))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param(found("Formazione 4.0"), "TCK-F40-5155-01", id="its title"),
        pytest.param(
            found("Bandi", product_codes=("F40",)), "TCK-F40-5155-01", id="its product, not its title"
        ),
    ],
)
def test_what_it_sells_is_said_by(record, code):
    assert beside(record, ticket_of()).code == code


@pytest.mark.parametrize(
    ("record", "choice", "code"),
    [
        pytest.param(found(), None, "SERVICE_UNCLEAR", id="it names no service"),
        pytest.param(found("F40 e bandi"), None, "SERVICE_UNCLEAR", id="it names two"),
        pytest.param(found("Bandi"), None, "SERVICE_WITHOUT_TEMPLATE", id="its service has no workflow"),
        pytest.param(found("F40"), "BND", "SERVICE_WITHOUT_TEMPLATE", id="the chosen one has none"),
    ],
)
def test_it_has_no_place_beside_the_lines_where(record, choice, code):
    with pytest.raises(Refusal) as refused:
        beside(record, ticket_of(), service_code=choice)

    assert refused.value.code == code
