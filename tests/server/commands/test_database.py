"""Commands for the database and the schema."""

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

from typer.testing import CliRunner, Result

from models import KpiDay, Ticket
from models.database import close_database, open_database
from server import commands, operator_commands
from server.clock import utc_now
from services.events import Broadcast, EventLog
from services.kpis import DayKeeper
from tests.support import factories
from tests.support.live_trees import ROME
from tests.support.repository import ROOT
from tests.support.work_history import WorkHistory


def test_a_bug_is_not_hidden(monkeypatch):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(operator_commands, "with_database", break_down)
    result: Result = CliRunner().invoke(commands.cli, ["token", "list"])

    assert isinstance(result.exception, ZeroDivisionError)


def test_migrate_says_what_it_did(run, monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_DATABASE_URL", f"sqlite://{tmp_path / 'var' / 'deep' / 'hub.sqlite3'}")

    said = [run("migrate")[1] for _ in range(2)]

    assert said == ["The database was new: its tables were made.\n", "The database was up to date.\n"]


def test_the_committed_schema_is_todays():
    run = subprocess.run(
        [sys.executable, "-m", "server", "schema", "export", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr


def test_facts_that_were_wrong_are_named_once_and_then_right(run, database_url):
    async def spoil() -> str:
        await open_database(database_url)
        try:
            tree = await factories.save_tree(children=0)
            await factories.store_facts()
            await Ticket.filter(id=tree.parent.id).update(task_count=7)
            return tree.parent.id
        finally:
            await close_database()

    ticket_id = asyncio.run(spoil())

    code, said, _ = run("rebuild-facts")
    again, nothing, _ = run("rebuild-facts")

    assert (code, said) == (
        1,
        f"Ticket {ticket_id}: task_count was 7, is 4.\nWrong, and right now: 1.\n",
    )
    assert (again, nothing) == (0, "Every fact was right.\n")


def test_past_days_that_were_wrong_are_named_once_and_then_right(run, database_url):
    async def spoil() -> KpiDay:
        await open_database(database_url)
        try:
            history = WorkHistory(1, datetime.now(UTC) - timedelta(days=400))
            await history.happen()
            await DayKeeper(EventLog(clock=utc_now, broadcast=Broadcast()), ROME).keep()
            row = await KpiDay.filter(entity="Task").order_by("row_id", "since_on").first()
            await KpiDay.filter(id=row.id).update(due_on=date(2020, 1, 1))
            return row
        finally:
            await close_database()

    row = asyncio.run(spoil())

    code, said, _ = run("rebuild-days")
    again, nothing, _ = run("rebuild-days")

    assert (code, said) == (
        1,
        f"{row.since_on}, Task {row.row_id}: due_on was 2020-01-01, is {row.due_on}.\nWrong, and right now: 1.\n",
    )
    assert (again, nothing) == (0, "Every day was right.\n")
