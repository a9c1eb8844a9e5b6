"""The one way to CRM in Cloud: every request takes a call from the budget, is let in, is judged and is logged."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self

import aiohttp
import structlog

from services.crm.answers import Answer, Call, in_own_words, pause_for_all, read_answer
from services.crm.breaker import AlwaysClosed
from services.crm.errors import CrmError, CrmNotCalled, CrmRefused, LoginRefused
from services.crm.login import Login
from services.crm.protocol import SLOT_LIFETIME, CallBudget, Circuit, Claim, Passage, Priority
from services.crm.settings import AuthMode, CrmSettings
from services.crm.tally import current_tally
from services.crm.tokens import TokenStore
from services.crm.transport import exchange

LOGIN = "Auth/Login"

NOBODY_BEHIND = (502, 503, 504)
"""What somebody answers in the CRM's place, because it is not there."""

LONGEST_WORDS = 500
"""How many characters are kept of what the CRM says about a failure."""

log = structlog.get_logger(__name__)

Hear = Callable[[Answer], None]
"""Is told every answer of the CRM, whatever is made of it."""


def _deaf(answer: Answer) -> None:
    return


@dataclass
class Turn:
    """The right to send one request, and when it was granted: by monotonic time, and by the clock on the wall."""

    granted_at: float
    wall_granted_at: datetime
    used: bool = False


class Door:
    """Sends calls to one CRM: each within the budget, past the breaker, and with a login that is renewed by itself.

    A call ends in the JSON of its answer or in a CrmError. `hear` is told every answer, whatever is made of it.
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
        hear: Hear = _deaf,
    ) -> None:
        self._settings = settings
        self._session = session
        self._budget = budget
        self._circuit = circuit or AlwaysClosed()
        self._clock = clock
        self._monotonic = monotonic
        self._hear = hear
        self._priority = Priority.BACKGROUND
        self._login = Login(token_lifetime=settings.token_lifetime, monotonic=monotonic, store=tokens)

    def with_priority(self, priority: Priority) -> Self:
        """The same door, with the same login, for calls of another priority."""
        view = copy.copy(self)
        view._priority = priority
        return view

    async def request(self, call: Call, *, claim: Claim | None = None) -> object:
        """Send the call and return the JSON of its answer.

        It is sent a second time in one case only: the CRM itself said that our token is not valid (any more).
        """
        if not self._settings.auth_mode.logs_in:
            return self._read(call, await self._send(call, await self._turn(), claim=claim))
        token, answer = await self._send_with_token(call, claim)
        if answer.status == 401:
            await self._login.forget(token)
            if in_own_words(answer) or not call.writes:
                token, answer = await self._send_with_token(call, claim)
        return self._read(call, answer, token=token)

    async def _send_with_token(self, call: Call, claim: Claim | None) -> tuple[str, Answer]:
        """Tokens are looked at when the turn has come: waiting for it may take longer than one lives."""
        while True:
            turn = await self._turn()
            token = await self._login.token(partial(self._log_in, turn))
            if self._is_open(turn):
                return token, await self._send(call, turn, token=token, claim=claim)

    async def _log_in(self, turn: Turn, claim: Claim) -> object:
        credentials = {
            "grant_type": "password",
            "username": self._settings.username,
            "password": self._settings.password,
        }
        call = Call("POST", LOGIN, body=credentials)
        try:
            return self._read(call, await self._send(call, turn, claim=claim))
        except CrmRefused as refusal:
            raise LoginRefused(
                refusal.message, status=refusal.status, crm_message=refusal.crm_message
            ) from None

    async def _turn(self) -> Turn:
        await self._circuit.check()
        current_tally().spend()
        age = await self._budget.take(self._priority)
        return Turn(self._monotonic() - age, self._clock() - timedelta(seconds=age))

    def _is_open(self, turn: Turn) -> bool:
        # Monotonic time stands still while a machine sleeps.
        wall_age = (self._clock() - turn.wall_granted_at).total_seconds()
        return not turn.used and max(self._monotonic() - turn.granted_at, wall_age) <= SLOT_LIFETIME

    async def _send(
        self, call: Call, turn: Turn, *, token: str | None = None, claim: Claim | None = None
    ) -> Answer:
        passage = await self._circuit.enter()
        if call.path != LOGIN:
            await current_tally().leave()
        if claim is not None:
            await claim()
        if not self._is_open(turn):
            raise CrmNotCalled(f"{call} was not sent: its turn had passed.")
        turn.used = True
        answer = await self._exchange(self._let_in(call), passage, headers=self._headers(token))
        self._hear(answer)
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
        await passage.judge(reached=answer.status not in NOBODY_BEHIND)
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
