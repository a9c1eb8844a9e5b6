"""What a watcher of an action receives, from the press to the end, and after a retry."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from models import Event
from models.identity import new_id
from schema import schema
from services.actions import retry_action
from services.opportunities.generation import generate_opportunities
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.hub import enlarge, run_to_the_end

WATCH = """subscription($id: ID!, $after: String) { actionProgress(actionId: $id, after: $after) {
  state seq previousSeq cursor occurredAt more
  action { id status itemCount finishedCount attentionCount }
  items { id position label outcome } } }"""


@pytest.fixture
async def action(hub, giulia, closed_parent):
    return await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)


@pytest.fixture
async def watch(hub):
    """Watch an action: each item, or the extensions of the error in its place."""
    context = replace(context_for(Role.VIEWER, watching=hub.watching, events=hub.events), clock=hub.clock)
    opened = []

    async def items(action, after, document):
        variables = {"id": action.id, "after": after}
        async with aclosing(await schema.stream(document, variables, context_value=context)) as results:
            async for result in results:
                yield result.errors[0].extensions if result.errors else result.data["actionProgress"]

    def start(action, after=None, document=WATCH):
        opened.append(items(action, after, document))
        return opened[-1]

    yield start
    for one in opened:
        await one.aclose()


async def everything(items):
    async with asyncio.timeout(20):
        return [item async for item in items]


def outcomes_in(received):
    return {one["id"]: one["outcome"] for item in received for one in item["items"]}


async def test_an_action_is_followed_from_the_press_to_its_end(hub, action, watch):
    items = watch(action)
    snapshot = await anext(items)
    following = asyncio.create_task(everything(items))

    done = await run_to_the_end(hub, action)
    received = await following

    assert (snapshot["state"], snapshot["previousSeq"], snapshot["action"]["status"]) == (
        "SNAPSHOT",
        None,
        "RUNNING",
    )
    assert [one["position"] for one in snapshot["items"]] == [one.position for one in done]
    assert {item["state"] for item in received} == {"CHANGE"}
    assert [one["previousSeq"] for one in received] == [
        snapshot["seq"],
        *(one["seq"] for one in received[:-1]),
    ]
    assert outcomes_in(received) == {one.id: one.outcome for one in done}
    assert received[-1]["action"] == {
        "id": action.id,
        "status": "COMPLETED",
        "itemCount": len(done),
        "finishedCount": len(done),
        "attentionCount": 0,
    }


async def test_an_action_that_has_ended_is_shown_and_that_is_all(hub, action, watch):
    await run_to_the_end(hub, action)

    [snapshot] = await everything(watch(action))

    assert (snapshot["state"], snapshot["action"]["status"]) == ("SNAPSHOT", "COMPLETED")


async def test_a_returning_watcher_gets_what_was_missed_and_then_the_end(hub, action, watch):
    snapshot = await anext(watch(action))
    done = await run_to_the_end(hub, action)

    missed = await everything(watch(action, after=snapshot["cursor"]))

    assert [one["previousSeq"] for one in missed] == [snapshot["seq"], *(one["seq"] for one in missed[:-1])]
    assert outcomes_in(missed) == {one.id: one.outcome for one in done}
    assert missed[-1]["action"]["status"] == "COMPLETED"
    assert await everything(watch(action, after=missed[-1]["cursor"])) == []


async def test_a_retry_is_followed_from_the_same_cursor(hub, giulia, sandbox, action, watch):
    await sandbox.plan(
        "status", match={"controller": "Opportunity", "action": "create"}, args={"status": 422}
    )
    await run_to_the_end(hub, action)
    [snapshot] = await everything(watch(action))

    await retry_action(action.id, actor=giulia.id, events=hub.events)
    items = watch(action, after=snapshot["cursor"])
    retried = await anext(items)
    following = asyncio.create_task(everything(items))
    await run_to_the_end(hub, action)
    received = await following

    assert snapshot["action"]["status"] == "WAITING"
    assert retried["previousSeq"] == snapshot["seq"]
    assert received[-1]["action"]["status"] == "COMPLETED"


async def test_a_large_action_comes_in_parts_with_the_action_in_each(hub, giulia, closed_parent, watch):
    await enlarge(closed_parent, lines=600)
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    items = watch(action)

    first, second = await anext(items), await anext(items)

    assert (len(first["items"]), first["more"]) == (500, True)
    assert (len(second["items"]), second["more"]) == (100, False)
    assert first["action"] == second["action"]


@pytest.mark.parametrize("cursor", [pytest.param(new_id("evt"), id="of no event"), "2147483648"])
async def test_a_cursor_that_the_action_does_not_know_has_expired(action, watch, cursor):
    received = await everything(watch(action, after=cursor))

    assert [(one["state"], one["cursor"], one["items"]) for one in received] == [("EXPIRED", cursor, [])]


async def test_the_cursor_of_the_ticket_is_none_of_the_action(action, closed_parent, watch):
    elsewhere = await Event.filter(stream_id=closed_parent.tree_id).first()

    [expired] = await everything(watch(action, after=elsewhere.id))

    assert expired["state"] == "EXPIRED"


async def test_an_action_that_does_not_exist_is_the_callers_mistake(action, watch):
    action.id = new_id("axn")

    assert await everything(watch(action)) == [
        {"code": "BAD_USER_INPUT", "argument": "actionId", "path": ["actionId"]}
    ]
