"""How the peers in Python listen: uvicorn with all that makes it fast."""

import asyncio
import socket

import uvicorn
import uvloop
from starlette.types import ASGIApp


def listen(app: ASGIApp) -> None:
    """Print the address and serve."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=2048) as opened,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        print(f"http://127.0.0.1:{opened.getsockname()[1]}", flush=True)
        config = uvicorn.Config(app, http="httptools", access_log=False, log_level="warning")
        runner.run(uvicorn.Server(config).serve([opened]))
