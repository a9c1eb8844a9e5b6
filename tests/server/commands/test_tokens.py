"""Tokens and links on the command line, and what is refused."""

import pytest


def test_a_token_is_shown_once_and_listed_without_its_secret(run, giulia):
    _, secret, _ = run("token", "create", "giulia@studio.example", "cruscotto", "--days", "3")
    _, listed, _ = run("token", "list")

    assert secret.startswith("ihub_")
    assert "cruscotto" in listed
    assert "until" in listed
    assert secret.strip() not in listed


def test_a_revoked_token_says_so(run, giulia):
    run("token", "create", "giulia@studio.example", "cruscotto")
    token_id = run("token", "list")[1].split()[0]

    code, _, _ = run("token", "revoke", token_id)

    assert code == 0
    assert "revoked" in run("token", "list")[1]


def test_a_link_is_for_the_first_administrator_by_default(run, giulia):
    _, link, _ = run("sign-in-link")
    _, named, _ = run("sign-in-link", "giulia@studio.example")

    assert link.startswith("http://127.0.0.1:8000/accedi?code=")
    assert named != link


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        pytest.param(
            ("token", "create", "nobody@x.example", "t"), 1, "There is no operator", id="a token for nobody"
        ),
        pytest.param(("token", "revoke", "tok_x"), 1, "There is no token", id="no such token"),
        pytest.param(("sign-in-link",), 2, "no administrator yet", id="a link before anybody is there"),
        pytest.param(("operator", "create", "G", "nowhere"), 1, "name@domain", id="no address"),
        pytest.param(
            ("operator", "create", "G", "g@x.example", "--fills", "analyst"),
            1,
            "No workflow has a role 'analyst'; the known roles are: amministrazione, analista",
            id="a role that nothing asks for",
        ),
        pytest.param(
            ("operator", "change", "nobody@x.example"), 1, "There is no operator", id="a change of nobody"
        ),
        pytest.param(
            ("service", "responsible", "T51", "--nobody"), 1, "no service 'T51'", id="no such service"
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(run, words, code, sentence):
    left, out, err = run(*words)

    assert (left, out) == (code, "")
    assert sentence in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_the_last_administrator_is_not_made_inactive(run, giulia):
    code, _, err = run("operator", "change", "giulia@studio.example", "--inactive")

    assert (code, err) == (1, "This is the last active administrator.\n")
