"""What differs is put right; what people added stays."""

import pytest

from models import Action, ActionItem, Company, Ticket
from services.vocabulary import Explanation, ItemKind, ItemOutcome, Verdict
from tests.support.hub import edit_record, run_to_the_end
from tests.support.verified_activities import (
    COMPLETED,
    CREATE,
    FATES,
    held,
    lose,
    put,
    reference_of,
    shadow_of,
)

OURS = ("subject", "activityDate", "ownerId", "state", "opportunityId")
UNCOMPARED = {"lastModifiedDate": None, "lastModifiedById": None}


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param({"subject": "Altro"}, id="another subject"),
        pytest.param({"subject": "[IH:TCK-F40-5155-09:1] Altro"}, id="another marker in the subject"),
        pytest.param({"activityDate": "2030-01-07T12:00:00"}, id="another date"),
        pytest.param({"ownerId": 2005}, id="another owner"),
        pytest.param({"state": COMPLETED}, id="completed"),
        pytest.param({"opportunityId": None}, id="no opportunity"),
    ],
)
async def test_what_somebody_changed_in_the_crm_is_put_right(sandbox, stages, press, edited):
    [before] = await held(sandbox, stages[1])
    await edit_record(sandbox, "Activity", before["id"], **edited)

    outcomes = await press()

    changed = {ItemKind.CHECK_ACTIVITIES, await reference_of(stages[1])}
    assert {of for of, outcome in outcomes.items() if outcome == ItemOutcome.UPDATED} == changed
    [after] = await held(sandbox, stages[1])
    assert {**after, **UNCOMPARED} == {
        **before,
        **edited,
        **UNCOMPARED,
        **{name: before[name] for name in OURS},
    }


async def test_what_people_added_stays(sandbox, stages, press):
    [before] = await held(sandbox, stages[1])
    words = before["description"] + "\nSentito il cliente."
    await edit_record(sandbox, "Activity", before["id"], description=words, priority=3)

    outcomes = await press()

    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    [after] = await held(sandbox, stages[1])
    assert (after["description"], after["priority"]) == (words, 3)


async def test_an_update_that_was_given_up_counts_as_arrived_where_the_crm_shows_it(
    hub, sandbox, giulia, stages, press
):
    await sandbox.plan("status", match={"controller": "Activity", "action": "update"}, args={"status": 400})
    due_on = await put(hub, stages[-1], 3, actor=giulia.id)
    await run_to_the_end(hub, await Action.all().order_by("-id").first())
    [record] = await held(sandbox, stages[-1])
    await edit_record(sandbox, "Activity", record["id"], activityDate=f"{due_on}T12:00:00")

    outcomes = await press()

    shadow = await shadow_of(stages[-1])
    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    assert (str(shadow.due_on), shadow.applied_revision) == (due_on, shadow.desired_revision)


@pytest.mark.parametrize("fate", FATES)
async def test_a_gone_activity_is_missing_until_a_press_knows_of_it_and_mends_it(
    hub, sandbox, stages, press, fate
):
    company = await Company.get(id=(await Ticket.get(id=stages[0].ticket_id)).company_id)

    async def missing():
        report = await hub.reconciler.report(company.id)
        return [row.explanation for row in report.rows if row.verdict is not Verdict.MATCHED]

    await lose(sandbox, (await shadow_of(stages[1])).crm_id, fate)
    before = await missing()
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    await press()
    known = await missing()
    await press()

    assert (before, known, await missing()) == ([None], [Explanation.FLAGGED], [])
    assert not await ActionItem.filter(open_key__not_isnull=True).exists()
