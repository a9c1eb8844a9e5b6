import pytest

from services.planning.tickets.facts import WorkCount, count_work


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param(["TODO", "TODO", "IN_PROGRESS"], WorkCount(3, 0), id="nothing done"),
        pytest.param(["DONE", "TODO", "TODO", "TODO"], WorkCount(4, 1), id="a quarter"),
        pytest.param(["DONE", "DONE", "DONE", "SKIPPED"], WorkCount(3, 3), id="a skipped one does not count"),
        pytest.param([], WorkCount(0, 0), id="nothing to do"),
        pytest.param(["SKIPPED", "SKIPPED"], WorkCount(0, 0), id="everything skipped"),
    ],
)
def test_what_is_to_be_done_and_what_is_finished_are_counted(statuses, expected):
    assert count_work(statuses) == expected
