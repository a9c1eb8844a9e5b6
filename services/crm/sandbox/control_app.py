"""The control address: how tests and demos arrange the sandbox, kept apart from the CRM's own paths (§7)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from services.crm.sandbox.access import Access
from services.crm.sandbox.answers import Answer, ApiError
from services.crm.sandbox.delivery import response_of
from services.crm.sandbox.faults import Fault
from services.crm.sandbox.resources import BY_SEGMENT, RESOURCES, Resource
from services.crm.sandbox.store import Store
from services.crm.sandbox.switchboard import FaultPlan, Switchboard
from services.crm.sandbox.tenant import Tenant

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ResetOrder(BaseModel):
    """What is left after a reset: nothing, or fresh sample data."""

    model_config = ConfigDict(extra="forbid")

    seed: bool = False


class MergeOrder(BaseModel):
    """The record that survives."""

    model_config = ConfigDict(extra="forbid")

    into: int


class ControlApp:
    """Arrange switches, faults and records, and read the log of calls."""

    def __init__(
        self,
        *,
        store: Store,
        board: Switchboard,
        plan: FaultPlan,
        access: Access,
        tenant: Tenant,
        plant_sample: Callable[[], None],
        author: int,
    ) -> None:
        self._store = store
        self._board = board
        self._plan = plan
        self._access = access
        self._tenant = tenant
        self._plant_sample = plant_sample
        self._author = author

    def application(self) -> web.Application:
        application = web.Application(middlewares=[_answer_in_json])
        application.add_routes(
            [
                web.get("/control/switches", self._read_switches),
                web.patch("/control/switches", self._change_switches),
                web.get("/control/faults", self._list_faults),
                web.post("/control/faults", self._plan_faults),
                web.delete("/control/faults", self._clear_faults),
                web.get("/control/calls", self._list_calls),
                web.delete("/control/calls", self._clear_calls),
                web.delete("/control/tokens", self._revoke_tokens),
                web.post("/control/reset", self._reset),
                web.get("/control/records/{resource}", self._list_records),
                web.post("/control/records/{resource}", self._create_record),
                web.get(r"/control/records/{resource}/{id:\d{1,18}}", self._read_record),
                web.patch(r"/control/records/{resource}/{id:\d{1,18}}", self._change_record),
                web.delete(r"/control/records/{resource}/{id:\d{1,18}}", self._delete_record),
                web.post(r"/control/records/{resource}/{id:\d{1,18}}/merge", self._merge_record),
            ]
        )
        return application

    # Switches, faults, calls, tokens

    async def _read_switches(self, _: web.Request) -> web.Response:
        return _json(self._board.current().model_dump(mode="json"))

    async def _change_switches(self, request: web.Request) -> web.Response:
        return _json(self._board.change(await _object_in(request)).model_dump(mode="json"))

    async def _list_faults(self, _: web.Request) -> web.Response:
        return _json(self._plan.listed())

    async def _plan_faults(self, request: web.Request) -> web.Response:
        """Add one fault or a list of them to the end of the plan, all or none."""
        sent = await _json_in(request)
        faults = [Fault.model_validate(fault) for fault in (sent if isinstance(sent, list) else [sent])]
        with self._store.transaction():
            return _json([self._plan.add(fault) for fault in faults], status=201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._plan.clear()
        return web.Response(status=204)

    async def _list_calls(self, _: web.Request) -> web.Response:
        return _json(self._store.list_calls())

    async def _clear_calls(self, _: web.Request) -> web.Response:
        self._store.empty(["calls"])
        return web.Response(status=204)

    async def _revoke_tokens(self, _: web.Request) -> web.Response:
        self._access.revoke_tokens()
        return web.Response(status=204)

    async def _reset(self, request: web.Request) -> web.Response:
        """Drop records, calls, tokens, faults and switches; ids continue from where they were."""
        order = ResetOrder.model_validate(await _object_in(request) if request.can_read_body else {})
        with self._store.transaction():
            self._store.empty(
                [*(resource.table for resource in RESOURCES.values()), "calls", "token", "fault", "merger"]
            )
            self._board.reset()
            self._access.forget_calls()
            if order.seed:
                self._plant_sample()
        return web.Response(status=204)

    # Records, changed as a user of the CRM would

    async def _list_records(self, request: web.Request) -> web.Response:
        resource = _resource_in(request)
        rows = self._store.list_records(resource.table)
        return _json([self._tenant.rendered(resource, row.body) for row in rows if row.deleted_at is None])

    async def _read_record(self, request: web.Request) -> web.Response:
        return _json(self._tenant.get(_resource_in(request), _id_in(request)))

    async def _create_record(self, request: web.Request) -> web.Response:
        resource, sent = _resource_in(request), await _object_in(request)
        with self._store.transaction():
            record_id = self._tenant.create(resource, sent, author=self._author)
        return _json(self._tenant.get(resource, record_id), status=201)

    async def _change_record(self, request: web.Request) -> web.Response:
        resource, sent = _resource_in(request), await _object_in(request)
        with self._store.transaction():
            self._tenant.update(resource, _id_in(request), sent, author=self._author)
        return _json(self._tenant.get(resource, _id_in(request)))

    async def _delete_record(self, request: web.Request) -> web.Response:
        with self._store.transaction():
            self._tenant.delete(_resource_in(request), _id_in(request))
        return web.Response(status=204)

    async def _merge_record(self, request: web.Request) -> web.Response:
        order = MergeOrder.model_validate(await _object_in(request))
        with self._store.transaction():
            self._tenant.merge(_resource_in(request), _id_in(request), order.into)
        return web.Response(status=204)


@web.middleware
async def _answer_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return response_of(error.answer)
    except ValidationError as error:
        return _json({"message": "The body is not valid.", "problems": _problems(error)}, status=400)
    except web.HTTPException as error:
        return _json({"message": error.reason}, status=error.status)


def _problems(error: ValidationError) -> list[Mapping[str, str]]:
    return [
        {"at": ".".join(map(str, problem["loc"])), "message": problem["msg"]} for problem in error.errors()
    ]


def _json(payload: Any, *, status: int = 200) -> web.Response:
    return response_of(Answer(payload, status))


async def _json_in(request: web.Request) -> Any:
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "The body is not valid JSON.") from error


async def _object_in(request: web.Request) -> dict[str, Any]:
    sent = await _json_in(request)
    if not isinstance(sent, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return sent


def _resource_in(request: web.Request) -> Resource:
    named = request.match_info["resource"]
    resource = BY_SEGMENT.get(named.casefold())
    if resource is None:
        raise ApiError(404, f"There is no resource {named}.")
    return resource


def _id_in(request: web.Request) -> int:
    return int(request.match_info["id"])
