"""The three buttons as plain HTTP, for triggers without GraphQL. Services, rights and problems are the same.

`{id}` is a global id, a code, or `crm:<id>`: the CRM activity that a ticket came from, or the CRM's opportunity.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models import Action, ActionItem
from server.http_refusals import Refused, as_problem
from services.actions import ActionRunning
from services.activities import generation as activities
from services.errors import InvalidInput, Refusal, TextTooLong
from services.events import EventLog
from services.operators import Viewer
from services.opportunities import generation as opportunities, sync as opportunity_sync
from services.planning.actions.plan_token import LONGEST as LONGEST_PLAN_TOKEN, PlanStale
from services.records import UnknownAction
from services.texts import LONGEST_REASON, is_storable
from services.vocabulary import Role

B = TypeVar("B", bound="Body")
Endpoint = Callable[[Request], Awaitable[Response]]

# An unknown row is 404; a running or changed one is 409; every other refusal is 422.
STATUSES = {ActionRunning.code: HTTPStatus.CONFLICT, PlanStale.code: HTTPStatus.CONFLICT}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: object) -> object:
        texts = value if isinstance(value, list) else [value]
        if not all(is_storable(text) for text in texts if isinstance(text, str)):
            raise ValueError("A text cannot hold the character NUL or half a surrogate pair")
        return value


class PlannedBody(Body):
    plan_token: str | None = Field(default=None, max_length=LONGEST_PLAN_TOKEN)


class GenerateBody(PlannedBody):
    ticket_line_ids: list[str] | None = None
    override: str | None = Field(default=None, max_length=LONGEST_REASON)


class SyncBody(PlannedBody):
    company_id: str | None = None
    ticket_id: str | None = None


def routes(events: EventLog) -> list[Route]:
    """Return the REST triggers, which belong behind the gate."""

    async def generate_opportunities(request: Request) -> Action:
        body = await read_body(request, GenerateBody)
        return await opportunities.generate_opportunities(
            request.path_params["id"],
            line_ids=body.ticket_line_ids,
            override_reason=body.override,
            plan_token=body.plan_token,
            actor=_operator(request),
            events=events,
        )

    async def sync_opportunities(request: Request) -> Action:
        body = await read_body(request, SyncBody)
        return await opportunity_sync.sync_opportunities(
            company_id=body.company_id,
            ticket_id=body.ticket_id,
            plan_token=body.plan_token,
            actor=_operator(request),
            events=events,
        )

    async def generate_activities(request: Request) -> Action:
        body = await read_body(request, PlannedBody)
        return await activities.generate_activities(
            request.path_params["id"],
            plan_token=body.plan_token,
            actor=_operator(request),
            events=events,
        )

    return [
        Route("/tickets/{id}/generate-opportunities", _press(generate_opportunities), methods=["POST"]),
        Route("/crm/sync-opportunities", _press(sync_opportunities), methods=["POST"]),
        Route("/opportunities/{id}/generate-activities", _press(generate_activities), methods=["POST"]),
        Route("/actions/{id}", _show_action, methods=["GET"]),
    ]


def _press(button: Callable[[Request], Awaitable[Action]]) -> Endpoint:
    """Answer 202 with the action and its address, or the problem."""

    async def endpoint(request: Request) -> Response:
        try:
            action = await button(request)
        except Refused as refused:
            return as_problem(refused)
        except Refusal as refusal:
            return as_problem(_as_refused(refusal))
        headers = {"Location": f"/actions/{action.id}"}
        return _json(await _as_json(action), HTTPStatus.ACCEPTED, headers)

    return endpoint


def _as_refused(refusal: Refusal) -> Refused:
    unknown = HTTPStatus.NOT_FOUND if refusal.code.startswith("UNKNOWN_") else HTTPStatus.UNPROCESSABLE_ENTITY
    headers = {"Location": f"/actions/{refusal.action_id}"} if isinstance(refusal, ActionRunning) else None
    return Refused(STATUSES.get(refusal.code, unknown), refusal.code, refusal.message, headers)


async def _show_action(request: Request) -> Response:
    named = request.path_params["id"]
    action = await Action.get_or_none(id=named)
    if action is None:
        return as_problem(_as_refused(UnknownAction("There is no such action.")))
    return _json(await _as_json(action))


def _operator(request: Request) -> str:
    viewer: Viewer = request.state.viewer
    if not viewer.role.includes(Role.OPERATOR):
        raise Refused(HTTPStatus.FORBIDDEN, "FORBIDDEN", f"This requires the role {Role.OPERATOR}.")
    return viewer.operator_id


async def read_body(request: Request, shape: type[B]) -> B:
    """Return the body of an operator's request, or raise what refuses it."""
    _operator(request)
    return await parse_body(request, shape)


async def parse_body(request: Request, shape: type[B]) -> B:
    """Return the body of a request, or raise what refuses it."""
    try:
        return shape.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "body"
        code = TextTooLong.code if problem["type"] == "string_too_long" else InvalidInput.code
        raise Refused(HTTPStatus.BAD_REQUEST, code, f"{where}: {problem['msg']}.") from None


async def _as_json(action: Action) -> dict[str, Any]:
    items = await ActionItem.filter(action_id=action.id).order_by("position")
    return {
        "id": action.id,
        "kind": action.kind,
        "status": action.status,
        "itemCount": action.item_count,
        "finishedCount": action.finished_count,
        "attentionCount": action.attention_count,
        "createdAt": action.created_at,
        "finishedAt": action.finished_at,
        "items": [
            {
                "id": item.id,
                "kind": item.kind,
                "label": item.label,
                "reference": item.reference,
                "state": item.state,
                "outcome": item.outcome,
                "explanation": item.explanation,
                "crmWords": item.crm_words,
                "crmId": item.crm_id,
            }
            for item in items
        ],
    }


def _json(body: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")
