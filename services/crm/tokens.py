"""Where the CRM's token is kept: in this process, or in a row that all processes over one database share."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from uuid import uuid4

from models.postgres import PostgresClient
from services.crm.settings import CrmSettings


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token, and for how many seconds calls may still begin with it."""

    token: str = field(repr=False)
    life: float


class TokenStore(Protocol):
    async def read(self) -> KeptToken | None:
        """The token that is there for everybody."""

    async def is_claimed(self) -> bool:
        """Whether somebody logs in at this moment; asking costs no call, as trying to would."""

    async def claim(self) -> bool:
        """Become the only one who logs in; False where there is a token by now, or somebody else is at it."""

    async def keep(self, kept: KeptToken) -> None:
        """End the claim with a token."""

    async def give_up(self) -> None:
        """End the claim without one."""

    async def forget(self, token: str) -> None:
        """The CRM does not accept the token any more; another one in its place stays."""


class OwnTokens:
    """The store of a process that works alone: whoever logs in holds the token already."""

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
    """One row of PostgreSQL, by the server's clock. A claim ends by itself once its login cannot succeed any more."""

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

    async def _run(self, words: str, *values: object) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._client.execute_query_dict(words, [self._account, *values])
        return rows
