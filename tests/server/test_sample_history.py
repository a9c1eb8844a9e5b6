"""A shorter history than the demo's, made in the same way."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from models import Action, Event, Operator, Opportunity, Task, Ticket
from models.database import close_database, open_database
from server.clock import utc_now
from server.demo import PEOPLE
from server.sample_history import COLLEAGUES, History
from server.sample_past import add_samples
from server.sandbox_control import SandboxControl
from server.wiring import Hub, calendar_of
from services.events import Broadcast, EventLog
from services.operators import OperatorDraft, create_operator, list_services, set_responsible
from services.tickets.facts import FactsKeeper
from services.vocabulary import ActionStatus, Role, TaskStatus
from tests.support.hub import settings_for

SHORT = History(months=2, sales_a_month=2, seed=7)
SHORTEST = History(months=2, sales_a_month=1, seed=3)


async def employ(hub: Hub) -> None:
    for name, role, crm_user_id, _, roles, services in PEOPLE:
        email = f"{crm_user_id}@studio.example"
        draft = OperatorDraft(
            name=name, email=email, role=Role(role), crm_user_id=crm_user_id, workflow_roles=roles
        )
        operator = await create_operator(draft, actor="test", events=hub.events)
        for service in await list_services():
            if service.code in services:
                await set_responsible(service.code, operator.id, actor="test", events=hub.events)


@asynccontextmanager
async def history_in(database_url: str, sandbox, history: History) -> AsyncIterator[None]:
    await sandbox.start_over()
    settings = settings_for(database_url, sandbox)
    await add_samples(settings, SandboxControl(sandbox.control), [history], employ=employ)
    await open_database(database_url)
    try:
        yield
    finally:
        await close_database()


async def what_happened() -> list[object]:
    """All that may be compared: not ids, which the CRM never gives twice, not the time that it took, and not how the
    engine divided its work, which follows the time that the CRM takes."""
    parents = await Ticket.filter(kind="PARENT").order_by("serial").values_list("serial", flat=True)
    numbers = {serial: str(number) for number, serial in enumerate(parents)}

    def numbered(rows: list[tuple]) -> list[tuple]:
        return sorted(
            ("-".join(numbers.get(part, part) for part in row[0].split("-")), *row[1:]) for row in rows
        )

    tickets = Ticket.all().values_list("code", "status", "priority", "due_on", "version")
    tasks = Task.all().values_list(
        "ticket__code",
        "milestone__position",
        "position",
        "status",
        "mandatory",
        "due_on",
        "assignee__name",
        "version",
    )
    opportunities = Opportunity.all().values_list("code", "status", "title")
    told = await Event.all().values_list("kind", flat=True)
    kinds = Counter(kind for kind in told if not kind.startswith(("ACTION_", "ITEM_")))
    return [numbered(await tickets), numbered(await tasks), numbered(await opportunities), kinds]


async def test_a_history_is_what_operators_have_done_in_the_past(database_url, sandbox_process):
    settings = settings_for(database_url, sandbox_process)
    calendar = calendar_of(settings)
    begins_at, now = SHORT.begins_at(calendar), utc_now()

    async with history_in(database_url, sandbox_process, SHORT):
        events = await Event.all().order_by("id")
        assert await Operator.all().count() == len(PEOPLE) + len(COLLEAGUES)
        assert {"TASK_RESCHEDULED", "MILESTONE_COMPLETED", "TICKET_CLOSED"} <= {
            event.kind for event in events
        }
        assert begins_at - timedelta(seconds=1) <= events[0].occurred_at < begins_at + timedelta(minutes=1)
        assert max(event.occurred_at for event in events) <= utc_now()
        # Time goes on in each stream, as its events were written.
        for stream in {event.stream_id for event in events}:
            told = sorted((one for one in events if one.stream_id == stream), key=lambda one: one.seq)
            assert all(one.occurred_at <= other.occurred_at for one, other in pairwise(told))
        # Work is finished on working days of the past, and what goes on is open.
        finished = [task for task in await Task.filter(status=TaskStatus.DONE) if task.finished_at]
        assert finished
        for task in finished:
            day = calendar.today(task.finished_at)
            assert day == calendar.on_or_after(day)
            assert begins_at <= task.finished_at <= now
        assert await Ticket.filter(status="IN_PROGRESS").exists()
        # The buttons were pressed to the end, and the CRM holds what they made.
        assert await Ticket.filter(kind="CHILD").exists()
        assert {one.status for one in await Action.all()} == {ActionStatus.COMPLETED}
        in_the_crm = {
            one["id"] for one in await SandboxControl(sandbox_process.control).get("records/Opportunity")
        }
        assert {one.crm_id for one in await Opportunity.all()} <= in_the_crm
        # What is stored about the work is what its rows say.
        log = EventLog(clock=utc_now, broadcast=Broadcast())
        assert [one async for one in FactsKeeper(calendar).rebuild(log)] == []


@pytest.mark.only_on("sqlite")
async def test_the_same_seed_makes_the_same_history(databases, migrated_database, sandbox_process):
    told = []
    for name in ("one_history", "same_history"):
        async with history_in(
            await databases.create(name, like=migrated_database), sandbox_process, SHORTEST
        ):
            told.append(await what_happened())
        await databases.drop(name)

    assert told[0] == told[1]
    assert all(told[0])
