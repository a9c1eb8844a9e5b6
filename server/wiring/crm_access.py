"""The way to the CRM: its client, and the budget, circuit and login that all processes share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from time import monotonic

from aiohttp import ClientSession

from models.database import shared_client
from models.postgres import server_time
from server.settings import Settings
from services.actions import CallLimiter, CallRate
from services.crm.breaker import Breaker
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.gateway import Gateway, OnAnswer
from services.crm.crm_in_cloud.identity import TenantGuard
from services.crm.crm_in_cloud.profile import TenantProfile, strategy_of
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.tokens import OwnTokens, SharedTokens, TokenStore
from services.crm.crm_in_cloud.transport import open_session
from services.crm.protocol import SLOT_LIFETIME, Crm, Priority


@asynccontextmanager
async def open_gateway(
    settings: Settings,
    tenant: CrmSettings,
    *,
    clock: Callable[[], datetime],
    on_answer: OnAnswer,
    guard: TenantGuard,
    tokens: TokenStore | None = None,
) -> AsyncIterator[Gateway]:
    """Open a gateway to the CRM for a caller who waits, over an open database and beside any running hub.

    It uses the token that all processes share, unless it is given `tokens` of its own.
    """
    async with open_session(tenant) as session:
        gateway = Gateway(
            tenant,
            session=session,
            budget=_call_budget(settings, clock),
            clock=clock,
            monotonic=monotonic,
            tokens=tokens or _token_store(tenant),
            on_answer=on_answer,
            guard=guard,
        )
        yield gateway.with_priority(Priority.INTERACTIVE)


def crm_client(
    settings: Settings,
    tenant: CrmSettings,
    profile: TenantProfile | None,
    session: ClientSession,
    clock: Callable[[], datetime],
    guard: TenantGuard,
) -> Crm:
    return CrmInCloudClient(
        tenant,
        session=session,
        budget=_call_budget(settings, clock),
        clock=clock,
        monotonic=monotonic,
        tokens=_token_store(tenant),
        circuit=circuit_of(settings, clock),
        strategy=strategy_of(profile, tenant),
        guard=guard,
    )


def call_rate(settings: Settings) -> CallRate:
    """Return the configured calls a minute, spaced so that delays never bunch too many together."""
    return CallRate(settings.crm_calls_per_minute, jitter=SLOT_LIFETIME + settings.crm.connect_limit)


def _call_budget(settings: Settings, clock: Callable[[], datetime]) -> CallLimiter:
    return CallLimiter(call_rate(settings), clock=shared_clock(clock))


def circuit_of(settings: Settings, clock: Callable[[], datetime]) -> Breaker:
    return Breaker(failures=settings.breaker_failures, seconds=settings.breaker_seconds, clock=clock)


def shared_clock(clock: Callable[[], datetime]) -> Callable[[], Awaitable[datetime]]:
    """Return the time of the database server, which is the same for all users of the call budget (decision 0032)."""
    if client := shared_client():
        return partial(server_time, client)

    async def own() -> datetime:
        return clock()

    return own


def _token_store(tenant: CrmSettings) -> TokenStore:
    client = shared_client()
    return SharedTokens(client, tenant) if client else OwnTokens()
