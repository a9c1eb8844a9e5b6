"""Who is next, of those who stand in a line."""

import asyncio

import pytest

from services.actions.line import Line, OutOfPatience


@pytest.fixture
def line():
    return Line()


FIRST = (0, "")


async def stand(line, taken, name, rank=FIRST):
    async with line.turn(rank):
        taken.append(name)


async def test_the_lowest_rank_is_next_and_of_these_the_first_that_came(line):
    taken = []
    async with line.turn(FIRST):
        ranks = {"a": (2, "later"), "b": (1, "a"), "c": (2, "later"), "d": (2, "earlier"), "e": (1, "a")}
        waiting = [asyncio.create_task(stand(line, taken, *one)) for one in ranks.items()]
        await asyncio.sleep(0)

    await asyncio.gather(*waiting)
    assert taken == ["b", "e", "d", "a", "c"]


async def test_one_at_a_time_has_the_turn(line):
    async with line.turn(FIRST):
        waiting = asyncio.create_task(stand(line, [], "a"))
        await asyncio.sleep(0.01)
        assert not waiting.done()

    await waiting


@pytest.mark.parametrize("called", [False, True], ids=["before it is called", "as it is called"])
async def test_whoever_gives_up_keeps_nobody_waiting(line, called):
    taken = []
    async with line.turn(FIRST):
        gone, patient = (asyncio.create_task(stand(line, taken, name)) for name in ("gone", "patient"))
        await asyncio.sleep(0)
        if not called:
            gone.cancel()
            await asyncio.sleep(0)
    if called:
        gone.cancel()

    async with asyncio.timeout(1):
        await asyncio.wait([gone, patient])
    async with asyncio.timeout(1), line.turn(FIRST):
        assert taken == ["patient"]
        assert gone.cancelled()


async def test_whoever_is_out_of_patience_leaves_the_line_to_the_others(line):
    taken = []
    async with line.turn(FIRST):
        patient = asyncio.create_task(stand(line, taken, "patient", (1, "")))
        with pytest.raises(OutOfPatience):
            async with line.turn(FIRST, until=asyncio.get_running_loop().time() + 0.01):
                raise AssertionError("never called")

    async with asyncio.timeout(1):
        await patient
    assert taken == ["patient"]
