"""The command line: `python -m server --help`.

The application with its schema takes two fifths of a start. So the commands that run it import it, and no other does.
"""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop

from models.fitness import UnfitDatabase
from server.database import migrate_database, with_database
from server.doctor import Report, examine_tenant
from server.logs import configure_logs
from server.operator_commands import (
    ACTOR,
    first_admin,
    operator_commands,
    operator_of,
    service_commands,
    token_commands,
)
from server.rebinding import rebind_database
from server.rebuilding import rebuild_days, rebuild_facts
from server.reconciling import run_reconciliation
from server.sample import DATABASE_URL, NOTE
from server.settings import BadSettings, Settings, read_settings
from server.tour import run_tour
from server.wiring import Hub
from services import operators
from services.crm.errors import WrongTenant
from services.errors import Refusal
from services.events import EventLog
from services.planning.catalog.problems import CatalogError

T = TypeVar("T")

SCHEMA = Path("schema.graphql")

cli = typer.Typer(
    help="IntelligenceHub: kits become tickets, opportunities and activities, exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
crm_commands = typer.Typer(help="The CRM that the database belongs to.", no_args_is_help=True)
schema_commands = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
cli.add_typer(operator_commands, name="operator")
cli.add_typer(service_commands, name="service")
cli.add_typer(token_commands, name="token")
cli.add_typer(crm_commands, name="crm")
cli.add_typer(schema_commands, name="schema")


@cli.command("serve")
def serve_command() -> None:
    """Run the hub: API and workers in one process, until Ctrl-C."""
    from server.application import serve

    settings = _settings_with_logs()
    print("Bringing the database and its catalog up to date.", file=sys.stderr, flush=True)

    def announce(hub: Hub, address: str) -> None:
        print(f"IntelligenceHub listens on {address}", flush=True)

    _run(serve(settings, announce=announce))


@cli.command("work")
def work_command() -> None:
    """Run workers without the API until Ctrl-C. Any number can run on the same PostgreSQL database."""
    from server.application import work

    settings = _settings_with_logs()
    _run(work(settings, announce=lambda: print("IntelligenceHub works", flush=True)))


@cli.command()
def demo(
    empty: Annotated[bool, typer.Option("--empty", help="Start without sample sales.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Start with two years of sample sales; takes some minutes.")
    ] = False,
) -> None:
    """Run the hub against its own CRM sandbox, and print a sign-in link."""
    from server.demo import run_demo

    _run(run_demo(_settings_with_logs(), empty=empty, history=history))


@cli.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
def sandbox(given: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Run a local CRM in Cloud on the loopback, and print its addresses as one line of JSON."""
    # The hub itself never needs the sandbox: its imports would take a twentieth of every start.
    from services.crm.sandbox.__main__ import application

    application(given or [], prog_name="python -m server sandbox")


@cli.command()
def tour() -> None:
    """Run the whole story against a running demo, and print each step."""
    _run(run_tour())


@cli.command()
def reconcile(
    company: Annotated[
        str | None, typer.Option(help="One company, by our id or the CRM's; all by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare what should be in the CRM with what it holds.

    Exits with 0 when everything is explained, with 1 otherwise, with 2 when the CRM could not be read.
    """
    settings = read_settings()
    # At a terminal, a log line for each call would hide the report.
    configure_logs(settings, level=logging.WARNING)
    raise SystemExit(_run(run_reconciliation(settings, company, as_json=as_json)))


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The report for programs.")] = False,
) -> None:
    """Examine the CRM without writing, report problems, and store the tenant's profile. 0 healthy, 1 not, 2 no CRM."""
    settings = read_settings()
    configure_logs(settings, level=logging.WARNING)
    report = with_database(settings, lambda events: _examine(settings, events))
    print(report.as_json() if as_json else report.as_text())
    raise SystemExit(report.exit_code)


@crm_commands.command("rebind")
def rebind_command() -> None:
    """Bind the database to the CRM of the variables. Without this, another CRM is never written to."""
    settings = _settings_with_logs()
    print(with_database(settings, lambda events: rebind_database(settings, clock=events.clock)))


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to this version of the program."""

    migrated = migrate_database(read_settings())
    if migrated.new:
        print("The database was new: its tables were made.")
    elif migrated.count:
        print(f"The database was brought up to date: {migrated.count} migrations.")
    else:
        print("The database was up to date.")


@cli.command("rebuild-facts")
def rebuild_facts_command() -> None:
    """Compute the stored facts about tickets, milestones and tasks again, and print each one that was wrong.

    Exits with 0 when everything was right, with 1 otherwise.
    """
    settings = _settings_with_logs()
    raise SystemExit(1 if with_database(settings, lambda events: rebuild_facts(settings, events)) else 0)


@cli.command("rebuild-days")
def rebuild_days_command() -> None:
    """Work out from the log again how work stood at the end of each past day, and print each row that was wrong.

    Exits with 0 when everything was right, with 1 otherwise.
    """
    settings = _settings_with_logs()
    raise SystemExit(1 if with_database(settings, lambda events: rebuild_days(settings, events)) else 0)


@cli.command()
def sign_in_link(
    email: Annotated[
        str | None,
        typer.Argument(help="The operator's e-mail address; by default the first administrator's."),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For the demo that runs here.")] = False,
) -> None:
    """Print a link that signs a browser in: once, within ten minutes."""
    settings, address = _demo_settings() if demo else (read_settings(), None)

    async def make(events: EventLog) -> str:
        operator = await operator_of(email) if email else await first_admin()
        code = await operators.create_sign_in_code(operator.id, actor=ACTOR, events=events)
        return code.secret

    secret = with_database(settings, make)
    print(f"{address or settings.address}/accedi?code={secret}")


@schema_commands.command("export")
def export_schema(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when the file is out of date.")
    ] = False,
) -> None:
    """Write the schema to schema.graphql."""
    from schema import schema

    text = schema.as_str() + "\n"
    if not check:
        SCHEMA.write_text(text, encoding="utf-8")
    elif not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != text:
        _stop(f"{SCHEMA} is out of date: run `python -m server schema export` and commit it.", 1)


async def _examine(settings: Settings, events: EventLog) -> Report:
    show = partial(print, end="", file=sys.stderr, flush=True)
    show("Asking the CRM some thirty questions, within the budget of calls; answered so far:")
    try:
        return await examine_tenant(
            settings, clock=events.clock, report_progress=lambda answers: show(f" {answers}")
        )
    finally:
        show("\n")


def _demo_settings() -> tuple[Settings, str]:
    if not NOTE.exists():
        raise BadSettings("No demo is running here: start `make demo` first.")
    settings = read_settings().model_copy(update={"database_url": DATABASE_URL})
    return settings, str(json.loads(NOTE.read_text())["url"])


def _settings_with_logs() -> Settings:
    settings = read_settings()
    configure_logs(settings)
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _stop(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


def main() -> None:
    """Run one command. An expected failure is one sentence; anything else is a bug, with its traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A terminal may not be able to show every letter of a name.
    try:
        cli()
    except (BadSettings, CatalogError, UnfitDatabase, WrongTenant) as error:
        _stop(str(error), 2)
    except Refusal as refusal:
        _stop(str(refusal), 1)
    except KeyboardInterrupt:
        _stop("", 130)
