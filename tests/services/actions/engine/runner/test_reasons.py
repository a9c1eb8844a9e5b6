"""Each end of an item has a code for programs, and the CRM's own words stand alone."""

import pytest

from models import ActionItem
from services.actions import cancel_action, retry_action
from services.planning.actions.preview import TICKET_CANCELLED
from tests.support.action_kinds import press, work


async def _run_lane(engine):
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)


async def _read():
    item = await ActionItem.get(position=1)
    return item.outcome, item.reason, item.crm_words


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param("unreachable", (None, "CRM_UNAVAILABLE", None), id="the CRM cannot be reached"),
        pytest.param("lost", (None, "OUTCOME_UNKNOWN", None), id="no answer came"),
        pytest.param("refused", ("FAILED", "CRM_REFUSED", "The title is too long."), id="the CRM declined"),
        pytest.param("duplicate", ("NEEDS_ATTENTION", "SAID_TO_EXIST", "duplicate"), id="said to exist"),
        pytest.param("committed, then a bug", (None, "INTERNAL_ERROR", None), id="a bug"),
        pytest.param("ok", ("CREATED", None, None), id="created"),
    ],
)
async def test_what_came_of_a_request_has_a_code(engine, events, making, step, told):
    making.script = [step]
    await press(events, "A")

    await _run_lane(engine)

    assert await _read() == told


async def test_what_the_crm_holds_has_a_code(engine, events, clock, making):
    making.crm = ["A", "B", "B"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert await ActionItem.all().order_by("position").values_list("outcome", "reason") == [
        ("ADOPTED", "ALREADY_THERE"),
        ("NEEDS_ATTENTION", "FOUND_TWICE"),
    ]


async def test_what_was_not_shown_has_a_code(engine, events, clock, making):
    making.crm = ["A"]
    await press(events, "A", expected={"crm_ids": []})

    await work(engine, clock)

    assert await _read() == ("NEEDS_ATTENTION", "NOT_AS_SHOWN", None)


async def test_what_is_no_longer_wanted_has_a_code(engine, events, clock, making):
    making.objections = {"A": TICKET_CANCELLED}
    await press(events, "A")

    await work(engine, clock)

    assert await _read() == ("SKIPPED", "CALLED_OFF", None)


async def test_what_an_operator_stopped_or_put_away_has_a_code(engine, events, clock, making):
    stopped = await press(events, "A")
    await cancel_action(stopped.id, actor="opr_1", events=events)
    making.script = ["refused"]
    refused = await press(events, "B")
    await work(engine, clock)

    await cancel_action(refused.id, actor="opr_1", events=events)

    assert await ActionItem.all().order_by("created_at", "id").values_list("outcome", "reason") == [
        ("CANCELLED", "STOPPED"),
        ("CANCELLED", "DISMISSED"),
    ]


async def test_a_retry_begins_without_the_code_of_the_last_end(engine, events, clock, making):
    making.script = ["refused"]
    action = await press(events, "A")
    await work(engine, clock)

    await retry_action(action.id, actor="opr_1", events=events)

    assert await _read() == (None, None, None)
