import pytest

from models import Action, Milestone, Task, Ticket
from services.tickets import rescheduling, workflow as milestones
from tests.support.hub import run_to_the_end, show_milestones


@pytest.fixture
async def child(opportunity):
    return await Ticket.get(id=opportunity.child_ticket_id)


@pytest.fixture
async def shown(hub, giulia, opportunity, child):
    """The milestones of the first child, each with its activity in the CRM."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Milestone.filter(ticket_id=child.id).order_by("position")


@pytest.fixture
def settle(hub):
    """Let the engine carry out whatever is open."""

    async def settle():
        await run_to_the_end(hub, await Action.all().order_by("-id").first())

    return settle


@pytest.fixture
def complete(hub, giulia):
    async def complete(milestone):
        for task in await Task.filter(milestone_id=milestone.id).order_by("position"):
            await milestones.complete_task(task.id, actor=giulia.id, events=hub.events)

    return complete


@pytest.fixture
def postpone(hub, giulia):
    async def postpone(milestone, days):
        due_on = hub.calendar.add((await Milestone.get(id=milestone.id)).due_on, days)
        await rescheduling.reschedule_milestone(
            milestone.id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
        )
        return due_on

    return postpone
