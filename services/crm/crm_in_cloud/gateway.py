"""The only way to CRM in Cloud: every request takes a call from the budget, logs in, is judged and is logged."""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self

import aiohttp
import structlog

from services.crm.breaker import AlwaysClosed
from services.crm.call_count import current_counter
from services.crm.crm_in_cloud.identity import Meeting, TenantGuard
from services.crm.crm_in_cloud.login import Login
from services.crm.crm_in_cloud.responses import Answer, Call, in_own_words, pause_for_all, read_answer
from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings
from services.crm.crm_in_cloud.tokens import TokenStore
from services.crm.crm_in_cloud.transport import exchange
from services.crm.errors import CrmError, CrmNotCalled, CrmRefused, LoginRefused
from services.crm.protocol import SLOT_LIFETIME, CallBudget, Circuit, Claim, Passage, Priority

LOGIN = "Auth/Login"
ME = "Auth/Me"

SERVER_UNREACHED = (502, 503, 504)
"""The statuses with which a proxy answers for an unreachable CRM."""

LONGEST_WORDS = 500
"""How many characters of the CRM's message about a failure are kept."""

CHECKED_FOR = 60.0
"""For how many seconds a record that was read may be updated. A wait for a call slot may take longer."""

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
"""Reads the record that is to be updated, and raises if nothing may be sent to it."""

OnAnswer = Callable[[Answer], None]
"""Called with every answer of the CRM, whether or not it is a failure."""


def _ignore(answer: Answer) -> None:
    return


@dataclass(frozen=True)
class Moment:
    """A moment by monotonic time and by the wall clock."""

    monotonic: float
    wall: datetime


@dataclass
class Slot:
    """The right to send one request, and when it was granted."""

    granted_at: Moment
    used: bool = False


class Gateway:
    """Sends calls to one CRM: within the budget, through the circuit breaker, and with a login that renews itself.

    A call ends in the JSON of its answer or in a CrmError. `on_answer` is called with every answer, also of a failure.
    The `guard` checks which tenant answers before the first call is sent to it, and again with each login.
    """

    def __init__(
        self,
        settings: CrmSettings,
        *,
        session: aiohttp.ClientSession,
        budget: CallBudget,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        tokens: TokenStore | None = None,
        circuit: Circuit | None = None,
        on_answer: OnAnswer = _ignore,
        guard: TenantGuard | None = None,
    ) -> None:
        self._settings = settings
        self._session = session
        self._budget = budget
        self._circuit = circuit or AlwaysClosed()
        self._clock = clock
        self._monotonic = monotonic
        self._on_answer = on_answer
        self._priority = Priority.BACKGROUND
        self._meeting = Meeting(settings, guard=guard, monotonic=monotonic)
        self._login = Login(token_lifetime=settings.token_lifetime, monotonic=monotonic, store=tokens)

    def with_priority(self, priority: Priority) -> Self:
        """Return the same gateway, with the same login, for calls of another priority."""
        view = copy.copy(self)
        view._priority = priority
        return view

    async def request(self, call: Call, *, claim: Claim | None = None) -> object:
        """Send a call that reads or creates, and return the JSON of its answer.

        The call is sent a second time in one case only: the CRM itself said that our token is not valid (any more).
        """
        if call.is_update:
            raise ValueError(f"{call} changes a record, so only `Gateway.update` may send it.")
        return await self._request(call, claim=claim)

    async def update(self, call: Call, *, check: Check, claim: Claim | None = None) -> object:
        """Send a call that changes a record, unless `check` reads the record and raises.

        The check must have ended at most `CHECKED_FOR` seconds ago, however long the wait for a call slot was.
        """
        await check()
        checked_at = self._moment()

        async def still_checked() -> None:
            if self._seconds_since(checked_at) > CHECKED_FOR:
                raise CrmNotCalled(
                    f"{call} was not sent: too much time has passed since its record was read."
                )
            if claim is not None:
                await claim()

        return await self._request(call, claim=still_checked)

    async def _request(self, call: Call, *, claim: Claim | None) -> object:
        if not self._settings.auth_mode.logs_in:
            await self._meet(None)
            return self._read(call, await self._send(call, await self._take_slot(), claim=claim))
        token, answer = await self._send_with_token(call, claim)
        if answer.status == 401:
            await self._login.forget(token)
            if in_own_words(answer) or not call.writes:
                token, answer = await self._send_with_token(call, claim)
        return self._read(call, answer, token=token)

    async def meet(self) -> None:
        """Check which tenant answers, and ask nothing else of it."""
        if self._settings.auth_mode.logs_in:
            slot = await self._take_slot()
            await self._meet(await self._login.token(partial(self._log_in, slot)))
        else:
            await self._meet(None)

    async def _meet(self, token: str | None) -> None:
        try:
            await self._meeting.check(token, partial(self._ask_who, token))
        except LoginRefused:
            if token is not None:
                await self._login.forget(token)
            raise

    async def _ask_who(self, token: str | None) -> object:
        call = Call("GET", ME)
        return self._read(call, await self._send(call, await self._take_slot(), token=token), token=token)

    async def _send_with_token(self, call: Call, claim: Claim | None) -> tuple[str, Answer]:
        """Send the call with a token.

        The token is checked after the slot was granted, because it may expire during the wait.
        """
        while True:
            slot = await self._take_slot()
            token = await self._login.token(partial(self._log_in, slot))
            await self._meet(token)
            if self._is_open(slot):
                return token, await self._send(call, slot, token=token, claim=claim)

    async def _log_in(self, slot: Slot, claim: Claim) -> object:
        credentials = {
            "grant_type": "password",
            "username": self._settings.username,
            "password": self._settings.password,
        }
        call = Call("POST", LOGIN, body=credentials)
        try:
            return self._read(call, await self._send(call, slot, claim=claim))
        except CrmRefused as refusal:
            raise LoginRefused(refusal.message, status=refusal.status) from None
        except CrmError as error:
            # A message about a login may repeat a part of the password, which no scrubber knows.
            error.crm_message = ""
            raise

    async def _take_slot(self) -> Slot:
        await self._circuit.check()
        current_counter().take()
        age = await self._budget.take(self._priority)
        return Slot(self._moment(ago=age))

    def _is_open(self, slot: Slot) -> bool:
        return not slot.used and self._seconds_since(slot.granted_at) <= SLOT_LIFETIME

    def _moment(self, *, ago: float = 0.0) -> Moment:
        return Moment(self._monotonic() - ago, self._clock() - timedelta(seconds=ago))

    def _seconds_since(self, moment: Moment) -> float:
        # Monotonic time stands still while a machine sleeps.
        wall_seconds = (self._clock() - moment.wall).total_seconds()
        return max(self._monotonic() - moment.monotonic, wall_seconds)

    async def _send(
        self, call: Call, slot: Slot, *, token: str | None = None, claim: Claim | None = None
    ) -> Answer:
        passage = await self._circuit.enter()
        if call.path not in (LOGIN, ME):
            await current_counter().sent()
        if claim is not None:
            await claim()
        if not self._is_open(slot):
            raise CrmNotCalled(f"{call} was not sent: its call slot had expired.")
        slot.used = True
        answer = await self._exchange(self._let_in(call), passage, headers=self._headers(token))
        self._on_answer(answer)
        if (pause := pause_for_all(answer, now=self._clock())) is not None:
            await self._budget.pause(pause)
        return answer

    async def _exchange(self, call: Call, passage: Passage, *, headers: dict[str, str]) -> Answer:
        started_at = self._monotonic()
        url = self._settings.address(call.path)
        outcome: str | int = "interrupted"
        try:
            answer = await exchange(self._session, call, url=url, headers=headers, settings=self._settings)
            outcome = answer.status
        except CrmError as error:
            outcome = type(error).__name__
            await passage.judge(reached=False)
            raise
        finally:
            elapsed_ms = round((self._monotonic() - started_at) * 1000)
            log.info("crm_call", method=call.method, path=call.path, outcome=outcome, ms=elapsed_ms)
        await passage.judge(
            reached=answer.status not in SERVER_UNREACHED, succeeded=200 <= answer.status < 300
        )
        return answer

    def _let_in(self, call: Call) -> Call:
        if self._settings.auth_mode is AuthMode.KEY_IN_QUERY:
            return replace(call, query={**call.query, "apikey": self._settings.api_key})
        return call

    def _headers(self, token: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        match self._settings.auth_mode:
            case AuthMode.LOGIN_AND_KEY:
                headers["WebApiKey"] = self._settings.api_key
            case AuthMode.KEY:
                headers["ApiKey"] = self._settings.api_key
            case AuthMode.KEY_AND_APPLICATION:
                headers["ApiKey"] = self._settings.api_key
                headers["Crm-ApplicationName"] = self._settings.application
        return headers

    def _read(self, call: Call, answer: Answer, *, token: str | None = None) -> object:
        try:
            return read_answer(call, answer, now=self._clock())
        except CrmError as error:
            error.crm_message = self._settings.without_secrets(error.crm_message, token=token)[:LONGEST_WORDS]
            raise
