"""🟡 When it is refused, and which reasons lift a rule."""

import pytest

from models import Action, Service, TicketLine
from services.opportunities.generation import generate_opportunities
from services.tickets.cancellation import cancel_ticket
from tests.support.generated_opportunities import CODES, codes_in
from tests.support.hub import dump, generate
from tests.support.refusals import refusal_of


async def test_an_open_ticket_is_refused_and_writes_nothing(hub_url, press, parent):
    before = dump(hub_url)

    refusal = await refusal_of(press(parent))

    assert refusal.code == "TICKET_NOT_CLOSED"
    assert dump(hub_url) == before


async def test_an_open_ticket_goes_ahead_with_a_reason_which_is_kept(hub, sandbox, giulia, parent):
    await generate(hub, parent.id, actor=giulia.id, override_reason=" Il bando scade venerdì ")

    assert await codes_in(sandbox) == sorted(CODES)
    assert (await Action.get()).reason == "Il bando scade venerdì"


async def test_a_reason_that_was_not_needed_is_not_kept(press, closed_parent):
    assert (await press(closed_parent, override_reason="Per sicurezza")).reason is None


async def test_a_blank_reason_is_none(press, parent):
    assert (await refusal_of(press(parent, override_reason="  "))).code == "REASON_REQUIRED"


async def test_a_cancelled_ticket_is_refused_whatever_the_reason(hub, giulia, press, parent):
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    assert (await refusal_of(press(parent, override_reason="Comunque"))).code == "TICKET_CANCELLED"


async def test_a_child_is_refused(press, children):
    assert (await refusal_of(press(children[0]))).code == "NOT_A_PARENT"


async def test_a_ticket_without_lines_is_refused(press, closed_parent):
    await TicketLine.filter(ticket_id=closed_parent.id).delete()

    assert (await refusal_of(press(closed_parent))).code == "TICKET_WITHOUT_LINES"


@pytest.mark.parametrize(
    "workflow_code", [pytest.param(None, id="without one"), pytest.param("GONE", id="with one that is none")]
)
async def test_a_service_without_a_workflow_is_refused_by_name(hub_url, press, closed_parent, workflow_code):
    await Service.filter(code="KHW").update(workflow_code=workflow_code)
    before = dump(hub_url)

    refusal = await refusal_of(press(closed_parent))

    assert refusal.code == "SERVICE_WITHOUT_TEMPLATE"
    assert "KHW" in refusal.message
    assert dump(hub_url) == before


async def test_a_ticket_that_does_not_exist_is_refused(hub):
    refusal = await refusal_of(generate_opportunities("tck_none", actor="opr_1", events=hub.events))

    assert refusal.code == "UNKNOWN_TICKET"
