"""What the demo's bar in the console can do to the CRM sandbox: record a sale, and make the CRM fail."""

from datetime import UTC, datetime
from http import HTTPStatus
from itertools import cycle

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.http_refusals import Refused, as_problem
from server.rest import Body, Endpoint, read_body
from server.sample import TENANT
from server.sandbox_control import SandboxControl

FAILURE = {
    "fault": "status",
    "args": {"status": 503, "message": "Servizio in manutenzione."},
    "times": None,
}
"""Every call fails until the plan of faults is cleared."""

SALES = (
    (408103, 2002, "Venduto lo Start Office Digital alla tessitura"),
    (408104, 2004, "Start Office Finance: contratto firmato da Logistica Adriatica"),
    (408106, 2003, "La vetreria ha firmato: Start Office Training"),
    (408109, 2005, "Firmato lo Start Office Sustainability con lo studio"),
    (408111, 2002, "Farmaceutica Lariana compra l'Incarico 24 Mesi"),
)


class CrmBody(Body):
    """`failing` says how the CRM is to be; without it the answer only says how it is."""

    failing: bool | None = None


def demo_routes(control: SandboxControl) -> list[Route]:
    """Return the routes of a demo with an embedded sandbox. They belong behind the gate."""

    sales = cycle(SALES)

    async def record_sale(request: Request) -> Response:
        await read_body(request, Body)
        company, owner, subject = next(sales)
        record = {
            "subTypeId": TENANT["intake_sub_type_id"],
            "type": TENANT["activity_type"],
            "state": TENANT["open_state"],
            "companyId": company,
            "ownerId": owner,
            "subject": subject,
            "activityDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        made = await control.post("records/Activity", record)
        return JSONResponse({"crmActivityId": str(made["id"]), "subject": subject}, HTTPStatus.CREATED)

    async def set_crm(request: Request) -> Response:
        body = await read_body(request, CrmBody)
        if body.failing is not None:
            await control.delete("faults")
            if body.failing:
                await control.post("faults", FAILURE)
        return JSONResponse({"failing": bool(await control.get("faults"))})

    return [
        Route("/demo/sales", _answering(record_sale), methods=["POST"]),
        Route("/demo/crm", _answering(set_crm), methods=["POST"]),
    ]


def _answering(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return as_problem(refused)

    return answer
