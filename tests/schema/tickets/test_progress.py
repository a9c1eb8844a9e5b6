"""Progress and delivery."""

import pytest

from tests.support.shown_tickets import save_child, save_milestone

PROGRESS = """query($id: ID!) { ticket(id: $id) {
    progress deliveryProgress milestones { progress taskCount finishedTaskCount } } }"""


@pytest.mark.parametrize(
    ("statuses", "progress"),
    [
        pytest.param([], None, id="no task"),
        pytest.param(["SKIPPED"], None, id="nothing left to do"),
        pytest.param(["TODO", "IN_PROGRESS"], 0.0, id="nothing finished"),
        pytest.param(["DONE", "TODO", "SKIPPED", "TODO"], 1 / 3, id="a skipped one does not count"),
        pytest.param(["DONE", "DONE"], 1.0, id="all done"),
    ],
)
async def test_progress_is_the_share_of_what_is_to_do(ask, parent, statuses, progress):
    await save_milestone(parent, *statuses)

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == ticket["milestones"][0]["progress"] == progress
    assert ticket["milestones"][0]["taskCount"] == len([one for one in statuses if one != "SKIPPED"])
    assert ticket["milestones"][0]["finishedTaskCount"] == statuses.count("DONE")


async def test_a_cancelled_milestone_counts_no_more(ask, parent):
    await save_milestone(parent, "DONE", "TODO", position=1)
    await save_milestone(parent, "DONE", "DONE", position=2, status="CANCELLED")

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == 0.5
    assert [one["progress"] for one in ticket["milestones"]] == [0.5, None]


async def test_delivery_is_what_the_children_have_done(ask, parent):
    await save_milestone(parent, "DONE")
    await save_milestone(await save_child(parent, position=1), "DONE", "TODO")
    await save_milestone(await save_child(parent, position=2), "TODO", "TODO")
    await save_milestone(await save_child(parent, position=3, status="CANCELLED"), "TODO")

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == 1.0
    assert ticket["deliveryProgress"] == 0.25
