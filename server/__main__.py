"""The house's commands: `python -m server --help`."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop

from models import Operator
from schema import schema
from server.application import serve, work
from server.demo import FOLDER as DEMO
from server.demo import run_demo
from server.doctor import examine_tenant
from server.logs import Scrubber, configure_logs, secrets_of
from server.reconciling import run_reconciliation
from server.settings import BadSettings, Settings, read_settings
from server.tour import NOTE, run_tour
from server.wiring import Hub, open_event_log, utc_now
from services import operators
from services.catalog.problems import CatalogError
from services.crm.sandbox.__main__ import main as sandbox
from services.errors import Refusal
from services.events import EventLog
from services.vocabulary import Role

T = TypeVar("T")

SCHEMA = Path("schema.graphql")
ACTOR = "system:command-line"

cli = typer.Typer(
    help="IntelligenceHub: kits become tickets, opportunities and activities, exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
operator_commands = typer.Typer(help="The people and programs that act.", no_args_is_help=True)
token_commands = typer.Typer(help="What programs show to come in.", no_args_is_help=True)
schema_commands = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
cli.add_typer(operator_commands, name="operator")
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
    report = _with_database(settings, lambda events: examine_tenant(settings, clock=events.clock))
    print(Scrubber(secrets_of(settings))(report.as_json() if as_json else report.as_text()))
    raise SystemExit(report.exit_code)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to this version of the program."""

    async def nothing_more(events: EventLog) -> None:
        return

    _with_database(read_settings(), nothing_more)
    print("The database is up to date.")


@cli.command()
def sign_in_link(
    email: Annotated[str | None, typer.Argument(help="Whose; the first administrator's by default.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For the demo that runs here.")] = False,
) -> None:
    """Print a link that signs a browser in: once, within ten minutes."""
    settings, address = _demo_settings() if demo else (read_settings(), None)

    async def make(events: EventLog) -> str:
        operator = await _operator_of(email) if email else await _first_admin()
        code = await operators.create_sign_in_code(operator.id, actor=ACTOR, events=events)
        return code.secret

    secret = _with_database(settings, make)
    print(f"{address or settings.address}/sign-in?code={secret}")


@operator_commands.command("create")
def create_operator(
    name: str,
    email: str,
    role: Annotated[Role, typer.Option()] = Role.OPERATOR,
    crm_user_id: Annotated[int | None, typer.Option(help="Their user id in the CRM.")] = None,
    fills: Annotated[list[str] | None, typer.Option(help="A workflow role; may be repeated.")] = None,
) -> None:
    """Let somebody act."""
    draft = operators.OperatorDraft(
        name=name, email=email, role=role, crm_user_id=crm_user_id, workflow_roles=fills or []
    )
    operator = _with_database(
        read_settings(), lambda events: operators.create_operator(draft, actor=ACTOR, events=events)
    )
    print(f"{operator.id}  {operator.name}  {operator.role}")


@operator_commands.command("list")
def list_operators() -> None:
    """List everybody who acts."""
    for row in _with_database(read_settings(), lambda events: operators.list_operators()):
        print(f"{row.id}  {row.role:<8}  {row.email:<32}  {row.name}{'' if row.active else '  (inactive)'}")


@token_commands.command("create")
def create_token(
    email: Annotated[str, typer.Argument(help="The operator that the program acts as.")],
    label: Annotated[str, typer.Argument(help="What the token is for.")],
    role: Annotated[Role, typer.Option(help="At most the operator's own.")] = Role.VIEWER,
    days: Annotated[int | None, typer.Option(min=1, help="How long it lasts; for ever by default.")] = None,
) -> None:
    """Make a token and print it. It is shown this once."""

    async def make(events: EventLog) -> operators.NewSecret:
        operator = await _operator_of(email)
        expires_at = None if days is None else utc_now() + timedelta(days=days)
        return await operators.create_token(operator.id, role, label, expires_at, actor=ACTOR, events=events)

    print(_with_database(read_settings(), make).secret)


@token_commands.command("list")
def list_tokens() -> None:
    """List every token of a program: who it acts as, what it may do, and whether it still holds."""
    for row in _with_database(read_settings(), lambda events: operators.list_tokens()):
        print(
            f"{row.id}  {row.role:<8}  {_state(row.revoked_at, row.expires_at):<20}  {row.label}  ({row.operator.name})"
        )


@token_commands.command("revoke")
def revoke_token(token_id: str) -> None:
    """End a token at once."""
    _with_database(
        read_settings(), lambda events: operators.revoke_token(token_id, actor=ACTOR, events=events)
    )
    print(f"{token_id} opens nothing any more.")


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


def make_room(database_url: str) -> None:
    """SQLite makes its file, but not the folder around it."""
    scheme, _, path = database_url.partition("://")
    if scheme == "sqlite":
        Path(path.partition("?")[0]).parent.mkdir(parents=True, exist_ok=True)


def _with_database(settings: Settings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_event_log(settings.database_url) as events:
            return await work(events)

    make_room(settings.database_url)
    return asyncio.run(run())


def _demo_settings() -> tuple[Settings, str]:
    if not NOTE.exists():
        raise BadSettings("No demo is running here: start `make demo` first.")
    settings = read_settings().model_copy(update={"database_url": f"sqlite://{DEMO / 'hub.sqlite3'}"})
    return settings, str(json.loads(NOTE.read_text())["url"])


async def _operator_of(email: str) -> Operator:
    operator = await operators.find_operator(email)
    if operator is None:
        raise operators.UnknownOperator(email)
    return operator


async def _first_admin() -> Operator:
    admins = [row for row in await operators.list_operators() if row.role == Role.ADMIN and row.active]
    if not admins:
        raise BadSettings(
            "There is no administrator yet: python -m server operator create NAME EMAIL --role ADMIN"
        )
    return min(admins, key=lambda row: row.id)


def _state(revoked_at: datetime | None, expires_at: datetime | None) -> str:
    if revoked_at is not None:
        return "revoked"
    if expires_at is None:
        return "for ever"
    return f"{'until' if utc_now() < expires_at else 'ended'} {expires_at:%Y-%m-%d %H:%M}"


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
