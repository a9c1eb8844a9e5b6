"""The mirror shows what the CRM shows."""

from datetime import UTC, datetime
from decimal import Decimal
from unittest.mock import AsyncMock

import pytest

from models import ActionItem, Opportunity, Ticket, UnmatchedOpportunity
from services.crm.records import OpportunityRecord
from services.opportunities.defects import find_defects
from services.opportunities.generation import generate_opportunities
from services.opportunities.mirror import shown
from services.opportunities.sync import sync_opportunities
from services.vocabulary import ItemKind, ItemOutcome, OpportunityDefect, OpportunityStatus, TicketStatus
from tests.support.hub import (
    BREMBATE,
    VALDARNO,
    SteppedClock,
    add_operator,
    complete_all,
    dump,
    edit_record,
    generate,
    hub_over,
    synchronise,
    take_in,
)
from tests.support.sync_findings import OF_THE_ACTION, WON, mirrored, reported

SHORTENED = "Its title in the CRM is too long and is kept shortened."


async def test_amount_phase_title_and_status_are_refreshed(sandbox, sync, children):
    opportunity = await mirrored(1)
    await edit_record(
        sandbox,
        "Opportunity",
        opportunity.crm_id,
        amount=8100.5,
        phase=53004,
        status=WON,
        title="Transizione, due stabilimenti",
    )

    items = await sync()

    assert reported(items)[0] == (opportunity.crm_id, ItemOutcome.UPDATED, None)
    fresh = await mirrored(1)
    assert (fresh.amount, fresh.phase, fresh.status) == (Decimal("8100.50"), "53004", OpportunityStatus.WON)
    assert fresh.title == "Transizione, due stabilimenti"
    assert fresh.refreshed_at > opportunity.refreshed_at
    assert [item.outcome for item in items[1:]] == [ItemOutcome.UNCHANGED] * 3


async def test_the_mirror_shows_titles_without_our_marker(sync, children):
    assert (await mirrored(2)).title == "[F40] Formazione 4.0 · Officine Meccaniche Brembate S.r.l."


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param({"amount": 1234.567}, None, id="an amount in fractions of a cent"),
        pytest.param({"amount": None}, None, id="no amount"),
        pytest.param({"title": "Proposta " * 200}, SHORTENED, id="an endless title"),
        pytest.param({"phase": 53003}, None, id="another phase"),
        pytest.param({"phase": None}, None, id="no phase"),
    ],
)
async def test_whatever_the_crm_holds_is_mirrored_once(sandbox, sync, hub_url, children, values, told):
    opportunity = await mirrored(1)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, **values)
    await sync()
    before = dump(hub_url, without=OF_THE_ACTION)

    items = await sync()

    assert reported(items)[0] == (opportunity.crm_id, ItemOutcome.UNCHANGED, told)
    assert dump(hub_url, without=OF_THE_ACTION) == before


@pytest.mark.parametrize("amount", [1_000_000_000_000, 999_999_999_999.999, -9e18])
async def test_an_amount_too_large_to_be_kept_is_reported_and_the_others_go_on(
    sandbox, sync, children, amount
):
    absurd, other = await mirrored(1), await mirrored(2)
    await edit_record(sandbox, "Opportunity", absurd.crm_id, amount=amount, title="Ordine quadro")
    await edit_record(sandbox, "Opportunity", other.crm_id, amount=12.5)

    items = await sync()

    assert [item.outcome for item in items[:2]] == [ItemOutcome.NEEDS_ATTENTION, ItemOutcome.UPDATED]
    assert "is too large to be kept" in items[0].explanation
    absurd, other = await mirrored(1), await mirrored(2)
    assert (absurd.amount, absurd.title) == (None, "Ordine quadro")
    assert other.amount == Decimal("12.50")


@pytest.mark.parametrize("amount", ["1e27", "-1E+300", "1e999999"])
def test_an_amount_of_any_size_is_read_as_none_that_can_be_kept(amount):
    record = OpportunityRecord(id=1, amount=Decimal(amount))

    assert shown(record)["amount"] is None
    assert find_defects(record) == [OpportunityDefect.AMOUNT_TOO_LARGE]


async def test_texts_too_long_to_be_kept_are_shortened_and_told_until_they_are_corrected(
    sandbox, sync, children
):
    long, other = await mirrored(1), await mirrored(2)
    await edit_record(sandbox, "Opportunity", long.crm_id, title="Ordine " * 100)
    await edit_record(sandbox, "Opportunity", other.crm_id, amount=12.5)

    first = await sync()
    again = await sync()

    assert [item.outcome for item in first[:2]] == [ItemOutcome.UPDATED, ItemOutcome.UPDATED]
    assert [item.outcome for item in again[:2]] == [ItemOutcome.UNCHANGED, ItemOutcome.UNCHANGED]
    for items in (first, again):
        assert (items[0].reason, items[0].explanation) == (
            "NOT_STORABLE",
            "Its title in the CRM is too long and is kept shortened.",
        )
        assert items[1].reason != "NOT_STORABLE"
    long = await mirrored(1)
    assert (len(long.title), long.defects) == (500, ["TITLE_TOO_LONG"])
    assert (await mirrored(2)).defects is None

    await edit_record(sandbox, "Opportunity", long.crm_id, title=long.title)
    corrected = await sync()

    assert (corrected[0].outcome, corrected[0].reason) == (ItemOutcome.UNCHANGED, "UP_TO_DATE")
    assert (await mirrored(1)).defects is None


@pytest.mark.parametrize(
    ("record", "defects"),
    [
        pytest.param({"title": "x" * 500, "phase": "x" * 100}, [], id="the longest that is kept"),
        pytest.param({"title": "x" * 501}, [OpportunityDefect.TITLE_TOO_LONG], id="a long title"),
        pytest.param({"phase": "x" * 101}, [OpportunityDefect.PHASE_TOO_LONG], id="a long phase"),
    ],
)
def test_what_cannot_be_kept_of_a_record_is_named(record, defects):
    assert find_defects(OpportunityRecord(id=1, **record)) == defects


async def test_a_stranger_with_an_absurd_amount_waits_with_the_others(sandbox, sync, by_hand, children):
    crm_id = await by_hand("Proposta generica", amount=9e18)

    items = await sync()

    assert (items[-1].crm_id, items[-1].outcome) == (crm_id, ItemOutcome.NEEDS_ATTENTION)
    waiting = await UnmatchedOpportunity.get(crm_id=crm_id)
    assert (waiting.reason, waiting.amount) == ("NO_SERVICE", None)


async def test_one_that_was_deleted_in_the_crm_needs_attention_and_is_not_made_again(
    hub, sandbox, sync, giulia, children, closed_parent
):
    opportunity = await mirrored(3)
    await sandbox.delete("Opportunity", opportunity.crm_id)

    items = await sync()

    outcome = (opportunity.crm_id, ItemOutcome.NEEDS_ATTENTION, "DELETED")
    assert reported(items)[2] == outcome
    missing = await mirrored(3)
    assert missing.missing_since is not None
    assert (await Ticket.get(id=missing.child_ticket_id)).status == TicketStatus.OPEN
    again = await generate(hub, closed_parent.id, actor=giulia.id)
    assert {item.outcome for item in again} == {ItemOutcome.UNCHANGED}


async def test_one_that_stays_deleted_keeps_the_instant_since_when(sandbox, sync, hub_url, children):
    await sandbox.delete("Opportunity", (await mirrored(3)).crm_id)
    await sync()
    before = dump(hub_url, without=OF_THE_ACTION)

    await sync()

    assert dump(hub_url, without=OF_THE_ACTION) == before


async def test_one_that_comes_back_is_no_longer_missing(sandbox, sync, children):
    opportunity = await mirrored(3)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, crossId=VALDARNO)
    await sync()
    assert (await mirrored(3)).missing_since is not None
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, crossId=BREMBATE)

    items = await sync()

    assert reported(items)[2][1] == ItemOutcome.UPDATED
    assert (await mirrored(3)).missing_since is None


async def test_one_that_the_search_does_not_show_yet_is_not_missing_and_gets_its_child(hub_url, sandbox):
    await sandbox.switch(search_lag_seconds=30)
    clock = SteppedClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await generate(hub, parent.id, actor=giulia.id, override_reason="Urgente")

        items = await synchronise(hub, actor=giulia.id)

        assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
        assert await Opportunity.filter(missing_since__not_isnull=True).count() == 0


async def test_one_that_is_hidden_rather_than_deleted_is_missing_once_the_search_must_have_caught_up(
    hub_url, sandbox
):
    clock = SteppedClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await complete_all(hub, parent.id, actor=giulia.id)
        await generate(hub, parent.id, actor=giulia.id)
        await sandbox.switch(deletes="soft")
        await sandbox.delete("Opportunity", (await mirrored(1)).crm_id)
        clock.advance(hours=1)

        await synchronise(hub, actor=giulia.id)

        assert (await mirrored(1)).missing_since == clock.now


async def test_one_that_is_made_while_the_crm_is_read_is_not_missing(
    hub, sandbox, sync, giulia, closed_parent
):
    """The read is old by the time it is judged: what was mirrored in between was not asked for."""
    engine_kind = hub.engine._kinds[ItemKind.SYNC_COMPANY]
    action = await sync_opportunities(actor=giulia.id, events=hub.events)
    item = await ActionItem.get(action_id=action.id)
    received = await engine_kind.call(item, claim=AsyncMock())
    await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    [lane] = [lane for lane in await hub.engine.due_lanes() if action.id not in lane]
    await hub.engine.run_lane(lane)

    async with hub.events.change(action.id, closed_parent.id, actor="system:engine", cause=item.id) as change:
        await engine_kind.apply(change, item, received)

    assert await Opportunity.all().count() == 4
    assert await Opportunity.filter(missing_since__not_isnull=True).count() == 0
