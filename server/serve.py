"""Serves the application on a listening socket."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from server.limits import ConnectionSlots, Limits
from server.protocol import PatientSocketProtocol, StrictHttpProtocol
from server.settings import BadSettings

_BACKLOG = 2048
_NOT_OF_THIS_MACHINE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors of an address that this machine cannot use, such as IPv6 on a machine with IPv4 only."""


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Open the sockets of this address, one for each protocol of its name, or raise `BadSettings`."""
    with ExitStack() as opened:
        sockets, failed = [], None
        for family, address in _addresses(host, port):
            try:
                # A port may be reused right after a restart, and IPv6 is separate from IPv4.
                made = socket.create_server(address, family=family, backlog=_BACKLOG)
            except OSError as error:
                failed = error
                if error.errno not in _NOT_OF_THIS_MACHINE:
                    break
            else:
                made.setblocking(False)
                sockets.append(opened.enter_context(made))
        if failed is not None and not (sockets and failed.errno in _NOT_OF_THIS_MACHINE):
            raise BadSettings(_reason(failed, host, port))
        yield sockets


def _addresses(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise BadSettings(f"HUB_HOST={host!r} cannot be used: no address is known for this name.") from None
    return [(family, cast(tuple[str, int], address)) for family, _, _, _, address in found]


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"HUB_PORT={port} cannot be used: another program listens on {host}:{port}."
        case errno.EACCES | errno.EPERM:
            return f"HUB_PORT={port} cannot be used: this user may not listen on it."
        case errno.EADDRNOTAVAIL:
            return f"HUB_HOST={host!r} cannot be used: it is no address of this machine."
        case _:
            return f"HUB_HOST={host!r} cannot be used: {error.strerror or error}."


def uvicorn_config(app: ASGIApp, *, host: str, port: int, limits: Limits | None = None) -> uvicorn.Config:
    """Configure uvicorn without its own logs: its access log would write query strings."""
    limits = limits or Limits()
    seats = ConnectionSlots(limits.connections_per_address)
    protocol = type("Protocol", (StrictHttpProtocol,), {"limits": limits, "seats": seats})
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast(type[StrictHttpProtocol], protocol),
        ws=PatientSocketProtocol,
        ws_max_size=limits.body_bytes,
        ws_ping_interval=limits.ping_seconds,
        ws_ping_timeout=limits.pong_seconds,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
