"""🟡 Each opportunity exists once, whatever fails."""

import pytest

from models import Action, Opportunity
from services.actions import retry_action
from services.opportunities.generation import generate_opportunities
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.generated_opportunities import CODES, codes_in
from tests.support.hub import BREMBATE, generate, run_to_the_end, synchronise

CREATE = {"controller": "Opportunity", "action": "create"}
SEARCH = {"controller": "Opportunity", "action": "search"}


impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


@impatient
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param("commit_then_drop", {"match": CREATE}, id="committed, then the line dropped"),
        pytest.param("commit_then_drop", {"match": CREATE, "times": 4}, id="four times"),
        pytest.param("drop_before", {"match": CREATE}, id="the line dropped before"),
        pytest.param("truncated_body", {"match": CREATE}, id="half an answer"),
        pytest.param("shortened_id", {"match": CREATE}, id="half an id"),
        pytest.param("empty_body", {"match": CREATE}, id="an answer without an id"),
        pytest.param("html_502", {"match": CREATE, "args": {"commit": True}}, id="committed, then a page"),
        pytest.param("html_502", {"match": CREATE}, id="a page, nothing written"),
        pytest.param(
            "html_200", {"match": CREATE, "args": {"commit": True}}, id="committed, a page with 200"
        ),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 500, "commit": True}}, id="committed, then 500"
        ),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 429, "retry_after": 1}}, id="too many calls"
        ),
        pytest.param("revoke_tokens", {"match": CREATE}, id="a token that was revoked"),
        pytest.param("drop_before", {"match": SEARCH}, id="a look-up that was cut"),
        pytest.param("html_502", {"match": SEARCH, "times": 3}, id="a look-up that failed three times"),
    ],
)
async def test_whatever_fails_the_crm_ends_up_with_each_opportunity_once(
    hub, sandbox, giulia, closed_parent, fault, details
):
    await sandbox.plan(fault, **details)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert await codes_in(sandbox) == sorted(CODES)
    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    made = {one["code"]: one["id"] for one in await sandbox.records("Opportunity")}
    assert dict(await Opportunity.all().values_list("code", "crm_id")) == made


@impatient
async def test_a_search_that_lags_does_not_make_an_opportunity_twice(hub, sandbox, giulia, closed_parent):
    await sandbox.switch(search_lag_seconds=0.15)
    await sandbox.plan("commit_then_drop", match=CREATE)

    await generate(hub, closed_parent.id, actor=giulia.id)

    assert await codes_in(sandbox) == sorted(CODES)


@impatient
async def test_a_crm_that_drops_our_code_still_shows_whose_each_opportunity_is(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.switch(opportunity_code="dropped")
    await sandbox.plan("commit_then_drop", match=CREATE)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    titles = [one["title"] for one in await sandbox.records("Opportunity")]
    assert sorted(title.split("]")[0] for title in titles) == sorted(f"[IH:{code}" for code in CODES)


async def test_what_the_crm_holds_under_our_code_is_adopted(hub, sandbox, giulia, closed_parent):
    await sandbox.add("Opportunity", title="Formazione a mano", code=CODES[1], crossId=BREMBATE)

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items] == [
        ItemOutcome.CREATED,
        ItemOutcome.ADOPTED,
        ItemOutcome.CREATED,
        ItemOutcome.CREATED,
    ]
    assert await codes_in(sandbox) == sorted(CODES)


async def test_an_opportunity_that_the_crm_refuses_fails_with_its_words_and_is_retried(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.plan("status", match=CREATE, args={"status": 400, "message": "Fase non valida"})
    items = await generate(hub, closed_parent.id, actor=giulia.id)
    assert [item.outcome for item in items] == [ItemOutcome.FAILED, *[ItemOutcome.CREATED] * 3]
    assert items[0].crm_words == "Fase non valida"
    assert (await Action.get()).status == ActionStatus.WAITING

    action = await retry_action(items[0].action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, action)

    assert await codes_in(sandbox) == sorted(CODES)
    assert (await Action.get()).status == ActionStatus.COMPLETED


async def test_a_retry_makes_no_second_opportunity_for_a_line_that_was_given_one_meanwhile(
    hub, sandbox, giulia, closed_parent
):
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    items = await generate(hub, closed_parent.id, actor=giulia.id)
    by_hand = await sandbox.add("Opportunity", title="Transizione 5.0 Brembate", crossId=BREMBATE)
    await synchronise(hub, actor=giulia.id, ticket_id=closed_parent.id)
    assert (await Opportunity.get(ticket_line_id=items[0].key)).crm_id == by_hand

    action = await retry_action(items[0].action_id, actor=giulia.id, events=hub.events)
    items = await run_to_the_end(hub, action)

    assert items[0].crm_id == by_hand
    assert await Opportunity.filter(ticket_line_id=items[0].key).count() == 1
    assert len(await sandbox.records("Opportunity")) == 4


@impatient
async def test_an_action_interrupted_anywhere_is_finished_by_the_next_process(
    hub, sandbox, giulia, closed_parent
):
    """What a crash leaves behind is a row; here the item is claimed and the request has been committed."""
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    await sandbox.plan("commit_then_drop", match=CREATE)
    [lane] = await hub.engine.due_lanes()
    assert await hub.engine.run_lane(lane) > 0
    assert len(await sandbox.records("Opportunity")) == 1

    items = await run_to_the_end(hub, action)

    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    assert await codes_in(sandbox) == sorted(CODES)
