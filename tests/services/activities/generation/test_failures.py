"""🟣 Each activity exists once, whatever fails."""

import pytest

from models import CrmActivity, Milestone
from services.vocabulary import CrmActivityRole, ItemOutcome
from tests.support.crm_activities import CHANGE, COMPLETED, CREATE, impatient, in_crm
from tests.support.hub import show_milestones


@impatient
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param(
            "commit_then_drop", {"match": CREATE, "times": 2}, id="committed, then the line dropped"
        ),
        pytest.param("drop_before", {"match": CREATE}, id="the line dropped before"),
        pytest.param("truncated_body", {"match": CREATE}, id="half an answer"),
        pytest.param("shortened_id", {"match": CREATE}, id="half an id"),
        pytest.param("html_502", {"match": CREATE, "args": {"commit": True}}, id="committed, then a page"),
        pytest.param("html_200", {"match": CREATE}, id="a page with 200, nothing written"),
        pytest.param(
            "status", {"match": CREATE, "args": {"status": 429, "retry_after": 1}}, id="too many calls"
        ),
        pytest.param(
            "drop_before",
            {"match": {"controller": "Activity", "action": "search"}},
            id="a look-up that was cut",
        ),
    ],
)
async def test_whatever_fails_the_crm_ends_up_with_each_activity_once(
    hub, sandbox, giulia, opportunity, child, settle, fault, details
):
    await sandbox.plan(fault, **details)

    items = await show_milestones(hub, opportunity, actor=giulia.id)
    await settle()

    made = await in_crm(sandbox)
    assert len(made) == len(items) == await Milestone.filter(ticket_id=child.id).count()
    assert {item.outcome for item in items} == {ItemOutcome.CREATED}
    shadows = await CrmActivity.filter(role=CrmActivityRole.SHADOW)
    assert {shadow.crm_id for shadow in shadows} == {record["id"] for record in made.values()}
    assert all(shadow.applied_revision == shadow.desired_revision for shadow in shadows)


@impatient
async def test_a_search_that_lags_does_not_make_an_activity_twice(hub, sandbox, giulia, opportunity, child):
    await sandbox.switch(search_lag_seconds=0.15)
    await sandbox.plan("commit_then_drop", match=CREATE)

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert len(await in_crm(sandbox)) == len(items)


async def test_an_update_that_the_crm_drops_after_doing_it_is_simply_sent_again(
    sandbox, shown, complete, settle
):
    await sandbox.plan("commit_then_drop", match=CHANGE)

    await complete(shown[0])
    await settle()

    assert (await in_crm(sandbox))[1]["state"] == COMPLETED
    assert len(await in_crm(sandbox)) == len(shown)
