"""The same activity gives one ticket, however often it is imported."""

import asyncio

from models import CrmActivity, Ticket
from tests.support.hub import ACTIVITY_OF_THE_STORY, dump
from tests.support.shelf_crm import NAMELESS


async def test_ten_imports_of_one_activity_at_once_give_one_ticket(hub, giulia):
    answers = await asyncio.gather(
        *(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id) for _ in range(10))
    )

    assert len({answer.ticket_id for answer in answers}) == 1
    assert await Ticket.all().count() == 1
    assert await CrmActivity.all().count() == 1


async def test_two_processes_that_import_one_activity_at_once_give_one_ticket(
    hub, hub_url, sandbox, giulia, rivals
):
    order = ("take in", ACTIVITY_OF_THE_STORY, giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)

    assert first == second == (await Ticket.get()).id


async def test_an_import_repeated_writes_nothing(hub, hub_url, giulia):
    await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id)
    before = dump(hub_url)

    await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id)

    assert dump(hub_url) == before


async def test_an_activity_that_waits_is_not_put_into_the_inbox_twice(hub, hub_url, giulia):
    await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    before = dump(hub_url)

    await hub.intake.import_activity(NAMELESS, actor=giulia.id)

    assert dump(hub_url) == before
