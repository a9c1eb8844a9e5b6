from datetime import timedelta

from services.operators import Remembered, Viewer
from services.vocabulary import Role
from tests.support.factories import NOW


def viewer(token_id="tok_1", expires_at=None):
    return Viewer("opr_1", "Ada", Role.ADMIN, token_id, Role.VIEWER, expires_at)


def test_a_caller_may_do_what_both_the_token_and_the_operator_may():
    assert viewer().role is Role.VIEWER


def test_a_caller_is_remembered_until_the_token_expires():
    remembered, ada = Remembered(), viewer(expires_at=NOW)
    remembered.keep("secret", ada)

    assert remembered.find("secret", NOW - timedelta(seconds=1)) == ada
    assert remembered.find("secret", NOW) is None
    assert remembered.find("another", NOW - timedelta(seconds=1)) is None


def test_who_is_not_found_any_more_is_forgotten():
    remembered = Remembered()
    remembered.keep("secret", viewer())
    remembered.keep("secret", None)

    assert remembered.find("secret", NOW) is None


def test_the_callers_who_were_looked_up_last_are_remembered():
    remembered = Remembered(most=2)
    for number in (1, 2, 1, 3):
        remembered.keep(f"secret {number}", viewer(f"tok_{number}"))

    found = [remembered.find(f"secret {number}", NOW) for number in (1, 2, 3)]

    assert [one and one.token_id for one in found] == ["tok_1", None, "tok_3"]
