"""Many processes of the hub over one PostgreSQL database and one CRM, and what can be seen of their work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models import Action, ActionItem, Ticket
from models.postgres import LOST
from services.events import EventLog
from services.opportunities import generation as opportunities
from services.vocabulary import ItemState
from tests.support.running_hub import TENANT, TIMING, AnyCommand, ForkedCommand, RunningHub, stop
from tests.support.sandbox_process import SandboxProcess

PATIENCE = 60.0
HEARTBEAT = 3.0


@dataclass(frozen=True)
class House:
    """One database and one CRM, at which any number of processes work."""

    database_url: str
    sandbox: SandboxProcess
    log: Path

    def environment(self, **settings: str) -> dict[str, str]:
        return {
            **TENANT,
            **TIMING,
            "CRM_BASE_URL": self.sandbox.crm,
            "HUB_DATABASE_URL": self.database_url,
            "HUB_HEARTBEAT_SECONDS": str(HEARTBEAT),
            "HUB_POLL_SECONDS": "0",
            "HUB_PORT": "0",
            **settings,
        }

    @contextmanager
    def worker(self, **settings: str) -> Iterator[AnyCommand]:
        """A `work` process, from the moment at which it works."""
        with self._running("work", **settings) as (command, _):
            yield command

    @contextmanager
    def server(self, **settings: str) -> Iterator[RunningHub]:
        with self._running("serve", **settings) as (command, said):
            yield RunningHub(command, said.removeprefix("IntelligenceHub listens on ").strip())

    @contextmanager
    def _running(self, name: str, **settings: str) -> Iterator[tuple[AnyCommand, str]]:
        command = ForkedCommand(name, environment=self.environment(**settings), log=self.log)
        try:
            said = command.stdout.readline()
            assert said, self.log.read_text()
            yield command, said
        finally:
            if not command.ends_within(0):
                stop(command)
            command.stdout.close()

    async def orders(self) -> list[str]:
        """The codes of the opportunities that the CRM holds for our tickets."""
        records = await self.sandbox.records("Opportunity")
        return sorted(one["code"] for one in records if (one["code"] or "").startswith("TCK-"))

    async def calls(self, path: str = "") -> list[float]:
        """When each call reached the CRM, in seconds."""
        return [datetime.fromisoformat(call["at"]).timestamp() for call in await self.sandbox.calls(path)]


async def press(events: EventLog, tickets: list[Ticket], actor: str) -> list[str]:
    """Press the yellow button of each ticket; the ids of the actions."""
    actions = [
        await opportunities.generate_opportunities(ticket.id, actor=actor, events=events)
        for ticket in tickets
    ]
    return [action.id for action in actions]


async def finished(action_ids: list[str]) -> list[ActionItem]:
    """The items of the actions, once all of these have ended."""
    await until(lambda: _none_runs(action_ids))
    return await ActionItem.filter(action_id__in=action_ids).order_by("id")


async def _none_runs(action_ids: list[str]) -> bool:
    return not await Action.filter(id__in=action_ids, status="RUNNING").exists()


async def something_is_being_sent() -> bool:
    return await ActionItem.filter(state=ItemState.SENDING).exists()


async def until(holds: Callable[[], Awaitable[bool]], pause: float = 0.02) -> None:
    """Wait for something that is going to be true; the database may be away for a while."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(*LOST):
                if await holds():
                    return
            await asyncio.sleep(pause)
