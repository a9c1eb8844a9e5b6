"""What lies ahead in the CRM, as the API tells it."""

import pytest

from services.actions import PlannedItem, open_action
from services.events import Broadcast, EventLog
from services.vocabulary import ActionKind
from tests.factories import NOW
from tests.schema.conftest import context_for

AHEAD = "{ actions { nodes { status remainingCalls estimatedEnd } } }"
HEALTH = """{ crmHealth {
    callsPerMinute callsLeft queueLength oldestItemAt breaker breakerSince breakerUntil pausedUntil
    lastErrors { at label result words }
} }"""


@pytest.fixture
def press(db):
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast())

    async def press(name, items):
        planned = [PlannedItem("READ", f"{name}{number}", name, name) for number in range(items)]
        async with events.change("access", actor="opr_1") as change:
            await open_action(change, ActionKind.SYNC_OPPORTUNITIES, {"of": name}, planned, operator_id=None)

    return press


async def test_each_action_says_what_it_still_takes_and_until_when(ask, press):
    await press("A", 12)

    [action] = (await ask(AHEAD))["actions"]["nodes"]

    assert (action["status"], action["remainingCalls"]) == ("RUNNING", 12)
    assert action["estimatedEnd"] > NOW.isoformat()


async def test_many_actions_cost_the_same_few_statements_as_one(execute, press, statements):
    await press("A", 1)
    await execute(AHEAD, context_for())
    of_one = len(statements)
    for number in range(20):
        await press(f"B{number}", 2)
    statements.clear()

    answer = await execute(AHEAD, context_for())

    assert [one["remainingCalls"] for one in answer.data["actions"]["nodes"]] == [2] * 20 + [1]
    assert len(statements) == of_one


async def test_nobody_who_does_not_ask_pays_for_the_outlook(ask, press, statements):
    await press("A", 1)

    await ask("{ actions { nodes { status } } }")

    assert len(statements) == 1


async def test_health_is_told_whole(ask, press):
    await press("A", 3)

    health = (await ask(HEALTH))["crmHealth"]

    assert health == {
        "callsPerMinute": 40,
        "callsLeft": 40,
        "queueLength": 3,
        "oldestItemAt": NOW.isoformat(),
        "breaker": "CLOSED",
        "breakerSince": None,
        "breakerUntil": None,
        "pausedUntil": None,
        "lastErrors": [],
    }
