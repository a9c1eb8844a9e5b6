"""A preview writes nothing, in the CRM or here; only the call budget and the circuit count its calls."""

from typing import Any

from models import Opportunity
from tests.support.buttons import Button, calls_but_logins, codes
from tests.support.databases import dump
from tests.support.hub import BREMBATE, sell, take_in


async def test_previews_leave_no_trace(hub, hub_url, sandbox, giulia, children):
    parent = await take_in(hub, await sell(sandbox, "Start Office Training"), actor=giulia.id)
    shown = await Opportunity.get(child_ticket_id=children[0].id)
    await sandbox.add("Opportunity", title="Collaborazione", crossId=BREMBATE)
    before, records = _everything(hub_url), await _records(sandbox)
    calls = len(await sandbox.calls(""))

    for name, scope in (
        ("generateOpportunities", {"ticketId": parent.id, "override": "Subito"}),
        ("generateActivities", {"opportunityId": shown.id}),
        ("syncOpportunities", {"companyId": parent.company_id}),
        ("syncOpportunities", {"ticketId": parent.id}),
        ("syncOpportunities", {}),
    ):
        assert codes(await Button(hub, name, giulia.id, scope).preview()) == []

    assert _everything(hub_url) == before
    assert await _records(sandbox) == records
    asked = (await sandbox.calls(""))[calls:]
    assert {call["method"] for call in asked if not call["path"].endswith("Auth/Login")} == {"GET"}


async def test_the_check_sees_what_a_press_leaves(hub, hub_url, sandbox, giulia, parent):
    """The control: the same comparison after a real press."""
    before = _everything(hub_url)
    button = Button(hub, "generateOpportunities", giulia.id, {"ticketId": parent.id, "override": "Subito"})

    await button.run(None)

    after = _everything(hub_url)
    changed = {name for name in after if after[name] != before[name]}
    assert {"action", "action_item", "event", "opportunity"} <= changed
    assert "POST" in {method for method, _ in await calls_but_logins(sandbox)}


def _everything(path: Any) -> dict[str, Any]:
    """Every row of every table, but for what each call moves on: `free_at` and `succeeded_at`."""
    rows = dump(path, machinery=True)
    slots = [(name, *others) for name, _free_at, *others in rows["call_slot"]]
    circuits = [others for *others, _succeeded_at in rows["call_circuit"]]
    return rows | {"call_slot": slots, "call_circuit": circuits}


async def _records(sandbox):
    return {name: await sandbox.records(name) for name in ("Opportunity", "Activity", "Company")}
