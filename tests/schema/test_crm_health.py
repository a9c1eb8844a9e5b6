"""What lies ahead in the CRM, as the API shows it."""

import asyncio
import re
from datetime import timedelta

import pytest
from tortoise.connection import get_connection

from models import ActionAttempt, ActionItem
from models.database import READS
from models.sqlite_reads import ReadTransaction
from services.actions import Opening, PlannedItem, open_action
from services.actions.ledger import finish_item
from services.events import Broadcast, EventLog
from services.vocabulary import ActionKind, ItemKind, ItemOutcome
from tests.schema.conftest import context_for
from tests.support.factories import NOW

AHEAD = "{ actions { nodes { status remainingCalls estimatedEnd items { nodes { nextTryAt } } } } }"
HEALTH = """{ crmHealth {
    callsPerMinute callsLeft queueLength oldestItemAt breaker breakerSince breakerUntil pausedUntil
    lastErrors { at label result explanation crmWords }
} }"""


@pytest.fixture
def press(db):
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast())

    async def press(name, items):
        planned = [PlannedItem("READ", f"{name}{number}", name, name) for number in range(items)]
        async with events.change("access", actor="opr_1") as change:
            await open_action(change, Opening(ActionKind.SYNC_OPPORTUNITIES, {"of": name}, planned))

    return press


async def test_each_action_says_what_it_still_takes_and_until_when(ask, press):
    await press("A", 12)

    [action] = (await ask(AHEAD))["actions"]["nodes"]

    assert (action["status"], action["remainingCalls"]) == ("RUNNING", 12)
    assert action["estimatedEnd"] > NOW.isoformat()


async def test_an_action_that_waits_for_a_person_has_no_end_and_its_items_no_next_try(execute, press):
    await press("A", 1)
    context = context_for()
    before = (await execute(AHEAD, context)).data["actions"]["nodes"]
    item = await ActionItem.get()
    async with EventLog(clock=lambda: NOW, broadcast=Broadcast()).change(
        item.action_id, actor="test"
    ) as change:
        await finish_item(change, item, ItemOutcome.FAILED)

    after = (await execute(AHEAD, context)).data["actions"]["nodes"]

    assert before[0]["estimatedEnd"] is not None
    assert before[0]["items"]["nodes"] == [{"nextTryAt": NOW.isoformat()}]
    assert after == [
        {
            "status": "WAITING",
            "remainingCalls": 0,
            "estimatedEnd": None,
            "items": {"nodes": [{"nextTryAt": None}]},
        }
    ]


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


async def test_a_query_without_the_forecast_does_not_pay_for_it(ask, press, statements):
    await press("A", 1)

    await ask("{ actions { nodes { status } } }")

    assert len(statements) == 1


async def test_health_is_complete(ask, press):
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


@pytest.mark.only_on("sqlite")
async def test_health_reads_no_large_table_whole_and_sorts_nothing(ask, press, monkeypatch):
    await press("A", 3)
    run, sent = ReadTransaction.execute_query, []

    async def keep(reads, words, values=None):
        sent.append((words, values))
        return await run(reads, words, values)

    monkeypatch.setattr(ReadTransaction, "execute_query", keep)
    await ask(HEALTH)
    monkeypatch.undo()

    steps = []
    explain = get_connection(READS).execute_query
    for words, values in sent:
        steps += [step["detail"] for step in (await explain(f"EXPLAIN QUERY PLAN {words}", values))[1]]
    of_unfinished = "idx_action_item_lane_49c859"
    large = [step for step in steps if re.search(r" (ticket|action_item|action_attempt)", step)]
    assert [step for step in large if step.startswith("SCAN")] == [
        f"SCAN action_item USING INDEX {of_unfinished}"
    ]
    assert len(large) > 6
    assert [step for step in steps if "TEMP B-TREE" in step] == []


async def test_the_last_errors_are_the_newest_of_all_kinds(ask, press):
    await press("A", 1)
    item = await ActionItem.get()
    results = [
        "CRM_REFUSED",
        "CRM_UNAVAILABLE",
        "CREATED",
        "CRM_UNAVAILABLE",
        "LOGIN_REFUSED",
        "CRM_REFUSED",
        "WRONG_TENANT",
    ]
    for number, result in enumerate(results):
        at = NOW + timedelta(seconds=number)
        await ActionAttempt.create(
            item_id=item.id,
            number=number,
            step="SEND",
            started_at=at,
            ended_at=at,
            result=result,
            explanation=None,
        )

    health = (await ask(HEALTH))["crmHealth"]

    assert [one["result"] for one in health["lastErrors"]] == [
        "WRONG_TENANT",
        "CRM_REFUSED",
        "LOGIN_REFUSED",
        "CRM_UNAVAILABLE",
        "CRM_UNAVAILABLE",
    ]
    assert health["lastErrors"][0] == {
        "at": (NOW + timedelta(seconds=6)).isoformat(),
        "label": "A",
        "result": "WRONG_TENANT",
        "explanation": None,
        "crmWords": None,
    }


async def test_a_second_look_is_not_in_the_queue(ask, press):
    await press("A", 2)
    first, second = await ActionItem.all().order_by("position")
    await ActionItem.filter(id=first.id).update(kind=ItemKind.SECOND_LOOK, created_at=NOW - timedelta(days=1))

    health = (await ask(HEALTH))["crmHealth"]

    assert (health["queueLength"], health["oldestItemAt"]) == (1, second.created_at.isoformat())


async def test_more_operations_than_connections_ask_for_a_forecast_at_once(execute, press):
    await press("A", 2)

    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(execute(AHEAD, context_for()) for _ in range(20)))

    assert [one["remainingCalls"] for answer in answers for one in answer.data["actions"]["nodes"]] == [
        2
    ] * 20
