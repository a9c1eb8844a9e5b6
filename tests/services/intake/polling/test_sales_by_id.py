"""Where the search supports neither sub-type nor date, sales are found by their ids."""

from datetime import UTC, datetime, timedelta

import pytest

from models import IntakeItem, Ticket
from services.intake.polling import Poller, PollSettings
from services.vocabulary import IntakeReason
from tests.support.hub import ACTIVITY_OF_THE_STORY, INTAKE_SUB_TYPE, sell
from tests.support.polling import be_due, be_tried_again, mark, poll, sources


def by_id(hub, **poll_settings):
    poll_settings = PollSettings(**{"overlap": 0.0, **poll_settings})
    return Poller(
        crm=hub.crm,
        intake=hub.intake,
        sub_type_id=INTAKE_SUB_TYPE,
        settings=poll_settings,
        clock=hub.clock,
        by_id=True,
    )


async def poll_by_id(hub, **poll_settings):
    await be_due()
    return await by_id(hub, **poll_settings).poll()


@pytest.fixture
async def blind_search(sandbox):
    await sandbox.switch(searchable_fields={"Activity": []}, unsearchable_filters="empty")


async def test_a_sale_is_found_by_its_id_where_the_search_finds_nothing(hub, sandbox, blind_search):
    number = await sell(sandbox, "Start Office Digital")
    await sell(sandbox, "Start Office Digital", subTypeId=63706)

    await poll(hub)
    unheard = await sources()
    await poll_by_id(hub)

    assert (unheard, await sources()) == (set(), {number})


async def test_what_was_found_by_its_id_is_not_read_again_once_the_overlap_is_over(
    hub, sandbox, blind_search
):
    await sell(sandbox, "Start Office Digital")
    await poll_by_id(hub)
    last = await sell(sandbox, "Start Office Finance")
    await poll_by_id(hub)

    before = len(await sandbox.calls("/Activity/"))
    await poll_by_id(hub)

    # One sale a round is read to see whether it changed after its ticket was made.
    read = [call for call in (await sandbox.calls("/Activity/"))[before:] if call["action"] == "get"]
    assert len(read) == 1
    assert (await mark()).highest_id == last


async def test_a_young_id_is_read_again_because_a_lower_one_may_still_be_hidden(hub, sandbox, blind_search):
    await poll_by_id(hub)
    before = (await mark()).highest_id
    await sell(sandbox, "Start Office Digital")

    await poll_by_id(hub, overlap=300.0)

    assert await Ticket.all().count() == 1
    assert (await mark()).highest_id == before


async def test_the_ids_of_the_past_are_read_back_to_the_beginning_and_no_further(hub, sandbox, blind_search):
    earlier = datetime.now(UTC) - timedelta(days=4)
    await be_due()

    await by_id(hub, since=earlier).poll()

    assert ACTIVITY_OF_THE_STORY in await sources()
    assert len(await sandbox.calls("GetFull")) < len(await sandbox.records("Activity"))


async def test_what_was_read_before_the_crm_failed_is_not_read_again(hub, sandbox, blind_search):
    known = await sell(sandbox, "Start Office Digital")
    await poll_by_id(hub)
    first = await sell(sandbox, "Start Office Digital")
    last = await sell(sandbox, "Start Office Finance", companyId=408102)
    fault = {"controller": "Activity", "action": "get", "nth": 2}
    await sandbox.plan("status", match=fault, args={"status": 500}, times=1)

    await poll_by_id(hub)
    received = await sources(), (await mark()).highest_id
    await poll_by_id(hub)

    assert received == ({known, first}, first)
    assert (await sources(), (await mark()).highest_id) == ({known, first, last}, last)


async def test_the_mark_of_ids_passes_a_sale_that_waits_to_be_tried_again(hub, sandbox, blind_search):
    await poll_by_id(hub)
    number = await sell(sandbox, "Start Office Digital")
    other = await sell(sandbox, "Start Office Finance", companyId=408102)
    await sandbox.plan("status", match={"controller": "Company"}, args={"status": 403}, times=1)

    await poll_by_id(hub)

    assert (await sources(), (await mark()).highest_id) == ({other}, other)
    [item] = await IntakeItem.all()
    assert (item.crm_activity_id, item.reason) == (number, IntakeReason.NOT_TAKEN_IN)


async def test_an_activity_that_cannot_be_read_does_not_keep_later_ones_from_coming_in(
    hub, sandbox, blind_search
):
    known = await sell(sandbox, "Start Office Digital")
    await poll_by_id(hub)
    unreadable = await sell(sandbox, "Start Office Digital")
    later = await sell(sandbox, "Start Office Finance", companyId=408102)
    fault = {"controller": "Activity", "action": "get", "nth": 1}
    await sandbox.plan("status", match=fault, args={"status": 500}, times=1)

    await poll_by_id(hub)
    received = await sources(), (await mark()).highest_id
    waiting = await IntakeItem.get(crm_activity_id=unreadable)
    await be_tried_again()
    await poll_by_id(hub)

    assert received == ({known, later}, later)
    assert waiting.reason == IntakeReason.NOT_TAKEN_IN
    assert await sources() == {known, unreadable, later}
