"""Liveness and readiness for monitoring. They show nothing that a stranger may not know."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
"""Checks one thing that we need, and raises if it is not there."""

CHECK_SECONDS = 2.0
WRITE_EVERY = 10.0
"""Seconds between two writes that only test whether one succeeds."""


class WriteCheck:
    """Tests a write now and then, because a full disk or a read-only database still answers reads.

    In between, the last result counts, however often it is asked for.
    """

    def __init__(self, write: Check, monotonic: Callable[[], float]) -> None:
        self._write = write
        self._monotonic = monotonic
        self._next_at = monotonic()
        self._failed = False
        self._turn = asyncio.Lock()

    async def __call__(self) -> None:
        async with self._turn:
            if self._monotonic() >= self._next_at:
                self._next_at = self._monotonic() + WRITE_EVERY
                self._failed = True
                await self._write()
                self._failed = False
        if self._failed:
            raise RuntimeError("The last write failed.")


async def answer_alive(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def answer_readiness(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        found = await asyncio.gather(*(_holds(name, check) for name, check in checks.items()))
        ready = all(found)
        return JSONResponse(
            {name: "ok" if holds else "failed" for name, holds in zip(checks, found, strict=True)},
            HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    return answer


async def _holds(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:
        log.warning("not_ready", check=name, exc_info=True)
        return False
    return True
