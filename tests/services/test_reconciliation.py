"""The report: on a healthy run everything is matched, and whatever went wrong since is one row that nobody excuses."""

import asyncio

import pytest

from models import Action, ActionItem, Company, CrmActivity, Opportunity
from resolvers.errors import Forbidden
from schema import schema
from services.actions.second_look import plan_second_look
from services.errors import Refusal
from services.opportunity_repairs import RepairRequest, repair_opportunity
from services.planning.reconciliation import Difference
from services.vocabulary import EffectKind, Explanation, Repair, Role, Verdict
from tests.hub import (
    ACTIVITY_OF_THE_STORY,
    BREMBATE,
    VALDARNO,
    complete_all,
    dump,
    edit_record,
    generate,
    hub_over,
    run_to_the_end,
    show_milestones,
    synchronise,
    take_in,
)
from tests.schema.conftest import context_for

WON, LOST = 3, 4
LAG_BOUND = 0.2
OF_ANOTHER_COMPANY = 843311


@pytest.fixture
async def told_whole(hub, giulia, opportunity):
    """A company with a sale, four opportunities, and the activities of the first one's child; that opportunity."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Opportunity.get(id=opportunity.id)


@pytest.fixture
def report(hub):
    async def report():
        company = await Company.get(crm_id=BREMBATE)
        return await hub.reconciler.report(company.id)

    return report


async def shadow(position=1):
    shadows = await CrmActivity.filter(role="SHADOW").order_by("id")
    return shadows[position - 1]


def found(row):
    return (row.kind, row.crm_id, row.verdict, [one.name for one in row.differences])


# A healthy run


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


async def test_it_costs_two_calls_and_writes_nothing(hub_url, sandbox, report, told_whole):
    before, records = dump(hub_url), await sandbox.records("Activity")
    calls = len(await sandbox.calls(""))

    await report()

    made = (await sandbox.calls(""))[calls:]
    assert [call["path"].removeprefix("/api/v1/") for call in made] == [
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


async def test_the_api_tells_operators_the_same(hub, sandbox, told_whole):
    crm_id = (await shadow()).crm_id
    await edit_record(sandbox, "Activity", crm_id, state=2)
    context = context_for(Role.OPERATOR, reconciler=hub.reconciler)
    company = await Company.get(crm_id=BREMBATE)

    answer = await schema.execute(REPORT, {"id": company.id}, context_value=context)

    told = answer.data["reconcileCompany"]["reconciliation"]
    assert told["company"] == {"name": company.name}
    assert (told["differentCount"], told["unexplainedCount"]) == (1, 1)
    assert [one for one in told["rows"] if one["unexplained"]] == [
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


async def test_the_api_tells_viewers_nothing_because_it_costs_calls(hub, sandbox, told_whole):
    before = len(await sandbox.calls(""))
    context = context_for(Role.VIEWER, reconciler=hub.reconciler)

    answer = await schema.execute(REPORT, {"id": told_whole.company_id}, context_value=context)

    assert answer.errors[0].original_error.__class__ is Forbidden
    assert len(await sandbox.calls("")) == before


# What explains a row


async def test_what_only_a_synchronisation_takes_over_is_explained(hub, giulia, sandbox, report, told_whole):
    await edit_record(sandbox, "Opportunity", told_whole.crm_id, status=WON)
    before = await report()
    await synchronise(hub, actor=giulia.id)

    after = await report()

    different = [row for row in before.rows if row.verdict is Verdict.DIFFERENT]
    assert [(row.explanation, row.differences) for row in different] == [
        (Explanation.MIRROR_IS_OLDER, (Difference("status", "OPEN", "WON"),))
    ]
    assert after.matched_count == len(after.rows)


async def test_what_a_synchronisation_found_to_be_gone_or_foreign_is_explained(
    hub, giulia, sandbox, report, told_whole
):
    await sandbox.delete("Opportunity", told_whole.crm_id)
    await sandbox.add("Opportunity", title="Finta", code="TCK-F40-5155-09", crossId=BREMBATE)
    await synchronise(hub, actor=giulia.id)

    explained = {row.verdict: row.explanation for row in (await report()).rows if not row.unexplained}

    assert explained[Verdict.MISSING] is Explanation.FLAGGED
    assert explained[Verdict.EXTRA] is Explanation.UNMATCHED


async def test_one_that_was_made_anew_has_taken_the_place_of_the_lost_one(
    hub, giulia, sandbox, report, told_whole
):
    await edit_record(sandbox, "Opportunity", told_whole.crm_id, status=LOST)
    await synchronise(hub, actor=giulia.id)
    request = RepairRequest(repair=Repair.RECREATE)
    doors = {"actor": giulia.id, "crm": hub.crm, "events": hub.events}
    await run_to_the_end(hub, await repair_opportunity(told_whole.id, request, **doors))
    anew = await Opportunity.get(id=told_whole.id)

    rows = {row.crm_id: row for row in (await report()).rows if row.kind is EffectKind.OPPORTUNITY}

    assert anew.crm_id != told_whole.crm_id
    assert rows[anew.crm_id].verdict is Verdict.MATCHED
    assert rows[told_whole.crm_id].explanation is Explanation.SUPERSEDED


async def test_a_double_that_a_second_look_put_down_waits_for_a_person(hub, sandbox, report, told_whole):
    _, crm_id, *_ = await copy_opportunity(sandbox, told_whole)
    before = await report()
    item = await ActionItem.filter(kind="CREATE_OPPORTUNITY").first()
    async with hub.events.change(item.action_id, actor="system:test") as change:
        await plan_second_look(change, item, delay=0.0)
    await run_to_the_end(hub, await Action.get(id=item.action_id))

    after = await report()

    assert [row.crm_id for row in before.unexplained] == [crm_id]
    assert [(row.crm_id, row.double_of, row.explanation) for row in after.rows if row.double_of] == [
        (crm_id, told_whole.crm_id, Explanation.WAITS_FOR_PERSON)
    ]


# When it cannot be told


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


async def test_whoever_asks_while_a_comparison_runs_is_refused(sandbox, report, told_whole):
    answers = await asyncio.gather(report(), report(), return_exceptions=True)

    refused, compared = sorted(answers, key=lambda one: not isinstance(one, Refusal))
    assert refused.code == "RECONCILIATION_RUNNING"
    assert compared.unexplained_count == 0


async def test_an_unknown_company_is_refused(hub):
    with pytest.raises(Refusal) as caught:
        await hub.reconciler.report("cmp_0")

    assert caught.value.code == "UNKNOWN_COMPANY"


# What went wrong


async def delete_opportunity(sandbox, opportunity):
    await sandbox.delete("Opportunity", opportunity.crm_id)
    return EffectKind.OPPORTUNITY, opportunity.crm_id, Verdict.MISSING, []


async def delete_activity(sandbox, opportunity):
    crm_id = (await shadow()).crm_id
    await sandbox.delete("Activity", crm_id)
    return EffectKind.ACTIVITY, crm_id, Verdict.MISSING, []


async def delete_sale(sandbox, opportunity):
    await sandbox.delete("Activity", ACTIVITY_OF_THE_STORY)
    return EffectKind.SALE, ACTIVITY_OF_THE_STORY, Verdict.MISSING, []


async def copy_opportunity(sandbox, opportunity):
    crm_id = await sandbox.add(
        "Opportunity", title=f"[IH:{opportunity.code}] Copia", code=opportunity.code, crossId=BREMBATE
    )
    return EffectKind.OPPORTUNITY, crm_id, Verdict.EXTRA, []


async def copy_activity(sandbox, opportunity):
    marked = f"[IH:{(await shadow()).wanted['reference']}] Copia"
    crm_id = await sandbox.add("Activity", subject=marked, companyId=BREMBATE, subTypeId=63706)
    return EffectKind.ACTIVITY, crm_id, Verdict.EXTRA, []


async def invent_opportunity(sandbox, opportunity):
    crm_id = await sandbox.add("Opportunity", title="Finta", code="TCK-F40-5155-09", crossId=BREMBATE)
    return EffectKind.OPPORTUNITY, crm_id, Verdict.EXTRA, []


async def invent_activity(sandbox, opportunity):
    marked = "[IH:TCK-F40-5155-02:77] Finta"
    crm_id = await sandbox.add("Activity", subject=marked, companyId=BREMBATE, subTypeId=63706)
    return EffectKind.ACTIVITY, crm_id, Verdict.EXTRA, []


def edit_opportunity(differing, **values):
    async def edit(sandbox, opportunity):
        await edit_record(sandbox, "Opportunity", opportunity.crm_id, **values)
        return EffectKind.OPPORTUNITY, opportunity.crm_id, Verdict.DIFFERENT, differing

    return edit


def edit_activity(differing, **values):
    async def edit(sandbox, opportunity):
        crm_id = (await shadow()).crm_id
        await edit_record(sandbox, "Activity", crm_id, **values)
        return EffectKind.ACTIVITY, crm_id, Verdict.DIFFERENT, differing

    return edit


async def move_activity(sandbox, opportunity):
    crm_id = (await shadow()).crm_id
    other = await Opportunity.exclude(id=opportunity.id).first()
    await edit_record(sandbox, "Activity", crm_id, opportunityId=other.crm_id)
    return EffectKind.ACTIVITY, crm_id, Verdict.DIFFERENT, ["opportunity"]


async def believe_in_an_opportunity(sandbox, opportunity):
    other = await Opportunity.exclude(id=opportunity.id).first()
    await sandbox.delete("Opportunity", other.crm_id)
    await Opportunity.filter(id=other.id).update(crm_id=999_999)
    return EffectKind.OPPORTUNITY, 999_999, Verdict.MISSING, []


async def note_an_effect_that_nobody_mirrors(sandbox, opportunity):
    item = await ActionItem.filter(kind="CREATE_OPPORTUNITY").first()
    invented = ActionItem(**{**dict(item), "id": "itm_0", "position": 99, "key": "tln_0", "crm_id": 999_999})
    await invented.save(force_create=True)
    return EffectKind.OPPORTUNITY, 999_999, Verdict.MISSING, []


@pytest.mark.parametrize(
    "go_wrong",
    [
        pytest.param(delete_opportunity, id="an opportunity is deleted"),
        pytest.param(delete_activity, id="an activity is deleted"),
        pytest.param(delete_sale, id="the sale is deleted"),
        pytest.param(copy_opportunity, id="an opportunity of ours is there twice"),
        pytest.param(copy_activity, id="an activity of ours is there twice"),
        pytest.param(invent_opportunity, id="an opportunity carries a code of ours"),
        pytest.param(invent_activity, id="an activity carries a marker of ours"),
        pytest.param(edit_opportunity(["amount"], amount=12), id="another amount"),
        pytest.param(edit_opportunity(["title"], title="Altro"), id="another title"),
        pytest.param(edit_opportunity(["company"], crossId=VALDARNO), id="given to another company"),
        pytest.param(edit_opportunity(["code"], code="TCK-F40-1-01"), id="another code"),
        pytest.param(edit_activity(["owner"], ownerId=2004), id="another owner"),
        pytest.param(edit_activity(["due_on"], activityDate="2027-05-03T12:00:00"), id="another due date"),
        pytest.param(edit_activity(["completed"], state=2), id="completed over there"),
        pytest.param(edit_activity(["subject"], subject="Altro"), id="another subject"),
        pytest.param(edit_activity(["reference", "subject"], subject="[IH:x] Altro"), id="another marker"),
        pytest.param(move_activity, id="an activity is moved to another opportunity"),
        pytest.param(believe_in_an_opportunity, id="an opportunity never was there"),
        pytest.param(note_an_effect_that_nobody_mirrors, id="the ledger alone tells of it"),
    ],
)
async def test_what_went_wrong_is_the_one_row_that_is_not_explained(sandbox, report, told_whole, go_wrong):
    expected = await go_wrong(sandbox, told_whole)

    after = await report()

    assert [found(row) for row in after.unexplained] == [expected]
