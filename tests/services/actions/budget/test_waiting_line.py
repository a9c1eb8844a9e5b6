"""Who comes first, of those who stand in a line."""

import asyncio

import pytest

from services.actions.budget.waiting_line import PriorityWaitQueue, WaitTimeout


@pytest.fixture
def line():
    return PriorityWaitQueue()


FIRST = (0, "")


async def stand(line, taken, name, rank=FIRST):
    async with line.place(rank) as wait_for_front:
        await wait_for_front()
        taken.append(name)


async def test_the_lowest_rank_comes_first_and_of_these_the_one_that_came_first(line):
    taken = []
    async with line.place(FIRST):
        ranks = {"a": (2, "later"), "b": (1, "a"), "c": (2, "later"), "d": (2, "earlier"), "e": (1, "a")}
        waiting = [asyncio.create_task(stand(line, taken, *one)) for one in ranks.items()]
        await asyncio.sleep(0)

    await asyncio.gather(*waiting)
    assert taken == ["b", "e", "d", "a", "c"]


async def test_the_others_wait_for_the_first_one(line):
    async with line.place(FIRST) as wait_for_front:
        await wait_for_front()
        waiting = asyncio.create_task(stand(line, [], "a"))
        await asyncio.sleep(0.01)
        assert not waiting.done()

    await waiting


async def test_the_first_one_stays_first_until_a_lower_rank_comes(line):
    taken = []
    async with line.place((5, "")) as wait_for_front:
        await wait_for_front()
        later, earlier = (
            asyncio.create_task(stand(line, taken, name, (rank, "")))
            for name, rank in (("later", 6), ("earlier", 4))
        )
        await wait_for_front()
        taken.append("self")

        await asyncio.sleep(0)
        await wait_for_front()
        taken.append("self")
    await asyncio.gather(later, earlier)

    assert taken == ["self", "earlier", "self", "later"]


@pytest.mark.parametrize("called", [False, True], ids=["before it is called", "as it is called"])
async def test_one_that_gives_up_keeps_no_other_waiting(line, called):
    taken = []
    async with line.place(FIRST):
        gone, patient = (asyncio.create_task(stand(line, taken, name)) for name in ("gone", "patient"))
        await asyncio.sleep(0)
        if not called:
            gone.cancel()
            await asyncio.sleep(0)
    if called:
        gone.cancel()

    async with asyncio.timeout(60):
        await asyncio.wait([gone, patient])
    await asyncio.wait_for(stand(line, taken, "next"), 60)
    assert taken == ["patient", "next"]
    assert gone.cancelled()


async def test_one_whose_wait_times_out_leaves_the_line_to_the_others(line):
    taken = []
    async with line.place(FIRST):
        patient = asyncio.create_task(stand(line, taken, "patient", (1, "")))
        async with line.place(FIRST, until=asyncio.get_running_loop().time() + 0.01) as wait_for_front:
            with pytest.raises(WaitTimeout):
                await wait_for_front()

    async with asyncio.timeout(60):
        await patient
    assert taken == ["patient"]
