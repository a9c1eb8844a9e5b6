"""Operators and responsibles on the command line."""

import pytest


def test_operators_are_made_and_listed(run, giulia):
    code, listed, _ = run("operator", "list")

    assert code == 0
    assert giulia.split()[0] in listed
    assert "giulia@studio.example" in listed


def test_of_an_operator_changes_what_is_named_and_nothing_else(run, giulia):
    run("operator", "change", "giulia@studio.example", "--crm-user-id", "2002", "--fills", "analista")
    run("operator", "change", "giulia@studio.example", "--name", "Giulia F.")

    _, listed, _ = run("operator", "list")

    assert "ADMIN     giulia@studio.example" in listed
    assert "Giulia F.  (CRM user 2002, analista)" in listed


def test_what_an_operator_was_given_can_be_taken_away(run, giulia):
    run("operator", "change", "giulia@studio.example", "--crm-user-id", "2002", "--fills", "analista")

    _, said, _ = run("operator", "change", "giulia@studio.example", "--crm-user-id", "0", "--fills", "")

    assert said.endswith("Giulia Ferri\n")


def test_who_is_made_inactive_is_out_and_their_tokens_with_them(run, giulia):
    run("operator", "create", "Ada Neri", "ada@studio.example", "--role", "ADMIN")
    run("token", "create", "giulia@studio.example", "cruscotto")

    code, said, _ = run("operator", "change", "giulia@studio.example", "--inactive")

    assert code == 0
    assert "(inactive)" in said
    assert "revoked" in run("token", "list")[1]
    assert "is not active" in run("sign-in-link", "giulia@studio.example")[2]


def test_a_service_gets_a_responsible_and_loses_them_again(run, giulia):
    run("service", "responsible", "T50", "giulia@studio.example")
    _, listed, _ = run("service", "list")
    run("service", "responsible", "T50", "--nobody")
    _, listed_again, _ = run("service", "list")

    assert [line.split()[0] for line in listed.splitlines() if "giulia@studio.example" in line] == ["T50"]
    assert "giulia@studio.example" not in listed_again


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("T50",), id="neither an operator nor --nobody"),
        pytest.param(("T50", "giulia@studio.example", "--nobody"), id="both"),
    ],
)
def test_an_omitted_argument_makes_no_one_responsible(run, giulia, words):
    code, _, err = run("service", "responsible", *words)

    assert code == 2
    assert "Name either an operator or --nobody." in err
