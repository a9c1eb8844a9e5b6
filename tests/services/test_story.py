"""The main job, through the use cases, against the sandbox."""

from models import Milestone, Opportunity, Task, Ticket
from services.activities import generation as activities
from services.opportunities import generation as opportunities, sync as opportunity_sync
from services.tickets import workflow as milestones
from services.vocabulary import ItemOutcome, MilestoneStatus, TicketStatus
from tests.support.hub import ACTIVITY_OF_THE_STORY, add_operator, run_to_the_end


async def close_everything(hub, ticket_id, actor):
    for task in await Task.filter(ticket_id=ticket_id).order_by("milestone_id", "position"):
        await milestones.complete_task(task.id, actor=actor, events=hub.events)


async def test_a_sale_becomes_closed_child_tickets_and_every_step_twice_changes_nothing(hub, sandbox):
    giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)

    for _ in range(2):
        imported = await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id)
    parent = await Ticket.get(id=imported.ticket_id)
    assert parent.code == "TCK-SOD-5155-00"
    assert await Task.filter(ticket_id=parent.id).count() == 4

    await close_everything(hub, parent.id, giulia.id)
    assert (await Ticket.get(id=parent.id)).status == TicketStatus.CLOSED

    for outcome in (ItemOutcome.CREATED, ItemOutcome.UNCHANGED):
        action = await opportunities.generate_opportunities(parent.id, actor=giulia.id, events=hub.events)
        items = await run_to_the_end(hub, action)
        assert [item.outcome for item in items] == [outcome] * 4
    made = [one for one in await sandbox.records("Opportunity") if one["code"].startswith("TCK-")]
    assert sorted(one["code"] for one in made) == [
        "TCK-CLB-5155-04",
        "TCK-F40-5155-02",
        "TCK-KHW-5155-03",
        "TCK-T50-5155-01",
    ]

    for outcome in (ItemOutcome.CREATED, ItemOutcome.UNCHANGED):
        action = await opportunity_sync.sync_opportunities(
            ticket_id=parent.id, actor=giulia.id, events=hub.events
        )
        items = await run_to_the_end(hub, action)
        assert [item.outcome for item in items[1:]] == [outcome] * 4
    children = await Ticket.filter(parent_id=parent.id).order_by("position")
    assert [child.code for child in children] == sorted((one["code"] for one in made), key=lambda c: c[-2:])

    for outcome in (ItemOutcome.CREATED, ItemOutcome.UNCHANGED):
        for opportunity in await Opportunity.all():
            action = await activities.generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
            items = await run_to_the_end(hub, action)
            assert {item.outcome for item in items} == {outcome}
    milestone_count = await Milestone.filter(ticket_id__in=[child.id for child in children]).count()
    shadows = [one for one in await sandbox.records("Activity") if "[IH:" in one["subject"]]
    assert len(shadows) == milestone_count

    for child in children:
        await close_everything(hub, child.id, giulia.id)
    await run_to_the_end(hub, action)
    assert {child.status for child in await Ticket.all()} == {TicketStatus.CLOSED}
    assert await Milestone.filter(status__not=MilestoneStatus.COMPLETED).count() == 0
    shadows = [one for one in await sandbox.records("Activity") if "[IH:" in one["subject"]]
    assert {one["state"] for one in shadows} == {2}
