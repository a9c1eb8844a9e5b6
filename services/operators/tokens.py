"""Tokens of programs and browsers, and the one-use codes that sign a browser in.

A secret leaves this module once, when it is created. Only its SHA-256 is stored: 32 random bytes need no slow hash.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.connection import get_connection

from models import Operator, SignInCode, Token
from models.database import SIGN_IN
from services.errors import InvalidInput, TextTooLong
from services.events import EventType
from services.events.log import Change, EventLog
from services.operators.refusals import AlreadyExpired, RoleAboveOperator, UnknownToken
from services.operators.roster import ACCESS, get_active_operator
from services.texts import LONGEST_LABEL, is_blank
from services.vocabulary import Role, TokenKind

CODE_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIMES = {
    Role.VIEWER: timedelta(days=90),
    Role.OPERATOR: timedelta(hours=12),
    Role.ADMIN: timedelta(hours=12),
}
"""How long a browser stays signed in. A screen on the wall runs for weeks, and needs no right but to read."""
SYSTEM = "system"
"""The actor without an operator: the command line, and a browser that is only now signing in."""


_PREFIXES = {TokenKind.API: "ihub", TokenKind.SESSION: "ihs"}
_SHAPES = {kind: re.compile(rf"{prefix}_[A-Za-z0-9_-]{{43}}") for kind, prefix in _PREFIXES.items()}


# Every request asks one of these. The ORM would take longer to word them than the database to answer them.
_VALID = """
FROM token JOIN operator ON operator.id = token.operator_id
WHERE token.revoked_at IS NULL AND operator.active"""
_CALLER = f"""
SELECT token.digest, token.id, token.role, token.expires_at, operator.id, operator.name, operator.role {_VALID}
AND token.digest = {{}}"""
SAME_CALLER = f"""
SELECT 1 {_VALID} AND token.id = {{}} AND token.role = {{}} AND operator.id = {{}} AND operator.role = {{}}"""
"""Finds a row if a token still lets the same operator in, with both roles as they were."""

_EXPIRES_AT = Token._meta.fields_map["expires_at"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller: the operator, and the token that was shown."""

    operator_id: str
    name: str
    operator_role: Role
    token_id: str
    token_role: Role
    expires_at: datetime | None

    @property
    def role(self) -> Role:
        """The lower one of the two roles: what the caller may do."""
        lower, higher = self.token_role, self.operator_role
        return lower if higher.includes(lower) else higher

    def is_alive(self, now: datetime) -> bool:
        """Return whether the token has not expired."""
        return _alive(self.expires_at, now)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A new token or code. The secret is shown only now; later only `id` names it."""

    id: str
    secret: str
    expires_at: datetime | None

    def __repr__(self) -> str:
        return f"NewSecret({self.id!r})"


@dataclass(frozen=True, slots=True)
class EndedToken:
    """A token that was ours until then."""

    at: datetime
    revoked: bool


async def create_token(
    operator_id: str, role: Role, label: str, expires_at: datetime | None, *, actor: str, events: EventLog
) -> NewSecret:
    """Create a token for a program that acts as this operator."""
    async with events.change(ACCESS, actor=actor) as change:
        if is_blank(label):
            raise InvalidInput("A label says what the token is for.", path=("label",))
        if len(label.strip()) > LONGEST_LABEL:
            raise TextTooLong(("label",), most=LONGEST_LABEL)
        operator = await get_active_operator(operator_id)
        if not Role(operator.role).includes(role):
            raise RoleAboveOperator(Role(operator.role))
        if expires_at is not None and expires_at <= change.at:
            raise AlreadyExpired
        return await _issue(
            change, operator, TokenKind.API, role=role, label=label.strip(), expires_at=expires_at
        )


async def list_tokens() -> list[Token]:
    """List the tokens of programs, the newest first, with their operators."""
    return await Token.filter(kind=TokenKind.API).order_by("-id").prefetch_related("operator")


async def revoke_token(token_id: str, *, actor: str, events: EventLog) -> Token:
    """Revoke a token with the sessions that it opened, or a browser session. Repeating it changes nothing."""
    async with events.change(ACCESS, actor=actor) as change:
        token = await Token.get_or_none(id=token_id)
        if token is None:
            raise UnknownToken(token_id)
        opened = await Token.filter(
            operator_id=token.operator_id, kind=TokenKind.SESSION, label=_opened_by(token.id)
        )
        for each in (token, *opened):
            if each.revoked_at is None:
                await change.update(each, kind=EventType.TOKEN_REVOKED, revoked_at=change.at)
        return token


async def authenticate(secret: str, now: datetime) -> Viewer | None:
    """Return the caller with this secret. None: it is incomplete or ended, or its operator is inactive."""
    if kind_of(secret) is None:
        return None
    digest = _digest(secret)
    connection = get_connection(SIGN_IN)
    placeholder = "?" if connection.capabilities.dialect == "sqlite" else "$1"
    _, rows = await connection.execute_query(_CALLER.format(placeholder), [digest])
    if not rows:
        return None
    stored, token_id, role, end, operator_id, name, role_of_operator = rows[0]
    # SQLite stores an instant as text.
    expires_at = _EXPIRES_AT.to_python_value(end)
    if not hmac.compare_digest(stored, digest) or not _alive(expires_at, now):
        return None
    return Viewer(operator_id, name, Role(role_of_operator), token_id, Role(role), expires_at)


async def viewers_of(token_ids: Collection[str], now: datetime) -> Mapping[str, Viewer]:
    """Return the callers with these tokens, by the token's id; none for those that ended. One statement for all."""
    tokens = Token.filter(id__in=list(token_ids), revoked_at__isnull=True, operator__active=True)
    rows = await tokens.using_db(get_connection(SIGN_IN)).values_list(*_OF_A_VIEWER)
    viewers = (
        Viewer(operator_id, name, Role(role_of_operator), token_id, Role(role), expires_at)
        for operator_id, name, role_of_operator, token_id, role, expires_at in rows
    )
    return {one.token_id: one for one in viewers if one.is_alive(now)}


_OF_A_VIEWER = ("operator_id", "operator__name", "operator__role", "id", "role", "expires_at")


def kind_of(secret: str) -> TokenKind | None:
    """Return what a secret is for, by its form alone.

    >>> kind_of("ihub_" + "x" * 43), kind_of("ihs_" + "x" * 43), kind_of("password")
    (<TokenKind.API: 'API'>, <TokenKind.SESSION: 'SESSION'>, None)
    """
    return next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(secret)), None)


async def create_sign_in_code(operator_id: str, *, actor: str, events: EventLog) -> NewSecret:
    """Create the code of a sign-in link. It works once, within ten minutes."""
    async with events.change(ACCESS, actor=actor) as change:
        operator = await get_active_operator(operator_id)
        secret = secrets.token_urlsafe(32)
        expires_at = change.at + CODE_LIFETIME
        code = SignInCode(operator_id=operator.id, digest=_digest(secret), expires_at=expires_at)
        await change.create(code, kind=EventType.SIGN_IN_CODE_CREATED)
        return NewSecret(code.id, secret, expires_at)


async def redeem_sign_in_code(code: str, *, events: EventLog) -> NewSecret | None:
    """Exchange a code for a browser session. None: the code is unknown, used or expired."""
    async with events.change(ACCESS, actor=SYSTEM) as change:
        row = await SignInCode.get_or_none(digest=_digest(code), used_at=None).prefetch_related("operator")
        if row is None or not _alive(row.expires_at, change.at) or not row.operator.active:
            return None
        await change.update(row, kind=EventType.SIGN_IN_CODE_USED, used_at=change.at)
        role = Role(row.operator.role)
        return await _issue(
            change,
            row.operator,
            TokenKind.SESSION,
            role=role,
            label="browser",
            expires_at=change.at + SESSION_LIFETIMES[role],
        )


async def open_session(secret: str, *, events: EventLog) -> NewSecret | EndedToken | None:
    """Exchange a program's token for a browser session that has its role and ends with it at the latest.

    None: no active operator has such a token.
    """
    if kind_of(secret) is not TokenKind.API:
        return None
    async with events.change(ACCESS, actor=SYSTEM) as change:
        token = await Token.get_or_none(digest=_digest(secret)).prefetch_related("operator")
        if token is None or not token.operator.active:
            return None
        if token.revoked_at is not None:
            return EndedToken(token.revoked_at, revoked=True)
        if token.expires_at is not None and not _alive(token.expires_at, change.at):
            return EndedToken(token.expires_at, revoked=False)
        role = Role(token.role)
        end = change.at + SESSION_LIFETIMES[role]
        return await _issue(
            change,
            token.operator,
            TokenKind.SESSION,
            role=role,
            label=_opened_by(token.id),
            expires_at=min(end, token.expires_at or end),
        )


def _opened_by(token_id: str) -> str:
    """Return the label of the sessions that a token opened; people choose no labels of sessions."""
    return f"browser, by {token_id}"


async def _issue(
    change: Change,
    operator: Operator,
    kind: TokenKind,
    *,
    role: Role,
    label: str,
    expires_at: datetime | None,
) -> NewSecret:
    secret = f"{_PREFIXES[kind]}_{secrets.token_urlsafe(32)}"
    token = Token(
        operator_id=operator.id,
        kind=kind,
        label=label,
        digest=_digest(secret),
        role=role,
        created_at=change.at,
        expires_at=expires_at,
    )
    await change.create(token, kind=EventType.TOKEN_CREATED)
    return NewSecret(token.id, secret, expires_at)


def _alive(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is None or now < expires_at


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
