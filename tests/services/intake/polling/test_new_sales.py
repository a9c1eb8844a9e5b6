"""Polling takes in what was sold since the beginning, and nothing else."""

from datetime import UTC, datetime, timedelta

from models import IntakeItem, Ticket
from services.intake.manual_entry import TicketRequest, create_ticket
from services.vocabulary import IntakeReason
from tests.support.hub import (
    ACTIVITY_OF_THE_STORY,
    BREMBATE,
    add_operator,
    edit_record,
    hub_over,
    run_to_the_end,
    sell,
)
from tests.support.polling import be_due, mark, poll, poller_over, sources


async def test_a_sale_noted_in_the_crm_becomes_a_ticket_by_itself(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")

    await poll(hub)

    ticket = await Ticket.get()
    assert ticket.code.startswith("TCK-SOD-")
    assert await sources() == {number}


async def test_a_sale_that_leaves_something_open_waits_in_the_inbox(hub, sandbox):
    number = await sell(sandbox, "Vendita")

    await poll(hub)

    item = await IntakeItem.get()
    assert (item.crm_activity_id, item.reason) == (number, IntakeReason.NO_KIT)


async def test_what_was_sold_before_the_first_round_is_history_even_when_it_changes(hub, sandbox):
    await edit_record(sandbox, "Activity", ACTIVITY_OF_THE_STORY, description="SOD, richiamare")

    await poll(hub)

    assert await Ticket.all().count() == 0


async def test_the_beginning_can_be_set_to_an_earlier_day(hub_url, sandbox):
    since = (datetime.now(UTC) - timedelta(days=4)).date()
    async with hub_over(hub_url, sandbox, poll_since=since) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)

        await hub.poller.poll()

        assert ACTIVITY_OF_THE_STORY in await sources()


async def test_the_beginning_can_be_set_to_an_earlier_day_afterwards(hub):
    await be_due()

    await poller_over(hub, since=datetime.now(UTC) - timedelta(days=4)).poll()

    assert ACTIVITY_OF_THE_STORY in await sources()


async def test_a_crm_that_cannot_filter_by_date_does_not_open_the_whole_past(hub, sandbox):
    await sandbox.switch(searchable_fields={"Activity": ["subTypeId"]})
    number = await sell(sandbox, "Start Office Digital")

    await poll(hub)

    assert await sources() == {number}


async def test_another_sub_type_is_left_alone_whatever_the_crm_returns(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital", subTypeId=63706)

    await poll(hub)

    assert await Ticket.all().count() == await IntakeItem.filter(crm_activity_id=number).count() == 0


async def test_our_own_echo_is_left_alone_and_does_not_hold_the_mark(hub, giulia, sandbox):
    request = TicketRequest(kit_code="SOT", crm_company_id=BREMBATE)
    doors = {"crm": hub.crm, "events": hub.events, "calendar": hub.calendar}
    await run_to_the_end(hub, await create_ticket(request, actor=giulia.id, **doors))
    before = await mark()

    await poll(hub)

    assert (await Ticket.all().count(), await IntakeItem.all().count()) == (1, 0)
    assert (await mark()).high_water > before.high_water
