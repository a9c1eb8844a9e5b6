"""🟡 Pressed again, it answers the same action or finds everything done."""

import asyncio

import pytest

from models import Action, ActionItem
from services.actions import ActionRunning
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.generated_opportunities import CODES, codes_in, line_ids
from tests.support.hub import dump, generate, run_to_the_end


async def test_the_same_press_while_one_runs_answers_the_same_action(hub_url, press, closed_parent):
    first = await press(closed_parent)
    before = dump(hub_url)

    second = await press(closed_parent)

    assert second.id == first.id
    assert dump(hub_url) == before


async def test_ten_presses_at_once_answer_one_action(press, closed_parent):
    actions = await asyncio.gather(*(press(closed_parent) for _ in range(10)))

    assert len({action.id for action in actions}) == 1
    assert await ActionItem.all().count() == 4


async def test_two_processes_that_press_at_once_answer_one_action(
    hub, hub_url, sandbox, rivals, giulia, closed_parent
):
    order = ("generate", closed_parent.id, giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)

    assert first == second
    await run_to_the_end(hub, await Action.get(id=first))
    assert await codes_in(sandbox) == sorted(CODES)


async def test_a_press_that_overlaps_is_refused_with_the_action_that_runs(hub_url, press, closed_parent):
    running = await press(closed_parent, line_ids=await line_ids(closed_parent, 1, 2, 3))
    before = dump(hub_url)

    with pytest.raises(ActionRunning) as refused:
        await press(closed_parent)

    assert refused.value.action_id == running.id
    assert dump(hub_url) == before


async def test_a_press_for_other_lines_does_not_overlap(hub, sandbox, press, closed_parent):
    await press(closed_parent, line_ids=await line_ids(closed_parent, 1, 2, 3))

    other = await press(closed_parent, line_ids=await line_ids(closed_parent, 4), override_reason="Subito")
    await run_to_the_end(hub, other)

    assert await codes_in(sandbox) == sorted(CODES)


async def test_a_press_after_the_end_finds_everything_done_and_says_so(hub, sandbox, giulia, closed_parent):
    await generate(hub, closed_parent.id, actor=giulia.id)
    calls = len(await sandbox.calls("/"))

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * 4
    assert (await Action.get(id=items[0].action_id)).status == ActionStatus.COMPLETED
    assert len(await sandbox.calls("/")) == calls
