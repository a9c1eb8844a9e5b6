"""Other processes over the same database, like colleagues at other desks who press at the same moment.

Run as a program, this is one of them: it reads one order a line, opens a hub, says that it is ready, waits for the
word, and answers with what came of it.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog
from tortoise.backends.base.executor import EXECUTOR_CACHE

from server.wiring import Hub
from services.errors import Refusal
from services.intake.manual_entry import TicketRequest, create_ticket
from services.opportunities import generation as opportunities
from services.opportunities.repairs import RepairRequest, repair_opportunity
from services.tickets import workflow as milestones
from services.vocabulary import Repair
from tests.support.hub import hub_over
from tests.support.sandbox_process import SandboxProcess

PROJECT = Path(__file__).parents[2]


async def _complete(hub: Hub, task_id: str, actor: str) -> str:
    return (await milestones.complete_task(task_id, actor=actor, events=hub.events)).id


async def _reopen(hub: Hub, task_id: str, actor: str) -> str:
    return (await milestones.reopen_task(task_id, None, actor=actor, events=hub.events)).id


async def _take_in(hub: Hub, crm_activity_id: int, actor: str) -> str | None:
    return (await hub.intake.import_activity(crm_activity_id, actor=actor)).ticket_id


async def _generate(hub: Hub, ticket_id: str, actor: str) -> str:
    return (await opportunities.generate_opportunities(ticket_id, actor=actor, events=hub.events)).id


async def _create_ticket(hub: Hub, crm_company_id: int, kit_code: str, actor: str) -> str:
    request = TicketRequest(kit_code=kit_code, crm_company_id=crm_company_id)
    asked = {"actor": actor, "crm": hub.crm, "events": hub.events, "calendar": hub.calendar}
    return (await create_ticket(request, **asked)).id


async def _repair(hub: Hub, opportunity_id: str, repair: Repair, crm_id: int | None, actor: str) -> list[str]:
    """Three presses at the same moment."""
    request = RepairRequest(repair=Repair(repair), crm_id=crm_id, reason="Deciso con il cliente")
    asked = {"actor": actor, "crm": hub.crm, "events": hub.events}
    actions = await asyncio.gather(*(repair_opportunity(opportunity_id, request, **asked) for _ in range(3)))
    return [action.id for action in actions]


async def _poll(hub: Hub) -> float:
    return await hub.poller.poll()


USE_CASES: dict[str, Callable[..., Any]] = {
    "complete": _complete,
    "reopen": _reopen,
    "take in": _take_in,
    "create ticket": _create_ticket,
    "poll": _poll,
    "generate": _generate,
    "repair": _repair,
}


@dataclass(frozen=True)
class Rivals:
    processes: list[subprocess.Popen[str]]

    async def race(self, database: str, sandbox: SandboxProcess, *orders: tuple[Any, ...]) -> list[Any]:
        """Give each process one order, (use case, arguments...), and the word to all at once; what came of each."""
        assert len(orders) <= len(self.processes)
        running = self.processes[: len(orders)]
        for process, order in zip(running, orders, strict=True):
            _say(process, {"database": database, "sandbox": asdict(sandbox), "order": order})
        assert [await _receive(process) for process in running] == ["ready"] * len(orders)
        for process in running:
            _say(process, "go")
        return [await _receive(process) for process in running]


def _say(process: subprocess.Popen[str], words: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(words, default=str) + "\n")
    process.stdin.flush()


async def _receive(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(await asyncio.to_thread(process.stdout.readline))


@contextmanager
def running_rivals(count: int) -> Iterator[Rivals]:
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.tree_readers"],
                    cwd=PROJECT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(count)
        ]
        try:
            yield Rivals(processes)
        finally:
            for process in processes:
                process.terminate()


async def _carry_out(order: dict[str, Any]) -> Any:
    use_case, *arguments = order["order"]
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    async with hub_over(order["database"], SandboxProcess(**order["sandbox"])) as hub:
        _answer("ready")
        await asyncio.to_thread(sys.stdin.readline)
        try:
            return await USE_CASES[use_case](hub, *arguments)
        except Refusal as refusal:
            return {"refused": refusal.code}


def main() -> None:
    # Answers travel over the standard output, so the log of the hub must not.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    while line := sys.stdin.readline():
        _answer(asyncio.run(_carry_out(json.loads(line))))


def _answer(words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
