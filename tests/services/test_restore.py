"""Yesterday's database, and every button pressed again: what the CRM holds is adopted, and nothing is made twice."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from models import Action, ActionItem, IntakeItem, Milestone, Operator, Opportunity, PollMark, Task, Ticket
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.intake.inbox import StillWaiting
from services.intake.manual_entry import TicketRequest, create_ticket
from services.intake.sales import Choice
from services.opportunities.generation import generate_opportunities
from services.tickets import workflow as milestones
from services.vocabulary import IntakeReason, IntakeStatus, ItemOutcome, ItemState, TicketKind
from tests.support.hub import (
    BREMBATE,
    VALDARNO,
    add_operator,
    complete_all,
    edit_record,
    generate,
    hub_over,
    run_to_the_end,
    sell,
    show_milestones,
    synchronise,
    take_in,
)

ATTENTION = {ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION}
# Two sales of the sample data that end in the same four digits.
FIRST, SECOND = 843311, 833311


class Office:
    """A hub over one database after another, before the same CRM. A database is copied while no hub is at it."""

    def __init__(self, databases, sandbox):
        self.databases, self.sandbox = databases, sandbox
        self.names = []

    async def copy(self, like):
        self.names.append(uuid4().hex)
        await self.databases.create(self.names[-1], like=like)
        return self.names[-1]

    def hub(self, name):
        return hub_over(self.databases.url(name), self.sandbox, time_limit=5.0)

    async def records(self):
        """All that the CRM holds of what we make; when a record was last touched does not count."""
        return {
            resource: [
                {**record, "lastModifiedDate": None} for record in await self.sandbox.records(resource)
            ]
            for resource in ("Opportunity", "Activity")
        }


@pytest.fixture
async def office(databases, sandbox) -> AsyncIterator[Office]:
    office = Office(databases, sandbox)
    yield office
    for name in office.names:
        await databases.drop(name)


@pytest.fixture
async def empty(office, stocked_database):
    """The database of a hub where Giulia and Sara work, and nothing has come in yet."""
    name = await office.copy(stocked_database)
    async with office.hub(name) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        await add_operator(hub.events, "Sara", crm_user_id=2004)
        await hub.poller.poll()
    return name


async def giulia():
    return (await Operator.get(name="Giulia")).id


async def poll(hub):
    """A round, as if one were due."""
    await PollMark.all().update(not_before=datetime(2026, 1, 1, tzinfo=UTC))
    await hub.poller.poll()


# The buttons, each pressed for everything that there is


async def take_in_what_was_sold(hub, sale):
    await take_in(hub, sale, actor=await giulia())


async def sell_by_hand(hub, sale):
    request = TicketRequest(kit_code="SOT", crm_company_id=VALDARNO)
    doors = {"crm": hub.crm, "events": hub.events, "calendar": hub.calendar}
    await run_to_the_end(hub, await create_ticket(request, actor=await giulia(), **doors))


async def finish_onboarding(hub, sale):
    for parent in await Ticket.filter(kind=TicketKind.PARENT).order_by("code"):
        await complete_all(hub, parent.id, actor=await giulia())


async def generate_for_all(hub, sale=None):
    for parent in await Ticket.filter(kind=TicketKind.PARENT).order_by("code"):
        await generate(hub, parent.id, actor=await giulia(), override_reason="Subito")


async def synchronise_all(hub, sale=None):
    await synchronise(hub, actor=await giulia())


async def first_child():
    return await Ticket.filter(kind=TicketKind.CHILD).order_by("code").first()


async def show_what_is_to_be_done(hub, sale):
    opportunity = await Opportunity.get(child_ticket_id=(await first_child()).id)
    await show_milestones(hub, opportunity, actor=await giulia())


async def finish_what_is_begun(hub, sale):
    """One milestone of one child, whose activity in the CRM follows."""
    milestone = await Milestone.get(ticket_id=(await first_child()).id, position=1)
    for task in await Task.filter(milestone_id=milestone.id).order_by("position"):
        await milestones.complete_task(task.id, actor=await giulia(), events=hub.events)
    await synchronise_all(hub)


BUTTONS = (
    take_in_what_was_sold,
    sell_by_hand,
    finish_onboarding,
    generate_for_all,
    synchronise_all,
    show_what_is_to_be_done,
    finish_what_is_begun,
)


async def press_all(hub, sale):
    for button in BUTTONS:
        await button(hub, sale)


async def break_off_in_the_middle(hub, sandbox):
    """Leave one opportunity made, one sent with its answer lost, and the rest untouched."""
    parent = await Ticket.get(kind=TicketKind.PARENT, code__contains="SOT", company__crm_id=BREMBATE)
    action = await generate_opportunities(
        parent.id, override_reason="Subito", actor=await giulia(), events=hub.events
    )
    await sandbox.plan("commit_then_drop", match={"controller": "Opportunity", "action": "create", "nth": 2})
    (lane,) = {item.lane for item in await ActionItem.filter(action_id=action.id)}
    for _ in range(2):
        await hub.engine.run_lane(lane, stopping=lambda: True)
    items = await ActionItem.filter(action_id=action.id).order_by("position")
    assert [item.state for item in items] == [ItemState.FINISHED, ItemState.SENDING, ItemState.PENDING]


async def unexplained(hub):
    return [row async for report in hub.reconciler.report_each() for row in report.unexplained]


async def test_after_a_restore_of_any_moment_every_button_adopts_what_is_there(office, sandbox, empty):
    sale = await sell(sandbox, "Start Office Training")
    today = await office.copy(empty)
    backups = [empty]
    for button in BUTTONS:
        if button is generate_for_all:
            async with office.hub(today) as hub:
                await break_off_in_the_middle(hub, sandbox)
            backups.append(await office.copy(today))
        async with office.hub(today) as hub:
            await button(hub, sale)
        if button is show_what_is_to_be_done:
            backups.append(await office.copy(today))
    held = await office.records()

    for backup in backups:
        async with office.hub(backup) as hub:
            await press_all(hub, sale)
            assert await unexplained(hub) == []
            assert ATTENTION.isdisjoint(await ActionItem.all().values_list("outcome", flat=True))
        assert await office.records() == held


# Codes that another order of imports would give to another ticket


async def import_and_generate(hub, *sales):
    for sale in sales:
        await hub.intake.import_activity(sale, actor=await giulia())
    await generate_for_all(hub)
    return dict(await Ticket.filter(kind=TicketKind.PARENT).values_list("title", "code"))


@pytest.fixture(params=["one company", "two companies"])
async def rivals_for_a_serial(request, sandbox):
    """Two sales that end in the same four digits."""
    if request.param == "one company":
        await edit_record(sandbox, "Activity", SECOND, companyId=408107)
    return FIRST, SECOND


async def test_each_sale_gets_its_own_serial_back_in_any_order(office, empty, rivals_for_a_serial):
    first, second = rivals_for_a_serial
    today = await office.copy(empty)
    async with office.hub(today) as hub:
        before = await import_and_generate(hub, first, second)
    held = await office.records()

    async with office.hub(empty) as hub:
        after = await import_and_generate(hub, second, first)
        assert await unexplained(hub) == []

    assert after == before
    assert await office.records() == held


async def test_without_a_look_at_the_crm_s_codes_the_other_order_makes_everything_twice(
    office, empty, monkeypatch
):
    today = await office.copy(empty)
    async with office.hub(today) as hub:
        await import_and_generate(hub, FIRST, SECOND)
    held = await office.records()

    async def see_nothing(*_, **__):
        return []

    monkeypatch.setattr(CrmInCloudClient, "find_coded", see_nothing)
    async with office.hub(empty) as hub:
        await import_and_generate(hub, SECOND, FIRST)
        assert await unexplained(hub) != []

    assert len((await office.records())["Opportunity"]) > len(held["Opportunity"])


async def lose_the_serial_to_another_sale(office, sandbox, empty):
    """The first sale's opportunities carry the serial that a restored hub gave to the second; its inbox item's id."""
    await sandbox.switch(searchable_fields={"Opportunity": ["crossId"]})
    today = await office.copy(empty)
    async with office.hub(today) as hub:
        await import_and_generate(hub, FIRST)
    async with office.hub(empty) as hub:
        # The CRM cannot search for codes, and the other company's opportunities are not looked at.
        await hub.intake.import_activity(SECOND, actor=await giulia())
        return (await hub.intake.import_activity(FIRST, actor=await giulia())).intake_item_id


async def test_a_sale_whose_serial_another_ticket_has_waits_for_a_person(office, sandbox, empty):
    item_id = await lose_the_serial_to_another_sale(office, sandbox, empty)
    held = await office.records()

    async with office.hub(empty) as hub:
        with pytest.raises(StillWaiting):
            await hub.intake.resolve(
                item_id, Choice(kit_code="SOF", owner_id=await giulia()), actor=await giulia()
            )
        item = await IntakeItem.get(id=item_id)

    assert (item.reason, item.status) == (IntakeReason.CODE_TAKEN, IntakeStatus.WAITING)
    assert await office.records() == held


async def delete_it(sandbox, opportunity):
    await sandbox.delete("Opportunity", opportunity["id"])


async def take_its_code_off(sandbox, opportunity):
    await edit_record(sandbox, "Opportunity", opportunity["id"], code="", title="Da sistemare")


@pytest.mark.parametrize("put_right", [delete_it, take_its_code_off])
async def test_it_can_be_resolved_once_the_crm_s_opportunities_are_put_right(
    office, sandbox, empty, put_right
):
    item_id = await lose_the_serial_to_another_sale(office, sandbox, empty)
    for opportunity in await sandbox.records("Opportunity"):
        await put_right(sandbox, opportunity)

    async with office.hub(empty) as hub:
        imported = await hub.intake.resolve(item_id, Choice(), actor=await giulia())

        assert (await Ticket.get(id=imported.ticket_id)).serial == "43311"


# Sales that were entered by hand


async def test_a_sale_entered_by_hand_comes_back_by_itself(office, empty):
    today = await office.copy(empty)
    async with office.hub(today) as hub:
        await sell_by_hand(hub, None)
        code = (await Ticket.get()).code
    held = await office.records()

    async with office.hub(empty) as hub:
        await poll(hub)
        polled = await Ticket.get()
        await sell_by_hand(hub, None)
        item = await ActionItem.get(kind="CREATE_SALE")

        assert (polled.code, await Ticket.all().count()) == (code, 1)
        assert item.outcome == ItemOutcome.ADOPTED
        assert (await Action.get(id=item.action_id)).ticket_id == polled.id
    assert await office.records() == held


async def test_while_one_is_on_its_way_the_poller_leaves_it_alone(office, sandbox, empty):
    async with office.hub(empty) as hub:
        await sandbox.plan("commit_then_drop", match={"controller": "Activity", "action": "create"})
        request = TicketRequest(kit_code="SOT", crm_company_id=VALDARNO)
        doors = {"crm": hub.crm, "events": hub.events, "calendar": hub.calendar}
        action = await create_ticket(request, actor=await giulia(), **doors)
        (item,) = await ActionItem.filter(action_id=action.id)
        await hub.engine.run_lane(item.lane, stopping=lambda: True)
        await poll(hub)
        meanwhile = await Ticket.all().count()

        (item,) = await run_to_the_end(hub, action)

        assert (meanwhile, item.outcome, await Ticket.all().count()) == (0, ItemOutcome.CREATED, 1)
