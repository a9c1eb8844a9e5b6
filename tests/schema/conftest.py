"""What questions to the schema need: somebody who asks, a fixed clock, and a count of the statements."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from strawberry.types import ExecutionResult
from tortoise.context import TortoiseContext

from models.identity import new_id
from resolvers.context import Context
from schema import schema
from services.actions import CallRate, Costs, Forecaster, Timing
from services.events import Broadcast, EventLog
from services.operators import Viewer
from services.planning.calendar import WorkCalendar
from services.reads import Reads
from services.tickets.facts import FactsKeeper
from services.vocabulary import Role
from tests.support.factories import NOW
from tests.support.live_trees import event_log

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def broadcast() -> Broadcast:
    return Broadcast()


@pytest.fixture
def log(db: TortoiseContext, broadcast: Broadcast) -> EventLog:
    """A log whose changes wake those who watch over `broadcast`."""
    return event_log(broadcast)


async def _now() -> datetime:
    return NOW


def context_for(role: Role = Role.VIEWER, **rest: Any) -> Context:
    viewer = Viewer(
        operator_id=rest.pop("operator_id", new_id("opr")),
        name="Ada",
        operator_role=role,
        token_id=new_id("tok"),
        token_role=role,
        expires_at=None,
    )
    # Reading needs neither CRM, intake, previews, watching nor reconciler.
    doors = {
        "crm": None,
        "intake": None,
        "previews": None,
        "watching": None,
        "pulse": None,
        "board": None,
        "reconciler": None,
        "forecaster": Forecaster(CallRate(40), creates=[], timing=Timing(), clock=_now, costs=Costs()),
        "events": EventLog(clock=lambda: NOW, broadcast=Broadcast()),
    }
    calendar = WorkCalendar(ZoneInfo("Europe/Rome"))
    return Context(viewer=viewer, request_id="req", clock=lambda: NOW, calendar=calendar, **{**doors, **rest})


def worker(**rest: Any) -> Context:
    """The context of an operator whose changes keep the stored facts, as in the program."""
    calendar = WorkCalendar(ZoneInfo("Europe/Rome"))
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast(), followers=[FactsKeeper(calendar).follow])
    return context_for(Role.OPERATOR, events=events, **rest)


@pytest.fixture
def context() -> Context:
    return context_for()


@pytest.fixture
def execute(db: TortoiseContext, context: Context) -> Callable[..., Awaitable[ExecutionResult]]:
    """Run a document; the answer may hold errors."""

    async def run(document: str, context: Context = context, **variables: Any) -> ExecutionResult:
        return await schema.execute(document, variables, context_value=context)

    return run


@pytest.fixture
def ask(execute: Callable[..., Awaitable[ExecutionResult]]) -> Ask:
    """Run a document that has no errors; the answer is its data."""

    async def run(document: str, **variables: Any) -> Any:
        result = await execute(document, **variables)
        assert result.errors is None, result.errors
        return result.data

    return run


@pytest.fixture
def sent(db: TortoiseContext, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Sequence[Any]]]:
    """The compiled and the other statements that reads have sent so far, with their values."""
    kept: list[tuple[str, Sequence[Any]]] = []
    run = Reads.run

    async def keep(reads: Reads, words: str, values: list[Any]) -> Any:
        kept.append((words, values))
        return await run(reads, words, values)

    monkeypatch.setattr(Reads, "run", keep)
    return kept
