"""An opportunity without our code is adopted by its service, or left to a person."""

from dataclasses import replace
from datetime import date

import pytest

from services.vocabulary import TicketStatus
from tests.support.found_opportunities import LOST, UNKNOWN, about, filled, found, matches, ticket_of


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


@pytest.mark.parametrize(
    ("title", "service", "reason"),
    [
        pytest.param("know-how tecnico pressa", "KHW", "TITLE_UNCLEAR", id="everyday words among others"),
        pytest.param("Collaborazione con la scuola di Bergamo", "CLB", "TITLE_UNCLEAR", id="another matter"),
        pytest.param("SOS macchina ferma", "SOS", "TITLE_UNCLEAR", id="a code that is a call for help"),
        pytest.param("NON vuole Formazione 4.0", "F40", "TITLE_DENIES", id="denied before the name"),
        pytest.param("Formazione 4.0: rifiutata", "F40", "TITLE_DENIES", id="denied after the name"),
        pytest.param("Know How annullato", "KHW", "TITLE_DENIES", id="called off"),
        pytest.param("Formazione 4.0: ci hanno ripensato", "F40", "TITLE_DENIES", id="thought better of"),
        pytest.param("Formazione 4.0 sospesa", "F40", "TITLE_DENIES", id="put off"),
        pytest.param("Consulenza senza Formazione 4.0", "F40", "TITLE_DENIES", id="another one without it"),
        pytest.param("Formazione 4.0 stornata", "F40", "TITLE_DENIES", id="given back"),
        pytest.param(
            "Rossi Srl non vuole Formazione 4.0", "F40", "TITLE_DENIES", id="denied after the company"
        ),
    ],
)
def test_a_title_that_may_mean_something_else_is_left_to_a_person(title, service, reason):
    decisions = about([ticket_of(service)], found(200, title))

    assert matches(decisions) == [(200, "UNMATCHED", None, reason)]
    assert decisions[0].candidate_line_ids == ("tln_1.1",)


@pytest.mark.parametrize(
    ("title", "service"),
    [
        pytest.param("Know-How Rossi Srl 2026", "KHW", id="the company and the year"),
        pytest.param("Offerta per il rinnovo del Know How", "KHW", id="the words of an offer"),
        pytest.param("Corso Formazione 4.0 per saldatori", "F40", id="a name with a number among any words"),
        pytest.param("KHW reparto stampaggio", "KHW", id="the code among any words"),
    ],
)
def test_a_title_that_names_the_service_plainly_is_enough(title, service):
    decisions = about([ticket_of(service)], found(200, title))

    assert matches(decisions) == [(200, "ADOPT", "tln_1.1", "ITS_SERVICE")]


def test_a_loosely_named_one_does_not_keep_the_plain_one_from_its_line():
    decisions = about([ticket_of("KHW")], found(200, "know-how tecnico pressa"), found(201, "Know How"))

    assert matches(decisions) == [
        (200, "UNMATCHED", None, "TITLE_UNCLEAR"),
        (201, "ADOPT", "tln_1.1", "ITS_SERVICE"),
    ]


def test_one_from_before_the_sale_is_left_to_a_person_and_claims_nothing():
    sale = replace(ticket_of("F40"), sold_on=date(2026, 11, 29))
    old = replace(found(200, "Formazione 4.0"), dated_on=date(2023, 5, 2))
    of_the_day = replace(found(201, "Formazione 4.0"), dated_on=date(2026, 11, 29))

    assert matches(about([sale], old)) == [(200, "UNMATCHED", None, "BEFORE_SALE")]
    assert matches(about([sale], old, of_the_day)) == [
        (200, "UNMATCHED", None, "BEFORE_SALE"),
        (201, "ADOPT", "tln_1.1", "ITS_SERVICE"),
    ]


def test_one_from_between_two_sales_belongs_to_the_first():
    first = replace(ticket_of("F40"), sold_on=date(2026, 3, 1))
    second = replace(ticket_of("F40", number=2, serial="6000"), sold_on=date(2026, 11, 1))
    between = replace(found(200, "Formazione 4.0"), dated_on=date(2026, 6, 1))

    assert matches(about([first, second], between)) == [(200, "ADOPT", "tln_1.1", "ITS_SERVICE")]


def test_one_that_carries_our_code_is_adopted_whatever_its_date_and_title():
    sale = replace(ticket_of("F40"), sold_on=date(2026, 11, 29))
    coded = replace(found(200, "NON vuole", code="TCK-F40-5155-01"), dated_on=date(2023, 5, 2))

    assert matches(about([sale], coded)) == [(200, "ADOPT", "tln_1.1", "ITS_CODE")]


def test_two_parents_that_wait_for_the_same_service_leave_it_to_a_person():
    tickets = [ticket_of("F40"), ticket_of("F40", number=2, serial="6000")]

    decisions = about(tickets, found(200, "Formazione 4.0"))

    assert matches(decisions) == [(200, "UNMATCHED", None, "SEVERAL_PARENTS")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            ticket_of("F40", number=2, serial="6000", status=TicketStatus.CANCELLED), id="is cancelled"
        ),
        pytest.param(filled(ticket_of("F40", number=2, serial="6000"), 1), id="has its opportunity"),
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
