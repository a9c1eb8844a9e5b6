"""If the CRM fails, the import says so and writes nothing."""

from dataclasses import replace

import pytest

from tests.support.hub import ACTIVITY_OF_THE_STORY, dump, hub_over
from tests.support.refusals import refusal_of


@pytest.mark.parametrize("action", ["Activity", "Company"])
@pytest.mark.parametrize(
    ("fault", "args"),
    [
        pytest.param("drop_before", {}, id="drops the line"),
        pytest.param("html_200", {}, id="answers a page"),
        pytest.param("html_502", {}, id="is behind a broken proxy"),
        pytest.param("status", {"status": 500}, id="breaks"),
        pytest.param("truncated_body", {}, id="stops in the middle"),
        pytest.param("empty_body", {}, id="says nothing"),
    ],
)
async def test_a_crm_that_fails_is_reported_and_nothing_is_written(
    hub, hub_url, sandbox, giulia, action, fault, args
):
    await sandbox.plan(fault, match={"controller": action}, args=args, times=None)
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert refusal.code == "CRM_UNAVAILABLE"
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    "status", [pytest.param(429, id="too many calls"), pytest.param(503, id="down for a minute")]
)
async def test_a_pause_that_the_crm_asked_for_is_reported_with_its_end_without_waiting(
    hub, hub_url, sandbox, giulia, status
):
    await sandbox.plan("status", match={"controller": "Activity"}, args={"status": status, "retry_after": 60})
    before = dump(hub_url)
    first = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))
    called = len(await sandbox.calls(""))

    again = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert {first.code, again.code} == {"CRM_PAUSED"}
    assert "until 20" in first.message
    assert len(await sandbox.calls("")) == called
    assert dump(hub_url) == before


async def test_a_crm_that_refuses_is_reported_in_its_own_words_and_nothing_is_written(
    hub, hub_url, sandbox, giulia
):
    await sandbox.plan(
        "status",
        match={"controller": "Activity"},
        args={"status": 403, "message": "Chiave senza permessi"},
        times=None,
    )
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert refusal.code == "CRM_REFUSED"
    assert refusal.crm_words == "Chiave senza permessi"
    assert dump(hub_url) == before


async def test_a_crm_that_is_not_there_is_reported_and_nothing_is_written(hub_url, sandbox, unused_tcp_port):
    gone = replace(sandbox, crm=f"http://127.0.0.1:{unused_tcp_port}")
    async with hub_over(hub_url, gone) as hub:
        before = dump(hub_url)

        refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor="opr_1"))

        assert refusal.code == "CRM_UNAVAILABLE"
        assert dump(hub_url) == before
