"""🟣 Each milestone gets one CRM activity, unless it is refused or no longer wanted."""

from models import Milestone, Opportunity
from services.activities.generation import generate_activities
from services.tickets import workflow as milestones
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome
from tests.support.crm_activities import COMPLETED, OPEN, day_of, in_crm
from tests.support.hub import (
    BREMBATE,
    INTAKE_SUB_TYPE,
    complete_all,
    dump,
    edit_record,
    run_to_the_end,
    show_milestones,
    synchronise,
)
from tests.support.refusals import refusal_of


async def test_each_milestone_gets_one_activity_in_order_dated_by_its_due_date(
    hub, sandbox, giulia, opportunity, child
):
    items = await show_milestones(hub, opportunity, actor=giulia.id)

    rows = await Milestone.filter(ticket_id=child.id).order_by("position")
    assert [(item.outcome, item.reference) for item in items] == [
        (ItemOutcome.CREATED, f"{child.code}:{row.position}") for row in rows
    ]
    made = await in_crm(sandbox)
    for row in rows:
        record = made[row.position]
        assert record["subject"] == f"[IH:{child.code}:{row.position}] {row.title}"
        assert day_of(record) == str(row.due_on)
        assert (record["opportunityId"], record["companyId"]) == (opportunity.crm_id, BREMBATE)
        assert (record["ownerId"], record["state"]) == (2002, OPEN)
    assert sorted(made, key=lambda position: made[position]["id"]) == sorted(made)


async def test_no_shadow_is_of_the_sub_type_that_intake_watches_and_none_is_ever_taken_in(
    hub, sandbox, giulia, shown
):
    made = await in_crm(sandbox)
    assert INTAKE_SUB_TYPE not in {record["subTypeId"] for record in made.values()}

    for record in made.values():
        await edit_record(
            sandbox,
            "Activity",
            record["id"],
            subTypeId=INTAKE_SUB_TYPE,
            subject="Start Office Digital",
            description="senza marcatore",
        )
        refusal = await refusal_of(hub.intake.import_activity(record["id"], actor=giulia.id))
        assert refusal.code == "OWN_ECHO"


async def test_a_milestone_finished_before_is_shown_as_completed(hub, sandbox, giulia, opportunity, child):
    await complete_all(hub, child.id, actor=giulia.id)

    await show_milestones(hub, opportunity, actor=giulia.id)

    assert {record["state"] for record in (await in_crm(sandbox)).values()} == {COMPLETED}


async def test_a_cancelled_milestone_is_skipped(hub, sandbox, giulia, opportunity, child):
    second = await Milestone.get(ticket_id=child.id, position=2)
    await milestones.cancel_milestone(second.id, "Non serve", actor=giulia.id, events=hub.events)

    items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert (items[1].outcome, items[1].explanation) == (ItemOutcome.SKIPPED, "The milestone is cancelled.")
    assert 2 not in await in_crm(sandbox)


async def test_an_opportunity_without_a_child_is_refused(hub, hub_url, giulia, opportunity):
    await Opportunity.filter(id=opportunity.id).update(child_ticket_id=None)
    before = dump(hub_url)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "OPPORTUNITY_WITHOUT_CHILD"
    assert dump(hub_url) == before


async def test_a_cancelled_child_is_refused(hub, giulia, opportunity, child):
    await cancel_ticket(child.id, "Non serve", children=None, actor=giulia.id, events=hub.events)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "TICKET_CANCELLED"


async def test_an_opportunity_that_the_crm_no_longer_has_is_refused(hub, sandbox, giulia, opportunity):
    await sandbox.delete("Opportunity", opportunity.crm_id)
    await synchronise(hub, actor=giulia.id)

    refusal = await refusal_of(generate_activities(opportunity.id, actor=giulia.id, events=hub.events))

    assert refusal.code == "OPPORTUNITY_MISSING"


async def test_an_opportunity_that_does_not_exist_is_refused(hub):
    refusal = await refusal_of(generate_activities("opp_none", actor="opr_1", events=hub.events))

    assert refusal.code == "UNKNOWN_OPPORTUNITY"


async def test_a_milestone_cancelled_before_its_activity_was_made_gets_none(
    hub, sandbox, giulia, opportunity, child
):
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    first = await Milestone.filter(ticket_id=child.id).order_by("position").first()
    await milestones.cancel_milestone(first.id, "Non serve", actor=giulia.id, events=hub.events)

    items = await run_to_the_end(hub, action)

    assert (items[0].outcome, items[0].explanation) == (ItemOutcome.SKIPPED, "The milestone was cancelled.")
    assert {item.outcome for item in items[1:]} == {ItemOutcome.CREATED}
    assert len(await in_crm(sandbox)) == len(items) - 1


async def test_a_ticket_cancelled_before_its_activities_were_made_gets_none(
    hub, sandbox, giulia, opportunity, child
):
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    await cancel_ticket(child.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    items = await run_to_the_end(hub, action)

    assert {item.outcome for item in items} == {ItemOutcome.SKIPPED}
    assert await in_crm(sandbox) == {}
