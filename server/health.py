"""Are we alive, and are we ready? For whoever watches the process; it says nothing that a stranger may not know."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
"""Looks at one thing we need, and raises when it is not there."""

CHECK_SECONDS = 2.0


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
