"""What the CRM says may repeat our password. No spelling of it reaches the database, the API or the logs."""

import html
import json
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from structlog.testing import capture_logs

from models import ActionAttempt, Operator, Ticket
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import CrmError
from services.crm.refusals import CrmDeclined
from services.errors import Refusal
from services.opportunities.generation import generate_opportunities
from services.vocabulary import TicketKind
from tests.support.hub import crm_variables, dump, generate, hub_over

A_SALE = 844018
"""A sale of the sample tenant that was not taken in."""

PASSWORD = 'caffè-"d\\oro"'
SPELLINGS = {
    PASSWORD,
    repr(PASSWORD)[1:-1],
    ascii(PASSWORD)[1:-1],
    json.dumps(PASSWORD)[1:-1],
    json.dumps(PASSWORD, ensure_ascii=False)[1:-1],
    json.dumps(json.dumps(PASSWORD))[3:-3],
    quote(PASSWORD),
    quote_plus(quote_plus(PASSWORD)),
    html.escape(PASSWORD),
}
ECHO = f"Rifiutato {' , '.join(sorted(SPELLINGS))} fine."
SCRUBBED = f"Rifiutato {' , '.join('***' for _ in SPELLINGS)} fine."


@pytest.fixture
def beginning(sold):
    return sold


async def giulia_and_her_ticket():
    return await Operator.get(name="Giulia"), await Ticket.get(kind=TicketKind.PARENT)


def access(sandbox, mode):
    return {"crm": crm_variables(replace(sandbox.settings, auth_mode=mode, password=PASSWORD))}


def everything_in(database):
    return "\n".join(
        str(value) for rows in dump(database, machinery=True).values() for row in rows for value in row
    )


def spelled_out(text):
    return [spelling for spelling in SPELLINGS if spelling in text]


@pytest.mark.parametrize("status", [400, 500])
async def test_a_create_that_fails_keeps_no_spelling_of_the_password(hub_url, sandbox, status):
    await sandbox.plan(
        "status", match={"action": "create"}, args={"status": status, "message": ECHO}, times=1
    )

    async with hub_over(hub_url, sandbox, **access(sandbox, AuthMode.KEY)) as hub:
        with capture_logs() as entries:
            giulia, parent = await giulia_and_her_ticket()
            await generate(hub, parent.id, actor=giulia.id)
        words = await ActionAttempt.filter(crm_words__contains="Rifiutato").values_list(
            "crm_words", flat=True
        )

    assert [SCRUBBED in one for one in words] == [True]
    assert spelled_out(everything_in(hub_url)) == []
    assert spelled_out(str(entries)) == []


async def test_a_refused_read_shows_no_spelling_of_the_password(hub_url, sandbox):
    await sandbox.plan("status", match={"controller": "Activity"}, args={"status": 403, "message": ECHO})

    async with hub_over(hub_url, sandbox, **access(sandbox, AuthMode.KEY)) as hub:
        giulia, _ = await giulia_and_her_ticket()
        with capture_logs() as entries, pytest.raises(CrmDeclined) as refusal:
            await hub.intake.import_activity(A_SALE, actor=giulia.id)

    assert refusal.value.crm_words == SCRUBBED
    assert spelled_out(str(entries)) == []


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_nothing_of_what_is_said_about_a_login_is_kept(hub_url, sandbox, status):
    await sandbox.revoke_tokens()
    await sandbox.plan(
        "status",
        match={"action": "login"},
        args={"status": status, "message": f"Rifiutato: comincia con {PASSWORD[:5]}"},
        times=None,
    )

    async with hub_over(hub_url, sandbox, **access(sandbox, AuthMode.LOGIN_AND_KEY)) as hub:
        giulia, parent = await giulia_and_her_ticket()
        with capture_logs() as entries:
            with pytest.raises((Refusal, CrmError)) as refusal:
                await hub.intake.import_activity(A_SALE, actor=giulia.id)
            await generate_opportunities(parent.id, actor=giulia.id, events=hub.events)
            [lane] = await hub.engine.due_lanes()
            await hub.engine.run_lane(lane)

    text = f"{everything_in(hub_url)} {entries} {refusal.value!r}"
    assert "Auth/Login" in text
    assert "Rifiutato" not in text
