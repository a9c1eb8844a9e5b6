"""Rows that fields beside each other ask for are read together; if that fails, each answers for itself."""

import asyncio

import pytest

from resolvers.reads.batches import Batches


class Rows:
    """Rows by their numbers, and what was loaded."""

    def __init__(self, *, failing=()):
        self.loads = []
        self._failing = set(failing)

    async def load(self, numbers):
        self.loads.append(numbers)
        await asyncio.sleep(0)
        if self._failing & set(numbers):
            raise LookupError
        return {number: f"row {number}" for number in numbers}


async def test_what_is_asked_for_in_one_turn_is_one_load():
    rows, batches = Rows(), Batches()

    found = await asyncio.gather(*(batches.load("rows", [n], rows.load) for n in "1232"))

    assert rows.loads == [["1", "2", "3"]]
    assert [one[n] for one, n in zip(found, "1232", strict=True)] == ["row 1", "row 2", "row 3", "row 2"]


async def test_what_follows_is_one_load_again():
    rows, batches = Rows(), Batches()

    async def two_steps(n):
        await batches.load("first", [n], rows.load)
        await batches.load("second", [n], rows.load)

    await asyncio.gather(*(two_steps(n) for n in "123"))

    assert [sorted(one) for one in rows.loads] == [["1", "2", "3"]] * 2


async def test_other_loads_stay_apart():
    rows, batches = Rows(), Batches()

    await asyncio.gather(batches.load("a", ["1"], rows.load), batches.load("b", ["2"], rows.load))

    assert rows.loads == [["1"], ["2"]]


async def test_a_load_that_fails_is_tried_by_each_of_the_others_alone():
    rows, batches = Rows(failing="2"), Batches()

    found = await asyncio.gather(
        *(batches.load("rows", [n], rows.load) for n in "123"), return_exceptions=True
    )

    assert [type(one) for one in found] == [LookupError, LookupError, dict]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_a_cancelled_caller_does_not_cancel_the_others(turns):
    rows, batches = Rows(), Batches()
    first, second = (asyncio.create_task(batches.load("rows", [n], rows.load)) for n in "12")

    for _ in range(turns):
        await asyncio.sleep(0)
    first.cancel()

    assert (await second)["2"] == "row 2"
    assert (await batches.load("rows", ["3"], rows.load)) == {"3": "row 3"}
