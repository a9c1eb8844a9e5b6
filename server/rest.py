"""The three buttons as plain HTTP, for triggers that speak no GraphQL; the same services, rights and problems.

`{id}` is a global id, a code, or `crm:<id>`: the CRM activity that a ticket came from, or the CRM's opportunity.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models import Action, ActionItem, CrmActivity, Opportunity, Ticket
from server.refused import Refused, as_problem
from services import activities, opportunities, opportunity_sync
from services.actions import ActionRunning, UnknownAction
from services.errors import Refusal
from services.events import EventLog
from services.operators import Viewer
from services.planning.plan_token import PlanStale
from services.vocabulary import Role

B = TypeVar("B", bound="Body")
Endpoint = Callable[[Request], Awaitable[Response]]

# What is not there is 404, what is at work or has changed already 409; everything else that is declined is 422.
STATUSES = {ActionRunning.code: HTTPStatus.CONFLICT, PlanStale.code: HTTPStatus.CONFLICT}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class PlannedBody(Body):
    plan_token: str | None = None


class GenerateBody(PlannedBody):
    ticket_line_ids: list[str] | None = None
    override: str | None = None


class SyncBody(PlannedBody):
    company_id: str | None = None
    ticket_id: str | None = None


def routes(events: EventLog) -> list[Route]:
    """The REST triggers, to be put behind the gate."""

    async def generate_opportunities(request: Request) -> Action:
        body = await _body(request, GenerateBody)
        return await opportunities.generate_opportunities(
            await _ticket_id(request.path_params["id"]),
            line_ids=body.ticket_line_ids,
            override_reason=body.override,
            plan_token=body.plan_token,
            actor=_operator(request),
            events=events,
        )

    async def sync_opportunities(request: Request) -> Action:
        body = await _body(request, SyncBody)
        return await opportunity_sync.sync_opportunities(
            company_id=body.company_id,
            ticket_id=body.ticket_id and await _ticket_id(body.ticket_id),
            plan_token=body.plan_token,
            actor=_operator(request),
            events=events,
        )

    async def generate_activities(request: Request) -> Action:
        body = await _body(request, PlannedBody)
        return await activities.generate_activities(
            await _opportunity_id(request.path_params["id"]),
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
    """Answer 202 with the action and where to follow it, or the problem."""

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
    action = await Action.get_or_none(id=request.path_params["id"])
    if action is None:
        return as_problem(_as_refused(UnknownAction("There is no such action.")))
    return _json(await _as_json(action))


def _operator(request: Request) -> str:
    viewer: Viewer = request.state.viewer
    if not viewer.role.includes(Role.OPERATOR):
        raise Refused(HTTPStatus.FORBIDDEN, "FORBIDDEN", f"This takes the role {Role.OPERATOR}.")
    return viewer.operator_id


async def _body(request: Request, shape: type[B]) -> B:
    _operator(request)
    try:
        return shape.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "body"
        raise Refused(HTTPStatus.BAD_REQUEST, "BAD_USER_INPUT", f"{where}: {problem['msg']}.") from None


async def _ticket_id(named: str) -> str:
    """The id of the ticket that is named; a name that leads nowhere is handed on, to be declined."""
    if named.startswith("crm:"):
        source = await CrmActivity.get_or_none(crm_id=_number(named), role="SOURCE")
        return (source and source.ticket_id) or named
    ticket = await Ticket.get_or_none(code=named)
    return ticket.id if ticket else named


async def _opportunity_id(named: str) -> str:
    if named.startswith("crm:"):
        opportunity = await Opportunity.get_or_none(crm_id=_number(named))
    else:
        opportunity = await Opportunity.filter(code=named).first()
    return opportunity.id if opportunity else named


def _number(named: str) -> int:
    digits = named.removeprefix("crm:")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else -1


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
                "crmId": item.crm_id,
            }
            for item in items
        ],
    }


def _json(body: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")
