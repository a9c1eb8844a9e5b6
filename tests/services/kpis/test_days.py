"""Days are kept once, whole, and as they were: whatever was missed, raced or killed."""

import asyncio
import os
import signal
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
import uvloop
from structlog.testing import capture_logs

from models import Event, KpiDay, KpiMark, Operator, Task
from models.database import close_database, open_database
from server.clock import utc_now
from services.events import Broadcast, EventLog
from services.kpis import DayKeeper, Figure, KeptCells, Shown, read_board
from services.opportunities import generation as opportunities
from services.planning.kpis import DEFINITIONS, Address, Wanted
from services.planning.kpis.periods import Period
from services.planning.kpis.words import KpiNature
from services.reads import Environment
from tests.support.factories import save_tree
from tests.support.hub import SteppedClock, add_operator, hub_over, sell, take_in
from tests.support.live_trees import ROME
from tests.support.random_work import RandomWork
from tests.support.running_hub import ForkedCommand
from tests.support.work_history import WorkHistory

DAY = timedelta(days=1)
STATES = tuple(
    Wanted(one.key, subject)
    for one in DEFINITIONS.values()
    if one.nature is not KpiNature.FLOW
    for subject in one.subjects
)


async def all_states(day: date, today: date) -> dict[object, object]:
    """Every state of a day, with all its parts and what it leaves out, as a hub answers it on some day."""
    period, environment = Period(day, day + DAY), Environment(today, ROME)
    shown: dict[object, object] = {}
    for wanted in STATES:
        board = await read_board(
            [wanted], period, (), wanted.definition.dimensions, Shown(), environment, KeptCells()
        )
        figure = Figure(Address(wanted, period), today, ROME, board.cells_of, board.all_targets)
        shown[wanted.key, wanted.subject] = (
            await figure.measure(),
            await figure.exclusions(),
            await figure.statistics(),
            await figure.buckets(),
        )
        for by in wanted.definition.dimensions:
            groups = await figure.groups(by, 50)
            shown[wanted.key, wanted.subject, by] = {
                (one.key, one.measure.value, one.measure.count) for one in groups
            }
    return shown


def a_keeper(clock) -> DayKeeper:
    return DayKeeper(EventLog(clock=clock, broadcast=Broadcast()), ROME)


async def is_known(day: date, today: date) -> bool:
    shown = await all_states(day, today)
    measure, *_ = shown["OPEN", "TASKS"]
    return measure.value is not None


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed {seed}") for seed in (5,)])
async def test_a_days_last_figures_stay_its_figures(hub_url, sandbox, seed):
    clock = SteppedClock(datetime(2026, 12, 18, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock, time_limit=0.3) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002, weekly_hours=Decimal(30))
        marta = await add_operator(hub.events, "Marta", weekly_hours=Decimal(10))
        parent = await take_in(hub, actor=giulia.id)
        await opportunities.generate_opportunities(
            parent.id, override_reason="Urgente", actor=giulia.id, events=hub.events
        )
        await hub.intake.import_activity(await sell(sandbox, "niente di preciso"), actor=giulia.id)
        friday = ROME.today(clock())
        clock.now = ROME.start_of(friday + DAY) - timedelta(seconds=1)
        shown = {friday: await all_states(friday, friday)}
        clock.now = datetime(2026, 12, 21, 9, tzinfo=UTC)
        work = RandomWork(hub, sandbox, clock, [giulia, marta], seed)
        for number in range(4):
            await work.do(14)
            async with hub.events.change("access", actor="test") as change:
                operator = await Operator.get(id=marta.id)
                hours = Decimal(10 + number) if number != 2 else None
                await change.update(operator, kind="OPERATOR_SAVED", weekly_hours=hours)
            day = ROME.today(clock())
            clock.now = ROME.start_of(day + DAY) - timedelta(seconds=1)
            shown[day] = await all_states(day, day)
            # Some days pass without anybody who keeps them.
            clock.now = ROME.start_of(day + (1, 2, 20, 1)[number] * DAY) + timedelta(hours=9)
            if number % 2:
                await hub.days.keep()
        await hub.days.keep()

        for day, then in shown.items():
            assert await all_states(day, ROME.today(clock())) == then
        counted = {
            key[0] for then in shown.values() for key, one in then.items() if len(key) == 2 and one[0].count
        }
        assert {"VALUE_OPEN", "LOAD_SHARE", "INBOX", "CRM_PENDING"} <= counted
        assert [one async for one in hub.days.rebuild()] == []


async def test_days_are_unknown_until_they_are_kept_and_before_the_log_begins(db):
    history = WorkHistory(3)
    await history.happen()
    today = ROME.today(history.clock())
    begin, yesterday = ROME.today(history.begin), today - DAY
    assert not await is_known(yesterday, today)

    # Until a minute past midnight, what began before it may not be committed yet.
    history.clock.now = ROME.start_of(today) + timedelta(seconds=59)
    keeper = a_keeper(history.clock)
    await keeper.keep()
    assert (await is_known(yesterday - DAY, today), await is_known(yesterday, today)) == (True, False)
    history.clock.advance(seconds=1)
    assert await keeper.keep()
    assert not await keeper.keep()

    assert await is_known(yesterday, today)
    assert await is_known(begin, today)
    assert not await is_known(begin - DAY, today)


async def test_of_many_keepers_one_keeps_the_days(db):
    history = WorkHistory(4)
    await history.happen()
    history.clock.advance(days=2)

    with capture_logs() as logs:
        turns = await asyncio.gather(*(a_keeper(history.clock).keep() for _ in range(4)))

    assert sorted(turns) == [False, False, False, True]
    assert [one["event"] for one in logs if one["event"].startswith("days")] == ["days_kept"]
    assert [one async for one in a_keeper(history.clock).rebuild()] == []


async def test_what_is_committed_after_its_day_was_kept_counts_for_the_day_from_the_next_one_on(db):
    history = WorkHistory(5)
    await history.happen()
    keeper = a_keeper(history.clock)
    history.clock.advance(days=1)
    await keeper.keep()
    yesterday = ROME.today(history.clock()) - DAY
    async with history.events.change(actor="late") as change:
        change._occurred_at = ROME.start_of(yesterday + DAY) - timedelta(seconds=1)
        late = Operator(name="Tardi", email="t@example.it", role="OPERATOR", created_at=history.clock())
        await change.lock(["access"])
        await change.create(late, kind="OPERATOR_SAVED")
        late.weekly_hours = None
        await change.update(late, kind="OPERATOR_SAVED", weekly_hours=Decimal(8))
    history.clock.advance(days=1)

    await keeper.keep()

    assert (await KpiDay.get(row_id=late.id)).since_on == yesterday


async def test_rows_whose_beginning_the_log_lacks_do_not_keep_others_from_being_known(db):
    history = WorkHistory(6)
    await history.happen()
    tree = await save_tree(children=1)
    task = await Task.filter(ticket__tree_id=tree.parent.id).first()
    async with history.events.change(tree.parent.id, actor="test") as change:
        await change.update(task, kind="TASK_IN_PROGRESS", status="IN_PROGRESS")
    history.clock.advance(days=2)
    today = ROME.today(history.clock())

    assert await a_keeper(history.clock).keep()

    assert await is_known(today - DAY, today)
    assert await KpiDay.all().exists()
    assert not await KpiDay.filter(row_id=task.id).exists()


def be_killed_in_the_middle(database_url: str, now: datetime) -> None:
    async def run() -> None:
        await open_database(database_url)
        keeper = a_keeper(lambda: now)
        store, stored = keeper._store, 0

        async def dying(*arguments):
            nonlocal stored
            if stored == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            stored += 1
            return await store(*arguments)

        keeper._store = dying
        await keeper.keep()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_a_keeper_that_was_killed_in_the_middle_is_followed_by_another(database_url, tmp_path):
    clock = await _with_history(database_url)
    log = tmp_path / "log.txt"
    killed = ForkedCommand(
        environment={}, log=log, run=partial(be_killed_in_the_middle, database_url, clock())
    )
    assert await asyncio.to_thread(killed.ends_within, 60.0), log.read_text()
    killed.stdout.close()

    await open_database(database_url)
    try:
        today = ROME.today(clock())
        mark = await KpiMark.get()
        assert (mark.holder is None, mark.end_on < today) == (False, True)
        half = await KpiDay.all().count()
        assert half > 0
        assert not await is_known(today - DAY, today)
        # Its turn lasts a minute.
        assert not await a_keeper(clock).keep()
        clock.advance(seconds=61)
        assert await a_keeper(clock).keep()

        assert await KpiDay.all().count() > half
        assert await is_known(today - DAY, today)
        assert [one async for one in a_keeper(clock).rebuild()] == []
    finally:
        await close_database()


async def _with_history(database_url: str) -> SteppedClock:
    await open_database(database_url)
    try:
        history = WorkHistory(6)
        await history.happen()
        history.clock.advance(days=1)
        return history.clock
    finally:
        await close_database()


async def test_a_frozen_keeper_that_wakes_up_writes_nothing(db):
    history = WorkHistory(7)
    await history.happen()
    history.clock.advance(days=1)
    frozen = a_keeper(history.clock)
    store = frozen._store

    async def freezing(*arguments):
        frozen._store = store
        history.clock.advance(days=1)
        assert await a_keeper(history.clock).keep()
        return await store(*arguments)

    frozen._store = freezing
    assert not await frozen.keep()

    assert (await KpiMark.get()).end_on == ROME.today(history.clock())
    assert [one async for one in a_keeper(history.clock).rebuild()] == []


async def test_another_calendar_has_the_days_worked_out_again(db):
    history = WorkHistory(8)
    await history.happen()
    history.clock.advance(days=1)
    keeper = a_keeper(history.clock)
    await keeper.keep()
    await KpiMark.all().update(basis="another")
    row = await KpiDay.filter(yellow_on__not_isnull=True).first()
    await KpiDay.filter(id=row.id).update(yellow_on=date(2020, 1, 1))

    assert await keeper.keep()

    assert (await KpiDay.get(row_id=row.row_id, since_on=row.since_on)).yellow_on == row.yellow_on


async def test_a_rebuild_mends_what_was_wrong_and_says_what(db):
    history = WorkHistory(9)
    await history.happen()
    history.clock.advance(days=1)
    keeper = a_keeper(history.clock)
    await keeper.keep()
    right = await KpiDay.all().order_by("row_id", "since_on").values_list("row_id", "since_on", "due_on")
    late, missing, surplus = await KpiDay.filter(entity="Task").order_by("row_id", "since_on").limit(3)
    await KpiDay.filter(id=late.id).update(due_on=date(2020, 1, 1))
    await KpiDay.filter(id=missing.id).delete()
    await KpiDay.filter(id=surplus.id).update(since_on=date(2020, 1, 2))

    found = [one async for one in keeper.rebuild()]

    assert {(one.row_id, one.since_on, str(one.columns), one.was_there) for one in found} == {
        (late.row_id, late.since_on, str({"due_on": (date(2020, 1, 1), late.due_on)}), True),
        (missing.row_id, missing.since_on, "None", False),
        (surplus.row_id, date(2020, 1, 2), "None", True),
        (surplus.row_id, surplus.since_on, "None", False),
    }
    columns = ("row_id", "since_on", "due_on")
    assert await KpiDay.all().order_by("row_id", "since_on").values_list(*columns) == right
    assert [one async for one in keeper.rebuild()] == []


async def test_a_hub_without_a_log_has_no_days(db):
    keeper = a_keeper(utc_now)

    assert not await keeper.keep()
    assert [one async for one in keeper.rebuild()] == []
    assert not await Event.exists()
