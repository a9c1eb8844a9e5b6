"""Which companies a synchronisation reads, and what a CRM that fails makes of it."""

import pytest

from models import Action, ActionItem, Opportunity, Ticket
from services.actions import ActionRunning
from services.opportunities.sync import sync_opportunities
from services.vocabulary import ItemKind, ItemOutcome
from tests.support.hub import VALDARNO, dump, generate, run_to_the_end, sell, take_in
from tests.support.refusals import refusal_of
from tests.support.sync_findings import OF_THE_ACTION, reported

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


async def test_the_same_press_while_one_runs_answers_the_same_action(hub, hub_url, giulia, closed_parent):
    first = await sync_opportunities(actor=giulia.id, events=hub.events)
    before = dump(hub_url)

    second = await sync_opportunities(actor=giulia.id, events=hub.events)

    assert second.id == first.id
    assert dump(hub_url) == before


async def test_a_press_that_overlaps_is_refused_with_the_action_that_runs(
    hub, hub_url, giulia, closed_parent
):
    running = await sync_opportunities(actor=giulia.id, events=hub.events)
    before = dump(hub_url)

    for scope in ({"ticket_id": closed_parent.id}, {"company_id": closed_parent.company_id}):
        with pytest.raises(ActionRunning) as refused:
            await sync_opportunities(actor=giulia.id, events=hub.events, **scope)
        assert refused.value.action_id == running.id

    assert dump(hub_url) == before


@pytest.fixture
async def two_companies(hub, sandbox, giulia, generated):
    """Brembate's parent, and one of Valdarno, both with their opportunities in the CRM."""
    other = await take_in(hub, await sell(sandbox, "kit SOF", companyId=VALDARNO), actor=giulia.id)
    await generate(hub, other.id, actor=giulia.id, override_reason="Urgente")
    return generated, other


async def test_all_companies_with_parents_are_read(sync, two_companies):
    await sync()

    assert {await Ticket.filter(parent_id=one.id).count() for one in two_companies} == {4}
    assert await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).count() == 2


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


async def test_what_could_not_be_matched_is_reported_for_one_ticket_too(sync, by_hand, generated):
    crm_id = await by_hand("Proposta generica")

    items = await sync(ticket_id=generated.id)

    assert reported(items)[-1] == (crm_id, ItemOutcome.SKIPPED, "NO_SERVICE")


async def test_a_child_names_the_scope_of_its_parent(sync, children, closed_parent):
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
async def test_a_scope_without_parents_is_refused_and_writes_nothing(hub, hub_url, giulia, scope, code):
    before = dump(hub_url)

    refusal = await refusal_of(sync_opportunities(actor=giulia.id, events=hub.events, **scope))

    assert refusal.code == code
    assert dump(hub_url) == before


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
    hub, sandbox, hub_url, giulia, generated
):
    await sandbox.switch(key_scope=[])
    before = dump(hub_url, without=OF_THE_ACTION)

    action = await sync_opportunities(actor=giulia.id, events=hub.events)
    [item] = await run_to_the_end(hub, action)

    assert item.outcome == ItemOutcome.FAILED
    assert dump(hub_url, without=OF_THE_ACTION) == before
