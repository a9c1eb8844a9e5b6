"""Where the CRM's token is kept: in this process, or in a row shared by all processes over one database."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from uuid import uuid4

from models.postgres import PostgresClient
from services.crm.crm_in_cloud.settings import CrmSettings

RENEWED_AFTER = 0.8
"""The share of a token's life after which no new call uses it."""


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token, and for how many seconds new calls may still use it."""

    token: str = field(repr=False)
    life: float


class TokenStore(Protocol):
    async def read(self) -> KeptToken | None:
        """Return the shared token."""

    async def is_claimed(self) -> bool:
        """Whether another caller is logging in now. Asking costs no call, unlike a try."""

    async def claim(self) -> bool:
        """Become the only one to log in. Return False if there is a token by now or another caller is logging in."""

    async def keep(self, kept: KeptToken) -> None:
        """End the claim with a token."""

    async def give_up(self) -> None:
        """End the claim without a token."""

    async def forget(self, token: str) -> None:
        """Drop the token because the CRM no longer accepts it. A newer token in its place stays."""


class OwnTokens:
    """The store of a process that works alone. `Login` itself holds the token."""

    async def read(self) -> KeptToken | None:
        return None

    async def is_claimed(self) -> bool:
        return False

    async def claim(self) -> bool:
        return True

    async def keep(self, kept: KeptToken) -> None:
        pass

    async def give_up(self) -> None:
        pass

    async def forget(self, token: str) -> None:
        pass


class SharedTokens:
    """One row of PostgreSQL, by the server's clock. A claim lapses once its login can no longer succeed."""

    def __init__(self, client: PostgresClient, settings: CrmSettings) -> None:
        self._client = client
        self._account = sha256(f"{settings.username} at {settings.base_url}".encode()).hexdigest()
        self._patience = settings.time_limit + 1.0
        self._claim_id = ""

    async def read(self) -> KeptToken | None:
        rows = await self._run(
            "SELECT token, extract(epoch FROM renew_at - clock_timestamp())::float8 AS life FROM crm_login "
            "WHERE account = $1 AND token IS NOT NULL AND renew_at > clock_timestamp()"
        )
        return KeptToken(rows[0]["token"], rows[0]["life"]) if rows else None

    async def is_claimed(self) -> bool:
        return bool(
            await self._run(
                "SELECT 1 FROM crm_login WHERE account = $1 AND claimed_until > clock_timestamp()"
            )
        )

    async def claim(self) -> bool:
        self._claim_id = str(uuid4())
        rows = await self._run(
            "INSERT INTO crm_login AS kept (account, claim_id, claimed_until) "
            "VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) "
            "ON CONFLICT (account) DO UPDATE "
            "SET token = NULL, claim_id = excluded.claim_id, claimed_until = excluded.claimed_until "
            "WHERE (kept.token IS NULL OR kept.renew_at <= clock_timestamp()) "
            "AND (kept.claimed_until IS NULL OR kept.claimed_until <= clock_timestamp()) "
            "RETURNING kept.account",
            self._claim_id,
            self._patience,
        )
        return bool(rows)

    async def keep(self, kept: KeptToken) -> None:
        await self._run(
            "UPDATE crm_login SET token = $3, renew_at = clock_timestamp() + make_interval(secs => $4), "
            "claim_id = NULL, claimed_until = NULL WHERE account = $1 AND claim_id = $2",
            self._claim_id,
            kept.token,
            kept.life,
        )

    async def give_up(self) -> None:
        await self._run(
            "UPDATE crm_login SET claim_id = NULL, claimed_until = NULL WHERE account = $1 AND claim_id = $2",
            self._claim_id,
        )

    async def forget(self, token: str) -> None:
        await self._run("UPDATE crm_login SET token = NULL WHERE account = $1 AND token = $2", token)

    async def _run(self, sql: str, *values: object) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._client.execute_query_dict(sql, [self._account, *values])
        return rows


def claims_of(token: str) -> dict[str, object]:
    """Return the claims of a JWT, unverified; nothing for any other token.

    >>> claims_of("e30.eyJDdXN0b21lcklkIjogIjMxIn0.c2ln"), claims_of("opaque")
    ({'CustomerId': '31'}, {})
    """
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def lifetime_of(token: str) -> float | None:
    """Return the seconds between a JWT's issue and its expiry, unverified; None if it does not state them.

    >>> lifetime_of("e30.eyJpYXQiOiAxMDAsICJleHAiOiAxMzAwfQ.c2ln")
    1200.0
    >>> lifetime_of("opaque") is None
    True
    """
    claims: dict[str, Any] = claims_of(token)
    try:
        lifetime = float(claims["exp"]) - float(claims["iat"])
    except (KeyError, TypeError, ValueError):
        return None
    return lifetime if lifetime > 0 else None
