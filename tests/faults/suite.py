"""The whole of it: draws plans, carries several out at once, judges them, and adds the table up."""

import asyncio
import shutil
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.databases import Databases, PostgresDatabases, SqliteFiles
from tests.faults.families import FAMILIES
from tests.faults.judge import Calm, Verdict, calm_of, judge
from tests.faults.phases import Phase, phases_struck
from tests.faults.plan import COMPANIES, Blow, Button, Database, Family, Plan, Press
from tests.faults.runner import carry_out
from tests.faults.stage import Stage, build_stage
from tests.faults.table import Tally
from tests.postgres_server import running_postgres


@dataclass(frozen=True)
class Outcome:
    """One run: what it came to, and what is wrong with it, if anything."""

    plan: Plan
    verdict: Verdict
    phases: Counter[Phase]
    items: int
    problems: Sequence[str]
    seconds: float


@dataclass
class Theatre:
    """The stages, and a calm run of each; what must not be disturbed by others has a stage of its own."""

    folder: Path
    stages: dict[str, Stage]
    calms: dict[str, Calm]
    _alone: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    def play(self, family: Family, seed: int) -> Outcome:
        """One run, judged. One that breaks is a failed one: the others go on."""
        plan = family.plan(seed)
        with self._alone if _needs_a_server(plan) else nullcontext():
            try:
                return self._play(family, plan)
            except Exception:  # noqa: BLE001 - a suite that stops at one breakdown tells too little.
                return Outcome(plan, Verdict(), Counter(), 0, [f"it broke: {traceback.format_exc()}"], 0.0)

    def _play(self, family: Family, plan: Plan) -> Outcome:
        name = "restless" if _needs_a_server(plan) else plan.database
        folder = self.folder / f"{plan.family} {plan.seed}".replace(":", "")
        ran = carry_out(plan, self.stages[name], folder)
        verdict = judge(ran.evidence, self.calms[name])
        problems = verdict.problems(may_wait=family.may_wait, stray=family.stray)
        if not problems or family.control_of:
            shutil.rmtree(folder)
        return Outcome(
            plan,
            verdict,
            phases_struck(ran.evidence),
            len(ran.evidence.ledger.items),
            problems,
            ran.seconds,
        )


def _needs_a_server(plan: Plan) -> bool:
    return bool(plan.blows(Blow.DATABASE_AWAY))


@contextmanager
def opened_theatre(folder: Path, families: Sequence[Family]) -> Iterator[Theatre]:
    """With the stages that the families need."""
    needed = sorted({_stage_of(family) for family in families})
    with ExitStack() as stack:
        with ThreadPoolExecutor() as pool:
            built = list(pool.map(lambda name: _build(name, folder, stack), needed))
            stages = dict(zip(needed, built, strict=True))
            calms = list(pool.map(lambda name: _calm(name, stages[name], folder), needed))
        yield Theatre(folder, stages, dict(zip(needed, calms, strict=True)))


def _stage_of(family: Family) -> str:
    plan = family.plan(0)
    return "restless" if _needs_a_server(plan) else plan.database


def _build(name: str, folder: Path, stack: ExitStack) -> Stage:
    databases: Databases
    if name == Database.SQLITE:
        databases = SqliteFiles(folder)
    else:
        databases = PostgresDatabases(stack.enter_context(running_postgres()))
    return asyncio.run(build_stage(databases, folder / name))


def _calm(name: str, stage: Stage, folder: Path) -> Calm:
    """Every button of everybody, and nothing goes wrong."""
    database = Database.SQLITE if name == Database.SQLITE else Database.POSTGRES
    presses = tuple(Press(button, company, 0.0) for button in Button for company in COMPANIES)
    plan = Plan(family="calm", seed=0, database=database, presses=presses)
    evidence = carry_out(plan, stage, folder / f"calm {name}").evidence
    problems = judge(evidence).problems()
    assert not problems, problems
    return calm_of(evidence)


Watch = Callable[[Outcome], object]


def play_all(
    theatre: Theatre, bill: Sequence[tuple[Family, int]], *, at_once: int, watch: Watch
) -> dict[str, list[Outcome]]:
    """Several runs at once, for most of their time goes by in waiting. Whoever interrupts gets what is done by then."""
    outcomes: dict[str, list[Outcome]] = {family.name: [] for family, _ in bill}
    with ThreadPoolExecutor(at_once) as pool:
        running: list[Future[Outcome]] = [pool.submit(theatre.play, family, seed) for family, seed in bill]
        with suppress(KeyboardInterrupt):
            for future in as_completed(running):
                outcome = future.result()
                outcomes[outcome.plan.family].append(outcome)
                watch(outcome)
        pool.shutdown(cancel_futures=True)
    return outcomes


def bill_of(families: Sequence[Family], *, short: bool, seed: int | None = None) -> list[tuple[Family, int]]:
    """Each family with its seeds, or with the one that is to be repeated. All families come early."""
    if seed is not None:
        return [(family, seed) for family in families]
    bill = [
        (family, number) for family in families for number in range(family.short if short else family.long)
    ]
    return sorted(bill, key=lambda entry: entry[1])


def tallied(outcomes: dict[str, list[Outcome]]) -> dict[str, Tally]:
    tallies = {name: Tally() for name in outcomes}
    for name, runs in outcomes.items():
        for run in runs:
            tallies[name].add(run.verdict, run.phases, items=run.items, failed=bool(run.problems))
    return tallies


def complaints(outcomes: dict[str, list[Outcome]]) -> list[str]:
    """What must not be: harm where there should be none, and controls that came to no harm."""
    found = []
    for name, runs in outcomes.items():
        if FAMILIES[name].control_of:
            if runs and not any(run.verdict.harmed for run in runs):
                found.append(f"{name}: no run came to harm, so these plans prove nothing.")
            continue
        found += [
            f"{name}, seed {run.plan.seed}: {'; '.join(run.problems)}\n  {run.plan}\n  Repeat: {run.plan.repeated_by}"
            for run in runs
            if run.problems
        ]
    return found
