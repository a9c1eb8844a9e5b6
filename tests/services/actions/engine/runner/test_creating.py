"""Each item is created once, whatever fails."""

import pytest
from tortoise.connection import get_connection

from models import Action
from models.database import READS
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.action_kinds import press, work
from tests.support.engine_runs import outcomes


async def test_each_item_is_made_once_and_the_action_ends(engine, events, clock, making):
    action = await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert making.look_ups == 1
    assert await outcomes() == [ItemOutcome.CREATED, ItemOutcome.CREATED]
    action = await Action.get(id=action.id)
    assert (action.status, action.finished_count, action.open_scope) == (ActionStatus.COMPLETED, 2, None)


async def test_what_is_already_there_is_adopted(engine, events, clock, making):
    making.crm = ["A"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert await outcomes() == [ItemOutcome.ADOPTED, ItemOutcome.CREATED]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(["unreachable before the claim"], id="no connection before the claim"),
        pytest.param(["unreachable", "unreachable"], id="no connection twice"),
        pytest.param(["paused"], id="too many calls"),
        pytest.param(["lost"], id="lost before it arrived"),
        pytest.param(["committed, then lost"], id="answer lost"),
        pytest.param(["lost", "committed, then lost"], id="lost, then answer lost"),
        pytest.param(["committed, then a bug"], id="a bug after the request"),
    ],
)
async def test_whatever_fails_nothing_is_lost_and_nothing_made_twice(engine, events, clock, making, script):
    making.script = [*script]
    action = await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_a_duplicate_that_the_crm_does_not_show_waits_for_a_person(engine, events, clock, making):
    making.script = ["duplicate"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["B"]
    assert await outcomes() == [ItemOutcome.NEEDS_ATTENTION, ItemOutcome.CREATED]


async def test_control_a_blind_repeat_would_have_made_two(engine, events, clock, making, monkeypatch):
    """The same fault without the look-up, so that the test above is known to be able to fail."""

    async def blind(items):
        return {}

    monkeypatch.setattr(making, "look_up", blind)
    making.script = ["committed, then lost"]
    await press(events, "A")

    await work(engine, clock)

    assert making.crm == ["A", "A"]


@pytest.mark.only_on("sqlite")
async def test_looking_for_work_passes_over_what_is_finished(engine, events, statements):
    await press(events, "A")
    await engine.due_lanes()

    database = get_connection(READS)
    looks = [sql for sql in statements if "action_item" in sql]
    [index] = await database.execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE NOT \"open_key\" IS NULL'"
    )
    assert len(looks) == 2
    for sql in looks:
        [step] = await database.execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?"))
        assert step["detail"] == f"SCAN action_item USING INDEX {index['name']}"
