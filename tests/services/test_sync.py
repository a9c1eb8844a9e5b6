"""🟠 Opportunities come back: the mirror is refreshed, missing children are opened, and nothing is guessed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models import Action, ActionItem, Milestone, Opportunity, Ticket, TicketLine
from services.actions import ActionRunning, retry_action
from services.errors import Refusal
from services.opportunities import generate_opportunities
from services.opportunity_sync import SYNC, sync_opportunities
from services.tickets import ChildrenChoice, cancel_ticket
from services.vocabulary import ActionStatus, ItemOutcome, OpportunityStatus, TicketStatus
from tests.hub import (
    BREMBATE,
    VALDARNO,
    SteppedClock,
    add_operator,
    complete_all,
    dump,
    edit_record,
    generate,
    hub_over,
    run_to_the_end,
    sell,
    synchronise,
    take_in,
)

WON, LOST = 3, 4
# What an action writes about itself: that, and that alone, may differ after a repeat.
OF_THE_ACTION = ("action", "action_item", "action_attempt", "event", "stream", "pgqueuer")

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


@pytest.fixture
async def generated(hub, giulia, closed_parent):
    """A parent whose four opportunities are in the CRM, and not yet synchronised."""
    await generate(hub, closed_parent.id, actor=giulia.id)
    return closed_parent


@pytest.fixture
def sync(hub, giulia):
    async def sync(**scope):
        return await synchronise(hub, actor=giulia.id, **scope)

    return sync


@pytest.fixture
def by_hand(sandbox):
    """Somebody adds an opportunity in the CRM; answers its id."""

    async def by_hand(title="Proposta", **values):
        return await sandbox.add("Opportunity", title=title, **{"crossId": BREMBATE, **values})

    return by_hand


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


async def mirrored(position):
    line = await TicketLine.get(position=position)
    return await Opportunity.get(ticket_line_id=line.id)


def told(items):
    return [(item.crm_id, item.outcome, item.explanation) for item in items]


async def whole_tree():
    return await Ticket.all().count(), await Milestone.all().count()


# Children


async def test_each_opportunity_gets_the_child_whose_code_it_carries(sync, generated):
    items = await sync(ticket_id=generated.id)

    assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
    for opportunity in await Opportunity.all():
        child = await Ticket.get(id=opportunity.child_ticket_id)
        assert (child.code, child.parent_id) == (opportunity.code, generated.id)
        assert await Milestone.filter(ticket_id=child.id).count() >= 3


async def test_a_repeat_changes_nothing_but_the_log_of_actions(sync, hub_path, generated):
    await sync(ticket_id=generated.id)
    before = dump(hub_path, without=OF_THE_ACTION)

    items = await sync(ticket_id=generated.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * 4
    assert dump(hub_path, without=OF_THE_ACTION) == before
    company = await ActionItem.filter(kind=SYNC).order_by("-id").first()
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

    assert told(items)[0] == (opportunity.crm_id, ItemOutcome.UPDATED, "LOST")
    opportunity = await mirrored(1)
    assert (opportunity.status, opportunity.child_ticket_id) == (OpportunityStatus.LOST, None)
    assert await Ticket.filter(parent_id=generated.id).count() == 3


async def test_one_that_is_lost_later_needs_attention_and_keeps_its_child(sandbox, sync, children):
    opportunity = await mirrored(2)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, status=LOST)

    first, again = await sync(), await sync()

    expected = (opportunity.crm_id, ItemOutcome.NEEDS_ATTENTION, "LOST")
    assert told(first)[1] == told(again)[1] == expected
    child = await Ticket.get(id=(await mirrored(2)).child_ticket_id)
    assert child.status == TicketStatus.OPEN
    assert (await Action.all().order_by("-id").first()).status == ActionStatus.WAITING


async def test_a_cancelled_parent_s_opportunities_get_no_child(hub, sync, giulia, parent):
    await generate(hub, parent.id, actor=giulia.id, override_reason="Urgente")
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    items = await sync()

    assert {item.explanation for item in items} == {"PARENT_CANCELLED"}
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
    hub, hub_path, sandbox, sync, giulia, children
):
    await edit_record(sandbox, "Opportunity", (await mirrored(2)).crm_id, status=LOST)
    await sync()
    action = await Action.all().order_by("-id").first()
    before = dump(hub_path)

    refusal = await refusal_of(retry_action(action.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "NOTHING_TO_RETRY"
    assert dump(hub_path) == before


# The mirror


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

    assert told(items)[0] == (opportunity.crm_id, ItemOutcome.UPDATED, None)
    fresh = await mirrored(1)
    assert (fresh.amount, fresh.phase, fresh.status) == (Decimal("8100.50"), "53004", OpportunityStatus.WON)
    assert fresh.title == "Transizione, due stabilimenti"
    assert fresh.refreshed_at > opportunity.refreshed_at
    assert [item.outcome for item in items[1:]] == [ItemOutcome.UNCHANGED] * 3


async def test_the_mirror_shows_titles_without_our_marker(sync, children):
    assert (await mirrored(2)).title == "[F40] Formazione 4.0 · Officine Meccaniche Brembate S.r.l."


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"amount": 1234.567}, id="an amount in fractions of a cent"),
        pytest.param({"amount": None}, id="no amount"),
        pytest.param({"title": "Proposta " * 200}, id="an endless title"),
        pytest.param({"phase": 53003}, id="another phase"),
        pytest.param({"phase": None}, id="no phase"),
    ],
)
async def test_whatever_the_crm_holds_is_mirrored_once(sandbox, sync, hub_path, children, values):
    opportunity = await mirrored(1)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, **values)
    await sync()
    before = dump(hub_path, without=OF_THE_ACTION)

    items = await sync()

    assert told(items)[0] == (opportunity.crm_id, ItemOutcome.UNCHANGED, None)
    assert dump(hub_path, without=OF_THE_ACTION) == before


async def test_one_that_was_deleted_in_the_crm_needs_attention_and_is_not_made_again(
    hub, sandbox, sync, giulia, children, closed_parent
):
    opportunity = await mirrored(3)
    await sandbox.delete("Opportunity", opportunity.crm_id)

    items = await sync()

    outcome = (opportunity.crm_id, ItemOutcome.NEEDS_ATTENTION, "The CRM no longer has this opportunity.")
    assert told(items)[2] == outcome
    missing = await mirrored(3)
    assert missing.missing_since is not None
    assert (await Ticket.get(id=missing.child_ticket_id)).status == TicketStatus.OPEN
    again = await generate(hub, closed_parent.id, actor=giulia.id)
    assert {item.outcome for item in again} == {ItemOutcome.UNCHANGED}


async def test_one_that_stays_deleted_keeps_the_instant_since_when(sandbox, sync, hub_path, children):
    await sandbox.delete("Opportunity", (await mirrored(3)).crm_id)
    await sync()
    before = dump(hub_path, without=OF_THE_ACTION)

    await sync()

    assert dump(hub_path, without=OF_THE_ACTION) == before


async def test_one_that_comes_back_is_no_longer_missing(sandbox, sync, children):
    opportunity = await mirrored(3)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, crossId=VALDARNO)
    await sync()
    assert (await mirrored(3)).missing_since is not None
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, crossId=BREMBATE)

    items = await sync()

    assert told(items)[2][1] == ItemOutcome.UPDATED
    assert (await mirrored(3)).missing_since is None


async def test_one_that_the_search_does_not_show_yet_is_not_missing_and_gets_its_child(
    hub, sandbox, sync, giulia, closed_parent
):
    await sandbox.switch(search_lag_seconds=30)
    await generate(hub, closed_parent.id, actor=giulia.id)

    items = await sync()

    assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
    assert await Opportunity.filter(missing_since__not_isnull=True).count() == 0


async def test_one_that_is_hidden_rather_than_deleted_is_missing_once_the_search_must_have_caught_up(
    hub_path, sandbox
):
    clock = SteppedClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    async with hub_over(hub_path, sandbox, clock=clock) as hub:
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
    engine_kind = hub.engine._kinds[SYNC]
    action = await sync_opportunities(actor=giulia.id, events=hub.events)
    item = await ActionItem.get(action_id=action.id)
    heard = await engine_kind.talk(item)
    await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    [lane] = [lane for lane in await hub.engine.due_lanes() if action.id not in lane]
    await hub.engine.run_lane(lane)

    async with hub.events.change(action.id, closed_parent.id, actor="system:engine", cause=item.id) as change:
        await engine_kind.apply(change, item, heard)

    assert await Opportunity.all().count() == 4
    assert await Opportunity.filter(missing_since__not_isnull=True).count() == 0


# Strangers


async def test_one_added_by_hand_is_adopted_by_its_code(sync, by_hand, closed_parent):
    crm_id = await by_hand("Come promesso", code="TCK-F40-5155-02", amount=4000)

    items = await sync()

    assert told(items) == [(crm_id, ItemOutcome.CREATED, "ITS_CODE")]
    adopted = await mirrored(2)
    assert (adopted.crm_id, adopted.code, adopted.amount) == (crm_id, "TCK-F40-5155-02", 4000)
    assert (await Ticket.get(id=adopted.child_ticket_id)).code == "TCK-F40-5155-02"


async def test_one_added_by_hand_is_adopted_by_the_service_in_its_title(sync, by_hand, closed_parent):
    crm_id = await by_hand("Patto Know-How con Brembate")

    items = await sync()

    assert told(items) == [(crm_id, ItemOutcome.CREATED, "ITS_SERVICE")]
    adopted = await mirrored(3)
    assert (adopted.crm_id, adopted.code) == (crm_id, "TCK-KHW-5155-03")


async def test_one_whose_code_the_crm_dropped_is_adopted_by_the_marker_in_its_title(
    sync, by_hand, closed_parent
):
    crm_id = await by_hand("[IH:TCK-KHW-5155-03] [KHW] Know How")

    items = await sync()

    assert told(items) == [(crm_id, ItemOutcome.CREATED, "ITS_CODE")]
    assert (await mirrored(3)).title == "[KHW] Know How"


async def test_an_adopted_one_is_not_made_again(hub, sandbox, sync, giulia, by_hand, closed_parent):
    await by_hand("Know How")
    await sync()

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items].count(ItemOutcome.UNCHANGED) == 1
    assert len(await sandbox.records("Opportunity")) == 4


async def test_one_that_is_lost_already_is_adopted_by_its_code_without_a_child(sync, by_hand, closed_parent):
    crm_id = await by_hand(code="TCK-F40-5155-02", status=LOST)

    items = await sync()

    assert told(items) == [(crm_id, ItemOutcome.ADOPTED, "LOST")]
    assert await Ticket.filter(parent_id=closed_parent.id).count() == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"title": "Proposta generica"}, "NO_SERVICE", id="names no service"),
        pytest.param({"title": "Know How e Formazione 4.0"}, "SEVERAL_SERVICES", id="names two"),
        pytest.param({"title": "Patent Box"}, "NO_FREE_LINE", id="names one that was not sold"),
        pytest.param({"title": "Know How", "status": LOST}, "LOST", id="is lost already"),
        pytest.param({"title": "x", "code": "TCK-F40-9999-02"}, "FOREIGN_CODE", id="carries another's code"),
    ],
)
async def test_what_is_not_certain_is_listed_and_left_alone(
    sync, hub_path, by_hand, closed_parent, values, reason
):
    crm_id = await by_hand(**values)
    before = dump(hub_path, without=OF_THE_ACTION)

    items = await sync()

    assert told(items) == [(crm_id, ItemOutcome.SKIPPED, reason)]
    assert dump(hub_path, without=OF_THE_ACTION) == before


async def test_what_two_could_claim_neither_gets(sync, by_hand, closed_parent):
    first, second = await by_hand("Know How"), await by_hand("know-how, seconda offerta")

    items = await sync()

    assert told(items) == [
        (first, ItemOutcome.SKIPPED, "SEVERAL_OPPORTUNITIES"),
        (second, ItemOutcome.SKIPPED, "SEVERAL_OPPORTUNITIES"),
    ]


async def test_two_parents_that_wait_for_the_same_service_leave_it_to_a_person(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    await take_in(hub, await sell(sandbox, "Start Office Digital bis"), actor=giulia.id)
    crm_id = await by_hand("Know How")

    assert told(await sync()) == [(crm_id, ItemOutcome.SKIPPED, "SEVERAL_PARENTS")]


async def test_a_cancelled_parent_claims_nothing(hub, sandbox, sync, giulia, by_hand, closed_parent):
    other = await take_in(hub, await sell(sandbox, "Start Office Digital bis"), actor=giulia.id)
    await cancel_ticket(other.id, "Doppione", children=None, actor=giulia.id, events=hub.events)
    await by_hand("Know How")

    await sync()

    assert (await Opportunity.get()).ticket_id == closed_parent.id


async def test_a_stranger_with_a_code_as_long_as_a_sentence_stops_nobody(sync, by_hand, generated):
    await by_hand("Commessa", code="commessa numero 12 della sede di Brembate, seconda parte, revisione 3")

    items = await sync()

    assert [item.outcome for item in items] == [*[ItemOutcome.CREATED] * 4, ItemOutcome.SKIPPED]


async def test_what_belongs_to_another_company_is_not_looked_at(sync, by_hand, closed_parent):
    await by_hand("Know How", crossId=VALDARNO)

    assert await sync() == []


# While something else is at work


@impatient
async def test_a_line_whose_opportunity_is_being_made_is_not_given_another(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    """The request of the first line was lost, when somebody adds an opportunity by hand and synchronises."""
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    await sandbox.plan("drop_before", match={"controller": "Opportunity", "action": "create"})
    [lane] = await hub.engine.due_lanes()
    await hub.engine.run_lane(lane)
    by_hand_id = await by_hand("Transizione 5.0")

    items = await sync()

    assert (by_hand_id, ItemOutcome.SKIPPED, "NO_FREE_LINE") in told(items)
    made = await run_to_the_end(hub, action)
    assert {item.outcome for item in made} == {ItemOutcome.CREATED}
    assert (await mirrored(1)).crm_id != by_hand_id


async def test_the_same_press_while_one_runs_answers_the_same_action(hub, hub_path, giulia, closed_parent):
    first = await sync_opportunities(actor=giulia.id, events=hub.events)
    before = dump(hub_path)

    second = await sync_opportunities(actor=giulia.id, events=hub.events)

    assert second.id == first.id
    assert dump(hub_path) == before


async def test_a_press_that_overlaps_is_refused_with_the_action_that_runs(
    hub, hub_path, giulia, closed_parent
):
    running = await sync_opportunities(actor=giulia.id, events=hub.events)
    before = dump(hub_path)

    for scope in ({"ticket_id": closed_parent.id}, {"company_id": closed_parent.company_id}):
        with pytest.raises(ActionRunning) as refused:
            await sync_opportunities(actor=giulia.id, events=hub.events, **scope)
        assert refused.value.action_id == running.id

    assert dump(hub_path) == before


# Scope


@pytest.fixture
async def two_companies(hub, sandbox, giulia, generated):
    """Brembate's parent, and one of Valdarno, both with their opportunities in the CRM."""
    other = await take_in(hub, await sell(sandbox, "kit SOF", companyId=VALDARNO), actor=giulia.id)
    await generate(hub, other.id, actor=giulia.id, override_reason="Urgente")
    return generated, other


async def test_all_companies_with_parents_are_read(sync, two_companies):
    await sync()

    assert {await Ticket.filter(parent_id=one.id).count() for one in two_companies} == {4}
    assert await ActionItem.filter(kind=SYNC).count() == 2


async def test_one_company_is_read_alone(sync, two_companies):
    generated, other = two_companies

    await sync(company_id=other.company_id)

    counts = [await Ticket.filter(parent_id=one.id).count() for one in (generated, other)]
    assert counts == [0, 4]


async def test_one_ticket_is_synchronised_without_the_others_of_its_company(
    hub, sandbox, sync, giulia, generated
):
    other = await take_in(hub, await sell(sandbox, "kit SOF"), actor=giulia.id)
    await generate(hub, other.id, actor=giulia.id, override_reason="Urgente")

    items = await sync(ticket_id=other.id)

    assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
    assert await Ticket.filter(parent_id=generated.id).count() == 0


async def test_what_nobody_could_match_is_told_for_one_ticket_too(sync, by_hand, generated):
    crm_id = await by_hand("Proposta generica")

    items = await sync(ticket_id=generated.id)

    assert told(items)[-1] == (crm_id, ItemOutcome.SKIPPED, "NO_SERVICE")


async def test_a_child_stands_for_its_parent(sync, children, closed_parent):
    items = await sync(ticket_id=children[2].id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * 4
    assert (await Action.all().order_by("-id").first()).ticket_id == closed_parent.id


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        pytest.param({"ticket_id": "tck_none"}, "UNKNOWN_TICKET", id="no such ticket"),
        pytest.param({"company_id": "cmp_none"}, "UNKNOWN_COMPANY", id="no such company"),
        pytest.param({}, "NOTHING_TO_SYNC", id="no parents at all"),
    ],
)
async def test_a_scope_without_parents_is_refused_and_writes_nothing(hub, hub_path, giulia, scope, code):
    before = dump(hub_path)

    refusal = await refusal_of(sync_opportunities(actor=giulia.id, events=hub.events, **scope))

    assert refusal.code == code
    assert dump(hub_path) == before


async def test_a_company_and_a_ticket_at_once_are_no_scope(hub, giulia, parent):
    refusal = await refusal_of(
        sync_opportunities(
            ticket_id=parent.id, company_id=parent.company_id, actor=giulia.id, events=hub.events
        )
    )

    assert refusal.code == "AMBIGUOUS_SCOPE"


# A CRM that fails


@impatient
@pytest.mark.parametrize(
    ("fault", "args"),
    [
        pytest.param("drop_before", {}, id="drops the line"),
        pytest.param("html_502", {}, id="is behind a broken proxy"),
        pytest.param("html_200", {}, id="answers a page"),
        pytest.param("truncated_body", {}, id="stops in the middle"),
        pytest.param("status", {"status": 429, "retry_after": 1}, id="has had enough"),
    ],
)
async def test_a_read_that_fails_is_repeated_and_nothing_is_concluded_from_it(
    sandbox, sync, generated, fault, args
):
    await sandbox.plan(fault, match={"controller": "Opportunity", "action": "search"}, args=args, times=2)

    items = await sync()

    assert [item.outcome for item in items] == [ItemOutcome.CREATED] * 4
    assert await Opportunity.filter(missing_since__not_isnull=True).count() == 0


async def test_a_crm_that_refuses_the_reading_fails_the_company_and_changes_nothing(
    hub, sandbox, hub_path, giulia, generated
):
    await sandbox.switch(key_scope=[])
    before = dump(hub_path, without=OF_THE_ACTION)

    action = await sync_opportunities(actor=giulia.id, events=hub.events)
    [item] = await run_to_the_end(hub, action)

    assert item.outcome == ItemOutcome.FAILED
    assert dump(hub_path, without=OF_THE_ACTION) == before
