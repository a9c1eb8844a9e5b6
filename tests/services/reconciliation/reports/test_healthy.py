"""On a healthy run every effect is matched."""

import asyncio

from models import ActionItem, Company, CrmActivity
from resolvers.errors import Forbidden
from schema import schema
from services.vocabulary import EffectKind, Explanation, Role, Verdict
from tests.schema.conftest import context_for
from tests.support.hub import BREMBATE, complete_all, dump, edit_record, generate, hub_over, run_to_the_end
from tests.support.reconciled import shadow

LAG_BOUND = 0.2


async def test_on_a_healthy_run_every_effect_is_matched(report, told_whole):
    shadow_count = await CrmActivity.filter(role="SHADOW").count()

    healthy = await report()

    assert [row.verdict for row in healthy.rows] == [Verdict.MATCHED] * (1 + 4 + shadow_count)
    assert {row.kind for row in healthy.rows} == set(EffectKind)
    assert (healthy.matched_count, healthy.unexplained_count) == (len(healthy.rows), 0)


async def test_it_stays_so_when_work_is_done_and_followed(hub, giulia, report, told_whole):
    await complete_all(hub, told_whole.child_ticket_id, actor=giulia.id)
    under_way = await report()
    await run_to_the_end(hub, await (await ActionItem.all().order_by("-id").first()).action)

    done = await report()

    completed = await CrmActivity.filter(role="SHADOW").count()
    assert [row.explanation for row in under_way.rows if row.verdict is Verdict.DIFFERENT] == [
        Explanation.UNDER_WAY
    ] * completed
    assert under_way.unexplained_count == 0
    assert done.matched_count == len(done.rows)


async def test_it_costs_three_calls_and_writes_nothing(hub_url, sandbox, report, told_whole):
    before, records = dump(hub_url), await sandbox.records("Activity")
    calls = len(await sandbox.calls(""))

    await report()

    made = (await sandbox.calls(""))[calls:]
    assert [call["path"].removeprefix("/api/v1/") for call in made] == [
        f"Company/{BREMBATE}/GetFull",
        "Opportunity/Search",
        "Activity/Search",
    ]
    assert dump(hub_url) == before
    assert await sandbox.records("Activity") == records


async def test_what_others_have_in_the_crm_is_not_in_it(sandbox, report, told_whole):
    await sandbox.add("Opportunity", title="Sito web", crossId=BREMBATE)
    await sandbox.add("Activity", subject="Telefonata", companyId=BREMBATE, subTypeId=63706)

    assert (await report()).unexplained_count == 0


async def test_a_record_that_the_search_does_not_show_yet_is_asked_for_by_its_id(
    hub_url, giulia, sandbox, closed_parent
):
    await sandbox.switch(search_lag_seconds=60)
    async with hub_over(hub_url, sandbox, lag_bound_seconds=60) as hub:
        await generate(hub, closed_parent.id, actor=giulia.id)

        fresh = await hub.reconciler.report(closed_parent.company_id)

    assert [row.verdict for row in fresh.rows] == [Verdict.MATCHED] * 5


async def test_one_that_nothing_but_its_id_still_shows_is_missing(sandbox, report, told_whole):
    gone = {told_whole.crm_id, (await shadow()).crm_id}
    await sandbox.switch(deletes="soft")
    await sandbox.delete("Opportunity", told_whole.crm_id)
    await sandbox.delete("Activity", (await shadow()).crm_id)
    await asyncio.sleep(LAG_BOUND)

    unexplained = (await report()).unexplained

    assert {(row.crm_id, row.verdict) for row in unexplained} == {(one, Verdict.MISSING) for one in gone}


REPORT = """query ($id: ID!) { reconcileCompany(companyId: $id) {
  reconciliation {
    company { name } matchedCount missingCount extraCount differentCount unexplainedCount
    rows { kind crmId verdict differences { name ours theirs } explanation unexplained doubleOf } }
  problems { code } } }"""


async def test_the_api_reports_the_same_to_operators(hub, sandbox, told_whole):
    crm_id = (await shadow()).crm_id
    await edit_record(sandbox, "Activity", crm_id, state=2)
    context = context_for(Role.OPERATOR, reconciler=hub.reconciler)
    company = await Company.get(crm_id=BREMBATE)

    answer = await schema.execute(REPORT, {"id": company.id}, context_value=context)

    reported = answer.data["reconcileCompany"]["reconciliation"]
    assert reported["company"] == {"name": company.name}
    assert (reported["differentCount"], reported["unexplainedCount"]) == (1, 1)
    assert [one for one in reported["rows"] if one["unexplained"]] == [
        {
            "kind": "ACTIVITY",
            "crmId": str(crm_id),
            "verdict": "DIFFERENT",
            "differences": [{"name": "completed", "ours": "false", "theirs": "true"}],
            "explanation": None,
            "unexplained": True,
            "doubleOf": None,
        }
    ]


async def test_the_api_refuses_viewers_because_it_costs_calls(hub, sandbox, told_whole):
    before = len(await sandbox.calls(""))
    context = context_for(Role.VIEWER, reconciler=hub.reconciler)

    answer = await schema.execute(REPORT, {"id": told_whole.company_id}, context_value=context)

    assert answer.errors[0].original_error.__class__ is Forbidden
    assert len(await sandbox.calls("")) == before
