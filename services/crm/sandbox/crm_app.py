"""The CRM's own address: a call is admitted, performed, answered and logged (§0 to §3)."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from aiohttp import web

from services.crm.sandbox.access import Access, Caller
from services.crm.sandbox.answers import Answer, ApiError
from services.crm.sandbox.delivery import DELIVERIES, Exchange, deliver, response_of
from services.crm.sandbox.operations import Call, Operations, read_call
from services.crm.sandbox.paths import Route, find_route
from services.crm.sandbox.resources import USER
from services.crm.sandbox.store import Store
from services.crm.sandbox.switchboard import FaultPlan, Switchboard

logger = logging.getLogger(__name__)

_WITH_BODY = frozenset({"login", "upsert", "create"})


class CrmApp:
    """The pipeline of one call, from the socket to the store and back."""

    def __init__(
        self,
        *,
        store: Store,
        board: Switchboard,
        plan: FaultPlan,
        access: Access,
        operations: Operations,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._board = board
        self._plan = plan
        self._access = access
        self._operations = operations
        self._clock = clock

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        call_id = self._log(request)
        status: int | None = None
        try:
            response = await self._guarded(request, call_id)
            status = response.status if request.transport and not request.transport.is_closing() else None
            return response
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 3)
            self._store.amend_call(call_id, status=status, duration_ms=milliseconds)

    def _log(self, request: web.Request) -> int:
        return self._store.log_call(
            at=self._clock().isoformat(timespec="microseconds"),
            method=request.method,
            path=request.path,
            query=_without_key(request.query.items()),
        )

    async def _guarded(self, request: web.Request, call_id: int) -> web.StreamResponse:
        """Always answer in JSON: a refusal as it is, a bug as a 500."""
        try:
            return await self._respond(request, call_id)
        except ApiError as error:
            return response_of(error.answer)
        except web.HTTPException as error:
            return response_of(Answer({"message": error.reason}, error.status))
        except ConnectionResetError:
            # The client gave up during a slow answer, so no one receives the rest.
            return web.Response()
        except Exception:
            logger.exception("%s %s failed inside the sandbox.", request.method, request.path)
            return response_of(Answer({"message": "An error has occurred."}, 500))

    async def _respond(self, request: web.Request, call_id: int) -> web.StreamResponse:
        switches, era = self._board.current(), self._board.era
        await asyncio.sleep(switches.latency_seconds)
        route = find_route(request.method, request.path)
        if route.resource is USER and switches.user_endpoints == "absent":
            raise ApiError(404, f"There is nothing at {request.path}.")
        body = await request.read()
        caller = self._admit(request, route)
        call = read_call(route, request.query, _json_object(body) if route.action in _WITH_BODY else {})
        self._store.amend_call(
            call_id, controller=route.controller, action=call.action, paid_by=caller.budget
        )
        self._access.check_scope(call.action)
        exchange = Exchange(
            request,
            perform=partial(self._perform, call, caller, call_id, era),
            revoke_tokens=self._access.revoke_tokens,
            duplicate_status=switches.duplicate_status,
        )
        return await self._deliver(exchange, route, call, call_id)

    def _admit(self, request: web.Request, route: Route) -> Caller:
        if route.action == "login":
            caller = self._access.identify_login(request.headers)
        else:
            caller = self._access.authenticate(request.headers, request.query)
        self._access.spend_call(caller)
        return caller

    def _perform(self, call: Call, caller: Caller, call_id: int, era: int) -> Answer:
        """Commit the call and its effect, or neither; a refusal is an answer like any other.

        A call from before a reset of the tenant is no longer performed.
        """
        if era != self._board.era:
            return ApiError(503, "The sandbox was reset meanwhile.").answer
        try:
            with self._store.transaction():
                answer = self._operations.perform(call, caller)
                if answer.effect is not None:
                    self._store.amend_call(call_id, effect=answer.effect)
                return answer
        except ApiError as error:
            return error.answer

    async def _deliver(
        self, exchange: Exchange, route: Route, call: Call, call_id: int
    ) -> web.StreamResponse:
        fault = self._plan.next_fault(
            method=exchange.request.method, controller=route.controller, action=call.action
        )
        if fault is None:
            return await deliver(exchange)
        self._store.amend_call(call_id, fault=fault.fault)
        return await DELIVERIES[fault.fault](exchange, fault.args)


def _without_key(parameters: Iterable[tuple[str, str]]) -> str:
    """Return a readable query without the key that one of the ways to authenticate puts there (§1)."""
    return "&".join(f"{name}={'***' if name.casefold() == 'apikey' else value}" for name, value in parameters)


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "The body is not valid JSON.") from error
    if not isinstance(parsed, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return parsed
