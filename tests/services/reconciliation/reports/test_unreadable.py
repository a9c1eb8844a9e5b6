"""What cannot be read is not called missing."""

import asyncio

import pytest

from services.errors import Refusal
from tests.support.hub import take_in

OF_ANOTHER_COMPANY = 843311


async def test_a_company_that_cannot_be_read_says_so_and_the_others_follow(hub, giulia, sandbox, told_whole):
    await take_in(hub, OF_ANOTHER_COMPANY, actor=giulia.id)
    await sandbox.plan("html_502", match={"controller": "Opportunity"})

    first, second = [one async for one in hub.reconciler.report_each()]

    assert first.rows == ()
    assert "Opportunity/Search" in first.trouble
    assert second.trouble is None
    assert second.matched_count == len(second.rows) > 0


async def test_a_crm_that_fails_is_a_refusal_and_nothing_is_called_missing(sandbox, report, told_whole):
    await sandbox.plan("html_502", match={"controller": "Activity"})

    with pytest.raises(Refusal) as caught:
        await report()

    assert caught.value.code == "CRM_UNAVAILABLE"
    assert (await report()).unexplained_count == 0


async def test_a_second_comparison_is_refused_while_one_runs(sandbox, report, told_whole):
    await sandbox.switch(latency_seconds=0.5)

    answers = await asyncio.gather(report(), report(), return_exceptions=True)

    refused, compared = sorted(answers, key=lambda one: not isinstance(one, Refusal))
    assert refused.code == "RECONCILIATION_RUNNING"
    assert compared.unexplained_count == 0


async def test_an_unknown_company_is_refused(hub):
    with pytest.raises(Refusal) as caught:
        await hub.reconciler.report("cmp_0")

    assert caught.value.code == "UNKNOWN_COMPANY"
