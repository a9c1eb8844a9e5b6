from dataclasses import replace
from decimal import Decimal

import pytest

from services.planning.catalog.types import Kit, KitLine, Service
from services.planning.opportunities.kit_expander import (
    LineFacts,
    LineOutcome,
    MandatoryLinesLeftOut,
    NotAParent,
    ParentFacts,
    TicketNotClosed,
    TicketWithoutLines,
    UnknownLine,
    plan_opportunities,
)
from services.planning.tickets.kit_lines import (
    KitWithoutServices,
    ServiceWithoutTemplate,
    TicketLinePlan,
    UnknownService,
    expand_kit,
)
from services.planning.tickets.workflow import ReasonRequired, TicketIsCancelled
from services.vocabulary import TicketKind, TicketStatus

SERVICES = {
    "F40": Service(code="F40", name="Formazione 4.0", price=Decimal("2400.50"), workflow="F40"),
    "BND": Service(code="BND", name="Bandi", price=Decimal("900"), workflow="BND"),
}
KIT = Kit(
    code="SOT",
    name="Start Office Training",
    main_service="F40",
    lines=(
        KitLine(service="F40", quantity=3),
        KitLine(service="BND", mandatory=False),
        KitLine(service="F40"),
    ),
)

CLOSED_PARENT = ParentFacts(TicketKind.PARENT, TicketStatus.CLOSED, "5155", "Rossi Srl")
FIRST = LineFacts("l1", 1, "F40", "Formazione 4.0", Decimal(7200), mandatory=True, has_template=True)
SECOND = LineFacts("l2", 2, "BND", "Bandi", Decimal(900), mandatory=False, has_template=True)
LINES = (FIRST, SECOND)


def test_a_ticket_copies_the_lines_of_its_kit_with_their_prices():
    lines = expand_kit(KIT, SERVICES)

    assert lines[0] == TicketLinePlan(
        position=1,
        service_code="F40",
        name="Formazione 4.0",
        quantity=3,
        unit_price=Decimal("2400.50"),
        amount=Decimal("7201.50"),
        mandatory=True,
    )
    assert [(line.position, line.service_code, line.mandatory) for line in lines] == [
        (1, "F40", True),
        (2, "BND", False),
        (3, "F40", True),
    ]


def test_a_kit_without_lines_is_refused():
    empty = KIT.model_copy(update={"lines": ()})

    with pytest.raises(KitWithoutServices, match="SOT"):
        expand_kit(empty, SERVICES)


def test_a_kit_that_names_an_unknown_service_is_refused():
    with pytest.raises(UnknownService, match="BND"):
        expand_kit(KIT, {"F40": SERVICES["F40"]})


def test_every_line_becomes_an_opportunity_under_the_code_of_its_child():
    plan = plan_opportunities(CLOSED_PARENT, [SECOND, FIRST])

    assert [
        (one.line_id, one.outcome, one.reference, one.title, one.amount) for one in plan.opportunities
    ] == [
        ("l1", LineOutcome.CREATE, "TCK-F40-5155-01", "[F40] Formazione 4.0 · Rossi Srl", Decimal(7200)),
        ("l2", LineOutcome.CREATE, "TCK-BND-5155-02", "[BND] Bandi · Rossi Srl", Decimal(900)),
    ]
    assert (plan.left_out, plan.override_reason) == ((), None)


def test_two_lines_of_one_service_become_two_opportunities():
    again = replace(FIRST, id="l3", position=3)

    plan = plan_opportunities(CLOSED_PARENT, [FIRST, again])

    assert [one.reference for one in plan.opportunities] == ["TCK-F40-5155-01", "TCK-F40-5155-03"]


def test_a_line_that_has_its_opportunity_keeps_it():
    sold = replace(FIRST, opportunity_id="opp_1", has_template=False)

    plan = plan_opportunities(CLOSED_PARENT, [sold, SECOND])

    assert [(one.outcome, one.opportunity_id) for one in plan.opportunities] == [
        (LineOutcome.UNCHANGED, "opp_1"),
        (LineOutcome.CREATE, None),
    ]


def test_optional_lines_may_be_left_out():
    plan = plan_opportunities(CLOSED_PARENT, LINES, chosen={"l1"})

    assert [one.line_id for one in plan.opportunities] == ["l1"]
    assert plan.left_out == ("l2",)


def test_a_mandatory_line_already_sold_may_be_left_out():
    sold = replace(FIRST, opportunity_id="opp_1")

    plan = plan_opportunities(CLOSED_PARENT, [sold, SECOND], chosen={"l2"})

    assert [one.line_id for one in plan.opportunities] == ["l2"]


def test_a_mandatory_line_is_named_before_it_is_left_out():
    with pytest.raises(MandatoryLinesLeftOut, match="1 F40"):
        plan_opportunities(CLOSED_PARENT, LINES, chosen={"l2"})


@pytest.mark.parametrize("status", [TicketStatus.OPEN, TicketStatus.IN_PROGRESS])
def test_the_ticket_has_to_be_closed_first(status):
    with pytest.raises(TicketNotClosed, match=status):
        plan_opportunities(replace(CLOSED_PARENT, status=status), LINES)


@pytest.mark.parametrize(
    ("ticket", "chosen"),
    [
        pytest.param(replace(CLOSED_PARENT, status=TicketStatus.OPEN), None, id="before it is closed"),
        pytest.param(CLOSED_PARENT, {"l2"}, id="without a mandatory line"),
    ],
)
def test_a_reason_overrides_and_is_kept(ticket, chosen):
    plan = plan_opportunities(ticket, LINES, chosen, override_reason=" Lo chiede il cliente ")

    assert plan.override_reason == "Lo chiede il cliente"


def test_a_reason_that_overrides_nothing_is_not_kept():
    plan = plan_opportunities(CLOSED_PARENT, LINES, override_reason="Lo chiede il cliente")

    assert plan.override_reason is None


def test_an_override_without_a_reason_is_refused():
    with pytest.raises(ReasonRequired):
        plan_opportunities(replace(CLOSED_PARENT, status=TicketStatus.OPEN), LINES, override_reason="  ")


@pytest.mark.parametrize(
    ("ticket", "lines", "chosen", "refusal"),
    [
        pytest.param(
            replace(CLOSED_PARENT, kind=TicketKind.CHILD), LINES, None, NotAParent, id="a child ticket"
        ),
        pytest.param(
            replace(CLOSED_PARENT, status=TicketStatus.CANCELLED),
            LINES,
            None,
            TicketIsCancelled,
            id="cancelled",
        ),
        pytest.param(CLOSED_PARENT, (), None, TicketWithoutLines, id="no lines"),
        pytest.param(CLOSED_PARENT, LINES, {"l1", "l9"}, UnknownLine, id="a line of another ticket"),
        pytest.param(
            CLOSED_PARENT,
            (replace(FIRST, has_template=False),),
            None,
            ServiceWithoutTemplate,
            id="no template",
        ),
    ],
)
def test_no_reason_lifts_the_other_rules(ticket, lines, chosen, refusal):
    with pytest.raises(refusal):
        plan_opportunities(ticket, lines, chosen, override_reason="Lo chiede il cliente")
