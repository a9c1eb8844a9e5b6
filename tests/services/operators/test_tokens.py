"""A token opens the door as its operator until it ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from models import Event, SignInCode, Token
from services.operators import (
    TokenKind,
    authenticate,
    create_sign_in_code,
    create_token,
    kind_of,
    list_tokens,
    redeem_sign_in_code,
    revoke_token,
    save_operator,
)
from services.vocabulary import Role
from tests.support.operator_drafts import GIULIA, NOON
from tests.support.refusals import refusal_of


async def a_token(operator, events, *, role=Role.OPERATOR, label="cruscotto", expires_at=None):
    return await create_token(operator.id, role, label, expires_at, actor="test", events=events)


async def test_a_token_opens_the_door_as_its_operator(giulia, events):
    token = await a_token(giulia, events, role=Role.VIEWER)

    viewer = await authenticate(token.secret, NOON)

    assert viewer is not None
    assert (viewer.operator_id, viewer.name, viewer.role) == (giulia.id, "Giulia Ferri", Role.VIEWER)
    assert kind_of(token.secret) is TokenKind.API


async def test_no_secret_is_kept_or_shown(giulia, events):
    token = await a_token(giulia, events)
    code = await create_sign_in_code(giulia.id, actor="test", events=events)
    session = await redeem_sign_in_code(code.secret, events=events)

    kept = [dict(row) for model in (Token, SignInCode, Event) for row in await model.all()]
    digests = [row.digest for model in (Token, SignInCode) for row in await model.all()]
    reported = str([dict(row) for row in await Event.all()])

    assert session is not None
    for secret in (token.secret, code.secret, session.secret):
        assert secret not in str(kept)
        assert secret[-43:] not in str(kept)
    assert len(digests) == 3
    assert all(digest not in reported for digest in digests)
    assert token.secret not in repr(token)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda secret: secret[:-1], id="one character short"),
        pytest.param(lambda secret: secret + "A", id="one too many"),
        pytest.param(
            lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"), id="one character off"
        ),
        pytest.param(lambda secret: secret + "\n", id="with a newline"),
        pytest.param(lambda secret: secret.removeprefix("ihub_"), id="without its prefix"),
        pytest.param(lambda secret: "ihs_" + secret.removeprefix("ihub_"), id="as if a browser's"),
        pytest.param(lambda secret: "", id="empty"),
        pytest.param(lambda secret: "ihub_" + "é" * 43, id="no letters of ours"),
    ],
)
async def test_a_spoilt_secret_opens_nothing(giulia, events, spoil):
    token = await a_token(giulia, events)

    assert await authenticate(spoil(token.secret), NOON) is None


async def test_a_token_ends_at_its_very_instant(giulia, events):
    token = await a_token(giulia, events, expires_at=NOON + timedelta(hours=1))

    assert await authenticate(token.secret, NOON + timedelta(hours=1, microseconds=-1)) is not None
    assert await authenticate(token.secret, NOON + timedelta(hours=1)) is None


async def test_a_revoked_token_opens_nothing_from_that_moment(giulia, events):
    token = await a_token(giulia, events)

    await revoke_token(token.id, actor="test", events=events)
    await revoke_token(token.id, actor="test", events=events)

    assert await authenticate(token.secret, NOON) is None
    assert await Event.filter(kind="TOKEN_REVOKED").count() == 1


async def test_what_an_operator_loses_their_tokens_lose_too(giulia, events):
    token = await a_token(giulia, events)

    await save_operator(giulia.id, replace(GIULIA, role=Role.VIEWER), actor="test", events=events)
    demoted = await authenticate(token.secret, NOON)
    await save_operator(giulia.id, replace(GIULIA, active=False), actor="test", events=events)
    deactivated = await authenticate(token.secret, NOON)

    assert demoted is not None
    assert demoted.role is Role.VIEWER
    assert deactivated is None


async def test_who_comes_back_brings_no_token_of_before(giulia, events):
    token = await a_token(giulia, events)
    code = await create_sign_in_code(giulia.id, actor="test", events=events)
    session = await redeem_sign_in_code(code.secret, events=events)

    await save_operator(giulia.id, replace(GIULIA, active=False), actor="test", events=events)
    await save_operator(giulia.id, GIULIA, actor="test", events=events)

    assert await authenticate(token.secret, NOON) is None
    assert await authenticate(session.secret, NOON) is None
    assert await Event.filter(kind="TOKEN_REVOKED").count() == 2


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        pytest.param({"role": Role.ADMIN}, "ROLE_ABOVE_OPERATOR", id="more than its operator may"),
        pytest.param({"expires_at": NOON}, "ALREADY_EXPIRED", id="over before it begins"),
        pytest.param({"label": " "}, "BAD_USER_INPUT", id="without a label"),
    ],
)
async def test_a_token_that_makes_no_sense_is_declined(giulia, events, wish, code):
    refusal = await refusal_of(a_token(giulia, events, **wish))

    assert refusal.code == code
    assert await Token.all().count() == 0


@pytest.mark.parametrize(
    "make", [pytest.param(create_sign_in_code, id="code"), pytest.param(None, id="token")]
)
async def test_a_new_operator_does_not_come_in_as_one_who_left(giulia, events, make):
    await save_operator(giulia.id, replace(GIULIA, active=False), actor="test", events=events)

    wish = make(giulia.id, actor="test", events=events) if make else a_token(giulia, events)

    assert (await refusal_of(wish)).code == "INACTIVE_OPERATOR"


async def test_unknown_operators_and_tokens_are_named(events):
    no_operator = await refusal_of(create_sign_in_code("opr_x", actor="test", events=events))
    no_token = await refusal_of(revoke_token("tok_x", actor="test", events=events))

    assert (no_operator.code, no_token.code) == ("UNKNOWN_OPERATOR", "UNKNOWN_TOKEN")


async def test_a_code_signs_one_browser_in_and_then_means_nothing(giulia, events):
    code = await create_sign_in_code(giulia.id, actor="test", events=events)

    attempts = await asyncio.gather(*(redeem_sign_in_code(code.secret, events=events) for _ in range(5)))

    sessions = [session for session in attempts if session]
    assert len(sessions) == 1
    assert kind_of(sessions[0].secret) is TokenKind.SESSION
    assert (await authenticate(sessions[0].secret, NOON)).operator_id == giulia.id


async def test_a_code_is_good_for_ten_minutes(giulia, events, clock):
    early = await create_sign_in_code(giulia.id, actor="test", events=events)
    late = await create_sign_in_code(giulia.id, actor="test", events=events)

    clock.now = NOON + timedelta(minutes=10, seconds=-1)
    in_time = await redeem_sign_in_code(early.secret, events=events)
    clock.now = NOON + timedelta(minutes=10)
    too_late = await redeem_sign_in_code(late.secret, events=events)

    assert in_time is not None
    assert too_late is None


async def test_a_code_of_an_operator_who_left_does_not_sign_in(giulia, events):
    code = await create_sign_in_code(giulia.id, actor="test", events=events)
    await save_operator(giulia.id, replace(GIULIA, active=False), actor="test", events=events)

    assert await redeem_sign_in_code(code.secret, events=events) is None


async def test_only_programs_tokens_are_listed(giulia, events):
    token = await a_token(giulia, events)
    code = await create_sign_in_code(giulia.id, actor="test", events=events)
    await redeem_sign_in_code(code.secret, events=events)

    listed = await list_tokens()

    assert [(row.id, row.operator.name) for row in listed] == [(token.id, "Giulia Ferri")]
