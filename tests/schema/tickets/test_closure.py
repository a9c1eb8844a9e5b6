"""Why a ticket is not closed."""

import pytest

import models
from tests.support.shown_tickets import save_milestone

CLOSURE = """query($id: ID!) { ticket(id: $id) { closure {
    reason openMilestones { id reason mandatoryTaskIds optionalTaskIds taskCount } } } }"""


async def test_closure_names_what_is_in_the_way(ask, parent):
    await save_milestone(parent, "DONE", position=1, status="COMPLETED")
    stage, [_, second, third] = await save_milestone(parent, "DONE", "TODO", "IN_PROGRESS", position=2)
    await models.Task.filter(id=third.id).update(mandatory=False)

    closure = (await ask(CLOSURE, id=parent.id))["ticket"]["closure"]

    assert closure == {
        "reason": "MILESTONES_OPEN",
        "openMilestones": [
            {
                "id": stage.id,
                "reason": "MANDATORY_TASKS",
                "mandatoryTaskIds": [second.id],
                "optionalTaskIds": [third.id],
                "taskCount": 2,
            }
        ],
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param("OPEN", "NO_MILESTONES", id="nothing in it"),
        pytest.param("CLOSED", "CLOSED", id="closed"),
        pytest.param("CANCELLED", "CANCELLED", id="cancelled"),
    ],
)
async def test_closure_of_a_ticket_without_milestones(ask, parent, status, reason):
    await models.Ticket.filter(id=parent.id).update(status=status)

    closure = (await ask(CLOSURE, id=parent.id))["ticket"]["closure"]

    assert closure == {"reason": reason, "openMilestones": []}
