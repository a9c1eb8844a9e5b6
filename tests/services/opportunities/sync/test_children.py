"""🟠 Opportunities come back, and those without a child ticket get one."""

import pytest

from models import Action, ActionItem, Milestone, Opportunity, Ticket
from services.actions import retry_action
from services.errors import Refusal
from services.tickets.cancellation import ChildrenChoice, cancel_ticket
from services.vocabulary import ActionStatus, ItemKind, ItemOutcome, OpportunityStatus, TicketStatus
from tests.support.hub import dump, edit_record, generate
from tests.support.sync_findings import LOST, OF_THE_ACTION, WON, mirrored, reported


async def test_each_opportunity_gets_the_child_whose_code_it_carries(sync, generated):
    items = await sync(ticket_id=generated.id)

    assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
    for opportunity in await Opportunity.all():
        child = await Ticket.get(id=opportunity.child_ticket_id)
        assert (child.code, child.parent_id) == (opportunity.code, generated.id)
        assert await Milestone.filter(ticket_id=child.id).count() >= 3


async def test_a_repeat_changes_nothing_but_the_log_of_actions(sync, hub_url, generated):
    await sync(ticket_id=generated.id)
    before = dump(hub_url, without=OF_THE_ACTION)

    items = await sync(ticket_id=generated.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * 4
    assert dump(hub_url, without=OF_THE_ACTION) == before
    company = await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).order_by("-id").first()
    assert company.outcome == ItemOutcome.UNCHANGED


async def test_a_won_opportunity_gets_its_child_like_an_open_one(sandbox, sync, generated):
    opportunity = await mirrored(1)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, status=WON)

    await sync()

    opportunity = await mirrored(1)
    assert opportunity.status == OpportunityStatus.WON
    assert opportunity.child_ticket_id is not None


async def test_a_lost_opportunity_gets_no_child_and_says_so(sandbox, sync, generated):
    opportunity = await mirrored(1)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, status=LOST)

    items = await sync()

    assert reported(items)[0] == (opportunity.crm_id, ItemOutcome.UPDATED, "LOST")
    opportunity = await mirrored(1)
    assert (opportunity.status, opportunity.child_ticket_id) == (OpportunityStatus.LOST, None)
    assert await Ticket.filter(parent_id=generated.id).count() == 3


async def test_one_that_is_lost_later_needs_attention_and_keeps_its_child(sandbox, sync, children):
    opportunity = await mirrored(2)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, status=LOST)

    first, again = await sync(), await sync()

    expected = (opportunity.crm_id, ItemOutcome.NEEDS_ATTENTION, "LOST")
    assert reported(first)[1] == reported(again)[1] == expected
    child = await Ticket.get(id=(await mirrored(2)).child_ticket_id)
    assert child.status == TicketStatus.OPEN
    assert (await Action.all().order_by("-id").first()).status == ActionStatus.WAITING


async def test_a_cancelled_parent_s_opportunities_get_no_child(hub, sync, giulia, parent):
    await generate(hub, parent.id, actor=giulia.id, override_reason="Urgente")
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    items = await sync()

    assert {reason for _, _, reason in reported(items)} == {"PARENT_CANCELLED"}
    assert await Ticket.filter(parent_id=parent.id).count() == 0


async def test_children_kept_from_a_cancelled_parent_ask_for_no_attention(hub, sync, giulia, parent):
    await generate(hub, parent.id, actor=giulia.id, override_reason="Urgente")
    await sync()
    await cancel_ticket(
        parent.id, "Recesso", children=ChildrenChoice.KEEP, actor=giulia.id, events=hub.events
    )

    items = await sync()

    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}


async def test_a_retry_leaves_what_was_found_to_people_and_repeats_only_work(
    hub, hub_url, sandbox, sync, giulia, children
):
    await edit_record(sandbox, "Opportunity", (await mirrored(2)).crm_id, status=LOST)
    await sync()
    action = await Action.all().order_by("-id").first()
    before = dump(hub_url)

    with pytest.raises(Refusal) as refused:
        await retry_action(action.id, actor=giulia.id, events=hub.events)

    assert refused.value.code == "NOTHING_TO_RETRY"
    assert dump(hub_url) == before
