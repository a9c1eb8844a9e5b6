"""`python -m services.crm.sandbox`: the sandbox alone."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from services.crm.sandbox.running import run_sandbox
from services.crm.sandbox.store import UnusableStore
from services.crm.sandbox.switches import Switches


def _switches(text: str) -> dict[str, Any]:
    """Read the switches as the control address would, and refuse them as clearly."""
    try:
        changes: dict[str, Any] = orjson.loads(text)
        Switches.model_validate(changes)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return changes


application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@application.command()
def main(
    store: Annotated[Path, typer.Option(help="The file that keeps every record and every call.")],
    port: Annotated[int, typer.Option(help="The CRM's port; 0 takes a free one.")] = 0,
    control_port: Annotated[int, typer.Option(help="The control port; 0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    seed: Annotated[bool, typer.Option(help="Load the sample data into a new store.")] = False,
    switches: Annotated[str, typer.Option(help="Switches to set at the start, as a JSON object.")] = "{}",
    leashed: Annotated[bool, typer.Option(help="Stop when the standard input ends.")] = False,
) -> None:
    """Run a local CRM in Cloud on the loopback, and print its addresses as one line of JSON."""
    work = run_sandbox(host, port, control_port, store, seed, switches=_switches(switches), leashed=leashed)
    try:
        asyncio.run(work)
    except UnusableStore as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    application()
