"""What went wrong is the row that is not explained."""

import pytest

from models import ActionItem, Opportunity
from services.planning.reconciliation import Difference
from services.vocabulary import EffectKind, Explanation, Verdict
from tests.support.hub import ACTIVITY_OF_THE_STORY, BREMBATE, VALDARNO, edit_record, synchronise
from tests.support.reconciled import copy_opportunity, shadow


def found(row):
    return (row.kind, row.crm_id, row.verdict, [one.name for one in row.differences])


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


@pytest.mark.parametrize(
    ("code", "theirs"),
    [
        pytest.param("", "", id="it lost its code"),
        pytest.param("2027/14", "", id="it has a code of another system"),
    ],
)
async def test_an_opportunity_that_lost_its_code_differs_and_is_explained_once_it_is_flagged(
    hub, sandbox, giulia, told_whole, report, code, theirs
):
    await edit_record(sandbox, "Opportunity", told_whole.crm_id, code=code, title="Un'altra cosa")

    before = await report()
    await synchronise(hub, actor=giulia.id)
    after = await report()

    assert (await Opportunity.get(id=told_whole.id)).flag == "RENAMED"
    [row] = [one for one in after.rows if one.crm_id == told_whole.crm_id]
    ours = told_whole.code.partition(".")[0]
    assert (row.verdict, row.explanation) == (Verdict.DIFFERENT, Explanation.FLAGGED)
    assert row.differences == (Difference("code", ours, theirs),)
    assert [one.name for row in before.unexplained for one in row.differences] == ["code", "title"]


async def test_an_opportunity_made_by_hand_matches_without_a_code_of_ours(
    hub, sandbox, giulia, closed_parent, report
):
    crm_id = await sandbox.add("Opportunity", title="Formazione 4.0", crossId=BREMBATE)
    await synchronise(hub, actor=giulia.id)

    [row] = [one for one in (await report()).rows if one.crm_id == crm_id]

    assert row.verdict is Verdict.MATCHED


async def test_a_company_that_was_renamed_or_merged_in_the_crm_is_reported(sandbox, closed_parent, report):
    before = await report()
    await edit_record(sandbox, "Company", BREMBATE, companyName="Brembate Group S.p.A.")
    renamed = await report()
    await sandbox.merge("Company", BREMBATE, into=VALDARNO)
    merged = await report()

    assert before.differences == ()
    assert [(one.name, one.theirs) for one in renamed.differences] == [("name", "Brembate Group S.p.A.")]
    assert [(one.name, one.theirs) for one in merged.differences] == [("crm_id", str(VALDARNO))]
