"""Messages over a socket, as tests send and read them."""

import asyncio

import aiohttp

TICKS = {"query": "subscription { ticks }"}


def subscribe(payload=TICKS, operation_id="1"):
    return {"id": operation_id, "type": "subscribe", "payload": payload}


async def closing_code(ws) -> int:
    """Read on until the server closes."""
    async with asyncio.timeout(60):
        while (await ws.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            pass
    return ws.close_code


async def next_message(ws):
    return await ws.receive_json(timeout=5)
