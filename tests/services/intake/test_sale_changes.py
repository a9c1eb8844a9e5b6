"""A sale that changes in the CRM after its ticket was made: a person is asked before its buttons go on."""

from datetime import UTC, datetime

import pytest

from models import CrmActivity, IntakeItem, Opportunity, PollMark, Ticket
from services.activities.generation import generate_activities
from services.intake.sales import Choice
from services.tickets import cancellation
from services.vocabulary import IntakeReason, IntakeStatus
from tests.support.hub import (
    ACTIVITY_OF_THE_STORY,
    VALDARNO,
    edit_record,
    generate,
    sell,
    show_milestones,
    take_in,
)
from tests.support.refusals import refusal_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def poll(hub):
    await PollMark.all().update(holder=None, not_before=LONG_AGO)
    return await hub.poller.poll()


@pytest.fixture
async def hub(hub, giulia):
    await hub.poller.poll()
    return hub


@pytest.fixture
async def sale(hub, sandbox, giulia):
    """A ticket and its sale's id, long enough after the import that the CRM's search shows everything."""
    number = await sell(sandbox, "Start Office Digital")
    ticket = await take_in(hub, number, actor=giulia.id)
    await CrmActivity.filter(crm_id=number).update(created_at=LONG_AGO)
    return ticket, number


async def move(sandbox, number):
    await edit_record(sandbox, "Activity", number, companyId=VALDARNO)


async def name_another_kit(sandbox, number):
    await edit_record(sandbox, "Activity", number, subject="Start Office Finance")


async def delete(sandbox, number):
    await sandbox.delete("Activity", number)


async def delete_softly(sandbox, number):
    await sandbox.switch(deletes="soft")
    await sandbox.delete("Activity", number)


CHANGES = [
    pytest.param(move, IntakeReason.SALE_MOVED, id="moved"),
    pytest.param(name_another_kit, IntakeReason.SALE_CHANGED, id="another kit"),
    pytest.param(delete, IntakeReason.SALE_DELETED, id="deleted"),
    pytest.param(delete_softly, IntakeReason.SALE_DELETED, id="deleted, and still readable by its id"),
]


async def press(hub, ticket, giulia):
    return await generate(hub, ticket.id, actor=giulia.id, override_reason="Subito")


@pytest.mark.parametrize(("do", "reason"), CHANGES)
async def test_a_person_is_asked_and_the_buttons_wait(hub, sandbox, giulia, sale, do, reason):
    ticket, number = sale
    await do(sandbox, number)

    await poll(hub)

    item = await IntakeItem.get(crm_activity_id=number)
    assert (item.status, item.reason, item.ticket_id) == (IntakeStatus.WAITING, reason, ticket.id)
    assert (await refusal_of(press(hub, ticket, giulia))).code == "SALE_IN_QUESTION"
    resolving = hub.intake.resolve(item.id, Choice(kit_code="SOF"), actor=giulia.id)
    assert (await refusal_of(resolving)).code == "SALE_IN_QUESTION"
    assert await Opportunity.all().count() == 0


@pytest.fixture
async def in_question(hub, sandbox, opportunity):
    """The sale behind an opportunity has been moved to another company, and no one has decided yet."""
    await CrmActivity.filter(crm_id=ACTIVITY_OF_THE_STORY).update(created_at=LONG_AGO)
    await move(sandbox, ACTIVITY_OF_THE_STORY)
    await poll(hub)
    assert (await IntakeItem.get(crm_activity_id=ACTIVITY_OF_THE_STORY)).reason == IntakeReason.SALE_MOVED
    return opportunity


async def test_the_button_for_activities_waits_too(hub, giulia, in_question):
    pressing = generate_activities(in_question.id, actor=giulia.id, events=hub.events)

    assert (await refusal_of(pressing)).code == "SALE_IN_QUESTION"
    assert not await CrmActivity.filter(milestone_id__isnull=False).exists()


@pytest.fixture
def nobody_is_asked(monkeypatch):
    """Take the question about a changed sale away from both buttons."""

    async def find_nothing(ticket_id):
        return None

    for button in ("opportunities", "activities"):
        monkeypatch.setattr(f"services.{button}.generation.refuse_in_question", find_nothing)
        monkeypatch.setattr(f"services.{button}.generation.why_in_question", find_nothing)


async def test_control_without_the_question_opportunities_are_created_for_a_changed_sale(
    hub, sandbox, giulia, sale, nobody_is_asked
):
    """The same without the question, so that the test above is known to be able to fail."""
    ticket, number = sale
    await move(sandbox, number)
    await poll(hub)

    assert {item.outcome for item in await press(hub, ticket, giulia)} == {"CREATED"}


async def test_control_without_the_question_activities_are_created_for_a_changed_sale(
    hub, giulia, in_question, nobody_is_asked
):
    """The same without the question, so that the test above is known to be able to fail."""
    items = await show_milestones(hub, in_question, actor=giulia.id)

    assert {item.outcome for item in items} == {"CREATED"}


@pytest.mark.parametrize(("do", "reason"), CHANGES)
async def test_who_dismisses_the_item_keeps_the_ticket_and_is_not_asked_again(
    hub, sandbox, giulia, sale, do, reason
):
    ticket, number = sale
    await do(sandbox, number)
    await poll(hub)

    item = await hub.intake.dismiss((await IntakeItem.get()).id, actor=giulia.id)
    await poll(hub)

    assert (item.status, item.ticket_id) == (IntakeStatus.DISMISSED, ticket.id)
    assert (await IntakeItem.get()).version == item.version
    assert {one.outcome for one in await press(hub, ticket, giulia)} == {"CREATED"}


async def test_the_item_closes_by_itself_once_the_ticket_is_cancelled(hub, sandbox, giulia, sale):
    ticket, number = sale
    await move(sandbox, number)
    await poll(hub)

    await cancellation.cancel_ticket(ticket.id, "Spostata", children=None, actor=giulia.id, events=hub.events)
    await poll(hub)

    assert (await IntakeItem.get()).status == IntakeStatus.RESOLVED


async def test_the_item_closes_by_itself_once_the_sale_is_put_back(hub, sandbox, giulia, sale):
    ticket, number = sale
    await move(sandbox, number)
    await poll(hub)

    await edit_record(sandbox, "Activity", number, companyId=408101)
    await poll(hub)

    assert (await IntakeItem.get()).status == IntakeStatus.RESOLVED
    assert {one.outcome for one in await press(hub, ticket, giulia)} == {"CREATED"}


async def test_other_words_for_the_same_kit_raise_no_question(hub, sandbox, sale):
    _, number = sale
    await edit_record(sandbox, "Activity", number, subject="Vendita kit SOD")

    await poll(hub)

    assert (await IntakeItem.all().count(), await Ticket.all().count()) == (0, 1)
