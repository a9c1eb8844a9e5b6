import pytest

from services.planning.tickets.facts import count_work, milestone_progress, progress


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param(["TODO", "TODO", "IN_PROGRESS"], 0.0, id="nothing done"),
        pytest.param(["DONE", "TODO", "TODO", "TODO"], 0.25, id="a quarter"),
        pytest.param(["DONE", "DONE", "DONE", "SKIPPED"], 1.0, id="a skipped one does not count"),
        pytest.param([], None, id="nothing to do"),
        pytest.param(["SKIPPED", "SKIPPED"], None, id="everything skipped"),
    ],
)
def test_progress_is_the_finished_share_of_what_is_to_be_done(statuses, expected):
    count = count_work(statuses)

    share = progress(count.task_count, count.finished_task_count)

    assert share == expected


def test_a_cancelled_milestone_has_no_progress():
    share = milestone_progress("CANCELLED", 4, 2)

    assert share is None
