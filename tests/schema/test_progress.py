"""Progress is the finished share of what is to be done."""

import pytest

from tests.support.factories import milestone, save, save_tickets

SHARES = "query ($id: ID!) { ticket(id: $id) { progress milestones { progress } } }"


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        pytest.param((3, 0), 0.0, id="nothing done"),
        pytest.param((4, 1), 0.25, id="a quarter"),
        pytest.param((3, 1), 1 / 3, id="a share that no decimals end"),
        pytest.param((3, 3), 1.0, id="everything done"),
        pytest.param((0, 0), None, id="nothing to do"),
    ],
)
async def test_progress_is_the_finished_share_of_what_is_to_be_done(ask, counts, share):
    numbers = dict(zip(("task_count", "finished_task_count"), counts, strict=True))
    [ticket] = await save_tickets(numbers)
    await save(milestone(ticket, **numbers))

    data = await ask(SHARES, id=ticket.id)

    assert data["ticket"] == {"progress": share, "milestones": [{"progress": share}]}


async def test_a_cancelled_milestone_has_no_progress(ask):
    [ticket] = await save_tickets({})
    await save(milestone(ticket, status="CANCELLED", task_count=4, finished_task_count=2))

    data = await ask(SHARES, id=ticket.id)

    assert data["ticket"]["milestones"] == [{"progress": None}]
