"""How the application is put behind a listening socket."""

from typing import cast

import uvicorn
from starlette.types import ASGIApp

from server.limits import Limits
from server.protocol import PatientProtocol


def uvicorn_config(app: ASGIApp, *, host: str, port: int, limits: Limits | None = None) -> uvicorn.Config:
    """uvicorn, told to be brief about itself: logs are ours, and its access log would write query strings."""
    limits = limits or Limits()
    protocol = type("Protocol", (PatientProtocol,), {"limits": limits})
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast(type[PatientProtocol], protocol),
        ws="websockets-sansio",
        ws_max_size=limits.body_bytes,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
