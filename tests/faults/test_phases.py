"""Where in an item's life an instant lies."""

from typing import Any

import pytest

from tests.faults.evidence import Call, Evidence, Ledger, Record, Struck
from tests.faults.phases import Phase, phases_struck
from tests.faults.plan import Blow, Plan

CODE = "TCK-SOT-1-01"
ITEM = {
    "id": "itm_1",
    "kind": "CREATE_OPPORTUNITY",
    "reference": CODE,
    "scope": "crossId eq 9",
    "created_at": 1.0,
    "finished_at": 7.0,
}


def call(action: str, at: float, ended_at: float, **details: Any) -> Call:
    ordinary: dict[str, Any] = {"query": "crossId eq 9", "effect": None, "fault": None}
    return Call(at, ended_at, "Opportunity", action, **{**ordinary, **details})


def life(*, calls: list[Call], struck: list[Struck], finished_at: float | None = 7.0) -> Evidence:
    return Evidence(
        plan=Plan("killed", 1),
        wanted=[],
        children=[],
        followed=[],
        answered=[],
        ledger=Ledger(
            actions=[],
            items=[{**ITEM, "finished_at": finished_at}],
            attempts=[
                {"item_id": "itm_1", "step": "SEND", "started_at": 4.0, "ended_at": None, "result": None}
            ],
            events=[{"item_id": "itm_1", "kind": "ITEM_CLAIMED", "occurred_at": 4.0}],
            tasks=[],
            links=[],
            children={},
        ),
        records=[Record("opportunity", 1, CODE, CODE, written_at=5.5, body={})],
        calls=calls,
        struck=struck,
        log="",
    )


# Looked up from 2 to 3, claimed at 4, at the CRM from 5, written at 5.5, answered at 6, recorded at 7.
UNDISTURBED = [call("search", 2.0, 3.0), call("create", 5.0, 6.0, effect="created opportunity 1")]


@pytest.mark.parametrize(
    ("instant", "phase"),
    [
        pytest.param(1.5, Phase.PLANNED, id="planned"),
        pytest.param(2.5, Phase.LOOKING, id="looking up"),
        pytest.param(3.5, Phase.LOOKED, id="looked up"),
        pytest.param(4.5, Phase.CLAIMED, id="claimed"),
        pytest.param(5.2, Phase.SENDING, id="at the CRM"),
        pytest.param(5.7, Phase.WRITTEN, id="written"),
        pytest.param(6.2, Phase.ANSWERED, id="answered"),
        pytest.param(6.9, Phase.IN_DOUBT, id="the answer is long gone"),
        pytest.param(7.5, Phase.RECORDED, id="recorded"),
    ],
)
def test_a_kill_is_counted_in_the_phase_that_it_struck(instant: float, phase: Phase):
    evidence = life(calls=UNDISTURBED, struck=[Struck(Blow.KILL, instant, instant)])

    assert phases_struck(evidence) == {phase: 1}


def test_what_was_not_planned_yet_is_not_struck():
    assert not phases_struck(life(calls=UNDISTURBED, struck=[Struck(Blow.KILL, 0.5, 0.5)]))


@pytest.mark.parametrize(
    ("struck", "phase"),
    [
        pytest.param(call("search", 2.0, 2.1, fault="drop_before"), Phase.LOOKING, id="a look-up"),
        pytest.param(call("create", 5.0, 5.1, fault="drop_before"), Phase.SENDING, id="before it wrote"),
        pytest.param(
            call("create", 5.0, 6.0, effect="created opportunity 1", fault="commit_then_drop"),
            Phase.WRITTEN,
            id="after it wrote",
        ),
        pytest.param(
            call("create", 5.0, 6.5, effect="created opportunity 1", fault="delay_then_commit"),
            Phase.SENDING,
            id="it wrote when no one waited any more",
        ),
        pytest.param(call("update", 6.0, 6.1, fault="empty_body"), Phase.TALKING, id="an update"),
    ],
)
def test_a_call_gone_wrong_is_counted_where_its_item_was(struck: Call, phase: Phase):
    assert phases_struck(life(calls=[struck], struck=[])) == {phase: 1}


def test_a_delay_that_the_hub_sat_out_is_no_fault():
    delayed = call("create", 5.0, 5.1, effect="created opportunity 1", fault="commit_then_delay")

    assert not phases_struck(life(calls=[delayed], struck=[]))
