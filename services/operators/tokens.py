"""What callers show to come in: tokens of programs and browsers, and the one-use codes that sign a browser in.

A secret leaves this module once, when it is made. What is kept is its SHA-256: 32 random bytes need no slow hash.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.connection import get_connection

from models import Operator, SignInCode, Token
from models.database import READS
from services.events.log import Change, EventLog
from services.operators.refusals import AlreadyExpired, RoleAboveOperator, UnfitLabel, UnknownToken
from services.operators.roster import ACCESS, get_active_operator
from services.vocabulary import Role

CODE_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(hours=12)
NOBODY = "system"
"""The actor of what no operator asked for: the command line, and a browser that only now says who it is."""


class TokenKind(StrEnum):
    """API: shown in a header, by programs. SESSION: a signed-in browser's, in its cookie."""

    API = "API"
    SESSION = "SESSION"


_PREFIXES = {TokenKind.API: "ihub", TokenKind.SESSION: "ihs"}
_SHAPES = {kind: re.compile(rf"{prefix}_[A-Za-z0-9_-]{{43}}") for kind, prefix in _PREFIXES.items()}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is calling, by which token, and what they may do."""

    operator_id: str
    name: str
    role: Role
    token_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A token or code just made. The secret is shown this once; only `id` names it later."""

    id: str
    secret: str
    expires_at: datetime | None

    def __repr__(self) -> str:
        return f"NewSecret({self.id!r})"


async def create_token(
    operator_id: str, role: Role, label: str, expires_at: datetime | None, *, actor: str, events: EventLog
) -> NewSecret:
    """Make a token for a program that acts as this operator."""
    async with events.change(ACCESS, actor=actor) as change:
        if not 0 < len(label.strip()) <= 200:
            raise UnfitLabel
        operator = await get_active_operator(operator_id)
        if not Role(operator.role).includes(role):
            raise RoleAboveOperator(Role(operator.role))
        if expires_at is not None and expires_at <= change.at:
            raise AlreadyExpired
        return await _issue(
            change, operator, TokenKind.API, role=role, label=label.strip(), expires_at=expires_at
        )


async def list_tokens() -> list[Token]:
    """Every program's token, the newest first, with its operator."""
    return await Token.filter(kind=TokenKind.API).order_by("-id").prefetch_related("operator")


async def revoke_token(token_id: str, *, actor: str, events: EventLog) -> Token:
    """End a token or a browser session; doing it twice changes nothing."""
    async with events.change(ACCESS, actor=actor) as change:
        token = await Token.get_or_none(id=token_id)
        if token is None:
            raise UnknownToken(token_id)
        if token.revoked_at is None:
            await change.update(token, kind="TOKEN_REVOKED", revoked_at=change.at)
        return token


async def authenticate(secret: str, now: datetime) -> Viewer | None:
    """Who shows this secret; None unless it is whole, alive, and its operator active."""
    if kind_of(secret) is None:
        return None
    digest = _digest(secret)
    row = (
        await Token.filter(digest=digest, revoked_at__isnull=True, operator__active=True)
        .using_db(get_connection(READS))
        .first()
        .values("id", "digest", "role", "expires_at", "operator_id", "operator__name", "operator__role")
    )
    if row is None or not hmac.compare_digest(row["digest"], digest) or not _alive(row["expires_at"], now):
        return None
    return Viewer(
        operator_id=row["operator_id"],
        name=row["operator__name"],
        role=_lower(Role(row["role"]), Role(row["operator__role"])),
        token_id=row["id"],
        expires_at=row["expires_at"],
    )


def kind_of(secret: str) -> TokenKind | None:
    """What a secret opens, judged by its shape alone.

    >>> kind_of("ihub_" + "x" * 43), kind_of("ihs_" + "x" * 43), kind_of("password")
    (<TokenKind.API: 'API'>, <TokenKind.SESSION: 'SESSION'>, None)
    """
    return next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(secret)), None)


async def create_sign_in_code(operator_id: str, *, actor: str, events: EventLog) -> NewSecret:
    """Make the code of a link that signs a browser in: once, within ten minutes."""
    async with events.change(ACCESS, actor=actor) as change:
        operator = await get_active_operator(operator_id)
        secret = secrets.token_urlsafe(32)
        expires_at = change.at + CODE_LIFETIME
        code = SignInCode(operator_id=operator.id, digest=_digest(secret), expires_at=expires_at)
        await change.create(code, kind="SIGN_IN_CODE_CREATED")
        return NewSecret(code.id, secret, expires_at)


async def redeem_sign_in_code(code: str, *, events: EventLog) -> NewSecret | None:
    """Trade a code for a browser session; None for a code that is unknown, used or late."""
    async with events.change(ACCESS, actor=NOBODY) as change:
        row = await SignInCode.get_or_none(digest=_digest(code), used_at=None).prefetch_related("operator")
        if row is None or not _alive(row.expires_at, change.at) or not row.operator.active:
            return None
        await change.update(row, kind="SIGN_IN_CODE_USED", used_at=change.at)
        return await _issue(
            change,
            row.operator,
            TokenKind.SESSION,
            role=Role(row.operator.role),
            label="browser",
            expires_at=change.at + SESSION_LIFETIME,
        )


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
    await change.create(token, kind="TOKEN_CREATED")
    return NewSecret(token.id, secret, expires_at)


def _lower(one: Role, other: Role) -> Role:
    return other if one.includes(other) else one


def _alive(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is None or now < expires_at


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
