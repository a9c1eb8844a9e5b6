"""The sandbox put together: two addresses on the loopback over one store."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from aiohttp import web

from services.crm.sandbox.access import Access, Account
from services.crm.sandbox.control_app import ControlApp
from services.crm.sandbox.crm_app import CrmApp
from services.crm.sandbox.operations import Operations
from services.crm.sandbox.sample import plant_sample
from services.crm.sandbox.store import Store
from services.crm.sandbox.switchboard import FaultPlan, Switchboard
from services.crm.sandbox.tenant import Tenant

_SEEDED = "seeded"


@dataclass(frozen=True)
class Addresses:
    """Where a running sandbox listens."""

    crm: str
    control: str


class Sandbox:
    """A local CRM in Cloud; `start` makes it listen, `stop` closes its sockets and its store."""

    def __init__(self, store: Store, *, account: Account, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._account = account
        self._clock = clock
        self.board = Switchboard(store)
        access = Access(account, store, clock=clock, switches=self.board.current)
        self._tenant = Tenant(store, clock=clock, switches=self.board.current)
        plan = FaultPlan(store)
        self.crm_app = CrmApp(
            store=store,
            board=self.board,
            plan=plan,
            access=access,
            operations=Operations(self._tenant, access, self.board.current),
            clock=clock,
        ).application()
        self.control_app = ControlApp(
            store=store,
            board=self.board,
            plan=plan,
            access=access,
            tenant=self._tenant,
            plant_sample=self._plant_sample,
            author=account.user_id,
        ).application()
        self._runners: list[web.AppRunner] = []

    def seed(self) -> None:
        """Load the sample data, once in the life of a store."""
        if self._store.find_setting(_SEEDED) is None:
            with self._store.transaction():
                self._plant_sample()
                self._store.save_setting(_SEEDED, "yes")

    def _plant_sample(self) -> None:
        plant_sample(self._tenant, now=self._clock(), author=self._account.user_id)

    async def start(self, *, host: str = "127.0.0.1", port: int = 0, control_port: int = 0) -> Addresses:
        """Listen on the loopback; port 0 takes a free one."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"The sandbox listens on the loopback only, not on {host}.")
        return Addresses(
            crm=await self._listen(self.crm_app, host, port),
            control=await self._listen(self.control_app, host, control_port),
        )

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _listen(self, application: web.Application, host: str, port: int) -> str:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        bound_host, bound_port = runner.addresses[0][:2]
        return f"http://{bound_host}:{bound_port}"


def create_sandbox(
    store_path: Path, *, clock: Callable[[], datetime], account: Account | None = None, seed: bool = False
) -> Sandbox:
    """Open (or make) a store and put a sandbox over it; nothing listens yet."""
    sandbox = Sandbox(Store(store_path), account=account or Account(), clock=clock)
    if seed:
        sandbox.seed()
    return sandbox
