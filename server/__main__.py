"""The command line: `python -m server --help`."""

import asyncio
import json
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop

from schema import schema
from server.application import serve, work
from server.database import make_room, with_database
from server.demo import run_demo
from server.doctor import examine_tenant
from server.logs import Scrubber, configure_logs, secrets_of
from server.people import ACTOR, first_admin, operator_commands, operator_of, service_commands, token_commands
from server.reconciling import run_reconciliation
from server.sample import FOLDER, NOTE
from server.settings import BadSettings, Settings, read_settings
from server.tour import run_tour
from server.wiring import Hub
from services import operators
from services.catalog.problems import CatalogError
from services.crm.sandbox.__main__ import main as sandbox
from services.errors import Refusal
from services.events import EventLog

T = TypeVar("T")

SCHEMA = Path("schema.graphql")

cli = typer.Typer(
    help="IntelligenceHub: kits become tickets, opportunities and activities, exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
schema_commands = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
cli.add_typer(operator_commands, name="operator")
cli.add_typer(service_commands, name="service")
cli.add_typer(token_commands, name="token")
cli.add_typer(schema_commands, name="schema")
cli.command("sandbox")(sandbox)


@cli.command("serve")
def serve_command() -> None:
    """Run the hub: API and workers in one process, until Ctrl-C."""
    settings = _settings_with_logs()
    make_room(settings.database_url)

    def announce(hub: Hub, address: str) -> None:
        print(f"IntelligenceHub listens on {address}", flush=True)

    _run(serve(settings, announce=announce))


@cli.command("work")
def work_command() -> None:
    """Run workers without the API, beside any number of others over the same PostgreSQL, until Ctrl-C."""
    settings = _settings_with_logs()
    _run(work(settings, announce=lambda: print("IntelligenceHub works", flush=True)))


@cli.command()
def demo() -> None:
    """Run the hub against a CRM sandbox of its own, and print a link to sign in."""
    _run(run_demo(_settings_with_logs()))


@cli.command()
def tour() -> None:
    """Drive the whole story against a running demo, and tell it as it happens."""
    _run(run_tour())


@cli.command()
def reconcile(
    company: Annotated[
        str | None, typer.Option(help="One company, by our id or the CRM's; all by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare what we believe to be in the CRM with what it holds.

    Ends with 0 when nothing is left unexplained, with 1 otherwise, with 2 when the CRM could not be read.
    """
    settings = _settings_with_logs()
    make_room(settings.database_url)
    raise SystemExit(_run(run_reconciliation(settings, company, as_json=as_json)))


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="The report for programs.")] = False,
) -> None:
    """Look at the CRM, reading only; say what is wrong, and store the tenant's profile. 0 healthy, 1 not, 2 no CRM."""
    settings = read_settings()
    configure_logs(settings, level=logging.WARNING)
    print("Asking the CRM some thirty questions, within the budget of calls.", file=sys.stderr)
    report = with_database(settings, lambda events: examine_tenant(settings, clock=events.clock))
    print(Scrubber(secrets_of(settings))(report.as_json() if as_json else report.as_text()))
    raise SystemExit(report.exit_code)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to this version of the program."""

    async def nothing_more(events: EventLog) -> None:
        return

    with_database(read_settings(), nothing_more)
    print("The database is up to date.")


@cli.command()
def sign_in_link(
    email: Annotated[str | None, typer.Argument(help="Whose; the first administrator's by default.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For the demo that runs here.")] = False,
) -> None:
    """Print a link that signs a browser in: once, within ten minutes."""
    settings, address = _demo_settings() if demo else (read_settings(), None)

    async def make(events: EventLog) -> str:
        operator = await operator_of(email) if email else await first_admin()
        code = await operators.create_sign_in_code(operator.id, actor=ACTOR, events=events)
        return code.secret

    secret = with_database(settings, make)
    print(f"{address or settings.address}/sign-in?code={secret}")


@schema_commands.command("export")
def export_schema(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when the file is out of date.")
    ] = False,
) -> None:
    """Write the schema to schema.graphql."""
    text = schema.as_str() + "\n"
    if not check:
        SCHEMA.write_text(text, encoding="utf-8")
    elif not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != text:
        _stop(f"{SCHEMA} is out of date: run `python -m server schema export` and commit it.", 1)


def _demo_settings() -> tuple[Settings, str]:
    if not NOTE.exists():
        raise BadSettings("No demo is running here: start `make demo` first.")
    settings = read_settings().model_copy(update={"database_url": f"sqlite://{FOLDER / 'hub.sqlite3'}"})
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
    """Run one command. What was expected to go wrong is one sentence; anything else is a bug, with its traceback."""
    try:
        cli()
    except (BadSettings, CatalogError) as error:
        _stop(str(error), 2)
    except Refusal as refusal:
        _stop(refusal.message, 1)
    except KeyboardInterrupt:
        _stop("", 130)


if __name__ == "__main__":
    main()
