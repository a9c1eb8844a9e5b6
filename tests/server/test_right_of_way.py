"""Who goes first: requests, or deliveries to watchers."""

import asyncio

from server.right_of_way import RightOfWay


async def turns(number=5):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_delivery_waits_until_all_requests_are_answered():
    way = RightOfWay(longest=60)

    with way.answering():
        with way.answering():
            delivery = asyncio.create_task(way.give_way())
            await turns()
        await turns()
        waited = not delivery.done()

    await asyncio.wait_for(delivery, 60)
    assert waited


async def test_a_delivery_waits_for_requests_without_end_only_so_long():
    way = RightOfWay(longest=0.01)

    with way.answering():
        await asyncio.wait_for(way.give_way(), 60)


async def test_nobody_waits_while_nothing_is_asked():
    delivery = asyncio.create_task(RightOfWay(longest=60).give_way())

    await turns()

    assert delivery.done()
