"""`python -m tests.faults`: the suite from the command line, with its progress and its table."""

import shutil
import signal
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from tests.faults.families import FAMILIES
from tests.faults.suite import Outcome, failures, opened_suite, run_all, schedule_of, tallied
from tests.faults.table import empty_phases, rendered

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@cli.command()
def strike(
    only: Annotated[str, typer.Option(help="One family, or the beginning of the names of several.")] = "",
    seed: Annotated[int | None, typer.Option(help="One seed, to repeat a run.")] = None,
    short: Annotated[bool, typer.Option(help="As few runs as `make test` does.")] = False,
    at_once: Annotated[int, typer.Option(help="How many runs go on at the same time.")] = 6,
) -> None:
    """Strike the hub with every fault that we can think of, and count what the CRM really holds."""
    families = [family for family in FAMILIES.values() if family.name.startswith(only)]
    if not families:
        raise typer.BadParameter(f"The families are: {', '.join(FAMILIES)}.")
    schedule = schedule_of(families, short=short, seed=seed)
    done: list[Outcome] = []

    def show(outcome: Outcome) -> None:
        done.append(outcome)
        mark = "harmed" if outcome.problems else "well"
        print(
            f"{len(done):4}/{len(schedule)}  {outcome.seconds:5.1f} s  {mark:6}  "
            f"{outcome.plan.family}, seed {outcome.plan.seed}",
            *outcome.problems,
            sep="\n      ",
            flush=True,
        )

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(mkdtemp(prefix="hub-faults-"))
    with opened_suite(folder, families) as suite:
        outcomes = run_all(suite, schedule, at_once=at_once, watch=show)
    tallies = tallied(outcomes)
    print(rendered(tallies))
    found = failures(outcomes)
    if not only:
        found += [f"No fault struck an item while it was {phase}." for phase in empty_phases(tallies)]
    for failure in found:
        print(f"\n{failure}")
    if found:
        print(f"\n{len(done)} runs, {len(found)} failures. What they left is in {folder}.")
        sys.exit(1)
    shutil.rmtree(folder)
    print(f"\n{len(done)} runs of {len(schedule)}, all as they should be.")


def main() -> None:
    cli()
