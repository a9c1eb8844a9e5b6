"""Credentials that the CRM refuses are a passing trouble: work waits, and goes on once it accepts them."""

from collections import Counter
from dataclasses import replace

import pytest

from models import ActionAttempt, Operator, Ticket
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.refusals import CrmDidNotAnswer
from services.vocabulary import AttemptResult, ItemOutcome, TicketKind
from tests.support.hub import crm_variables, enlarge, generate, hub_over

A_SALE = 844018
"""A sale of the sample tenant that was not taken in."""

ITEMS = 20
REFUSALS = 3


@pytest.fixture
def beginning(sold):
    return sold


@pytest.mark.parametrize(
    ("mode", "match", "status"),
    [
        pytest.param(AuthMode.LOGIN_AND_KEY, {"action": "login"}, 400, id="a refused password"),
        pytest.param(AuthMode.LOGIN_AND_KEY, {"action": "login"}, 401, id="a refused key at the login"),
        pytest.param(AuthMode.KEY, {}, 401, id="a refused key"),
        pytest.param(AuthMode.KEY, {"action": "create"}, 401, id="a key refused for a create"),
    ],
)
async def test_twenty_items_wait_and_go_on(hub_url, sandbox, monkeypatch, mode, match, status):
    monkeypatch.setattr("services.crm.errors.LOGIN_PAUSE", 0.05)
    async with hub_over(
        hub_url, sandbox, crm=crm_variables(replace(sandbox.settings, auth_mode=mode))
    ) as hub:
        giulia, parent = await Operator.get(name="Giulia"), await Ticket.get(kind=TicketKind.PARENT)
        await enlarge(parent, ITEMS)
        await sandbox.revoke_tokens()
        await sandbox.plan(
            "status", match=match, args={"status": status, "message": "Accesso negato"}, times=REFUSALS
        )

        items = await generate(hub, parent.id, actor=giulia.id)
        refused = await ActionAttempt.filter(result=AttemptResult.LOGIN_REFUSED)

    assert Counter(item.outcome for item in items) == {ItemOutcome.CREATED: ITEMS}
    assert len(refused) >= REFUSALS
    assert not any("Accesso negato" in (one.crm_words or "") for one in refused)


async def test_a_refused_login_is_not_repeated_before_its_pause_is_over(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        giulia = await Operator.get(name="Giulia")
        await sandbox.revoke_tokens()
        await sandbox.plan("status", match={"action": "login"}, args={"status": 400}, times=None)
        before = len(await sandbox.calls("Login"))

        for _ in range(3):
            with pytest.raises(CrmDidNotAnswer, match="Auth/Login was refused with 400"):
                await hub.intake.import_activity(A_SALE, actor=giulia.id)

    assert len(await sandbox.calls("Login")) - before == 1
