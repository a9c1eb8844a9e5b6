"""The sandbox as a process of its own: it announces its addresses, and runs until it is stopped."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from services.crm.sandbox.access import Account
from services.crm.sandbox.sandbox import Addresses, create_sandbox


def announce_on_stdout(addresses: Addresses) -> None:
    """Write one line of JSON, so that the parent process learns the ports."""
    sys.stdout.write(orjson.dumps(asdict(addresses)).decode() + "\n")
    sys.stdout.flush()


async def run_sandbox(
    host: str,
    port: int,
    control_port: int,
    store_path: Path,
    seed: bool,
    *,
    account: Account | None = None,
    switches: Mapping[str, Any] | None = None,
    announce: Callable[[Addresses], None] = announce_on_stdout,
    leashed: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; `switches` are set before the first call.

    A leashed sandbox also stops when its standard input ends: its parent process is gone, however that happened.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if leashed:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopped.set)
    async with create_sandbox(store_path, clock=_utc_now, account=account, seed=seed) as sandbox:
        if switches:
            sandbox.board.change(switches)
        announce(await sandbox.start(host=host, port=port, control_port=control_port))
        await stopped.wait()


def _utc_now() -> datetime:
    return datetime.now(UTC)
