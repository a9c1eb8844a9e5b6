"""Draws plans, carries several out at once, judges them, and adds up the table."""

import asyncio
import shutil
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.faults.families import FAMILIES
from tests.faults.judge import Baseline, Verdict, baseline_of, judge
from tests.faults.phases import Phase, phases_struck
from tests.faults.plan import COMPANIES, Blow, Button, Database, Family, Plan, Press
from tests.faults.runner import carry_out
from tests.faults.stage import Stage, build_stage
from tests.faults.table import CallCounter
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.postgres_server import running_postgres


@dataclass(frozen=True)
class Outcome:
    """One run: its result, and what is wrong with it, if anything."""

    plan: Plan
    verdict: Verdict
    phases: Counter[Phase]
    items: int
    problems: Sequence[str]
    seconds: float


def _today_in_rome() -> date:
    return datetime.now(ZoneInfo("Europe/Rome")).date()


class Baselines:
    """An undisturbed run of each stage on each day, because records and plans contain dates."""

    def __init__(
        self,
        stages: Iterable[str],
        measure: Callable[[str, date], Baseline],
        *,
        today: Callable[[], date] = _today_in_rome,
    ) -> None:
        self._measure = measure
        self._today = today
        self._locks = {name: threading.Lock() for name in stages}
        self._measured: dict[tuple[str, date], Baseline] = {}

    def of_today(self, stage: str) -> Baseline:
        """Return the baseline of this day. If the day ends while it is measured, it is measured again."""
        with self._locks[stage]:
            while (key := (stage, self._today())) not in self._measured:
                baseline = self._measure(*key)
                if key[1] == self._today():
                    self._measured[key] = baseline
            return self._measured[key]


@dataclass
class Suite:
    """The stages and their baselines. Plans that would disturb others have a stage of their own."""

    folder: Path
    stages: dict[str, Stage]
    baselines: Baselines
    _alone: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    def run(self, family: Family, seed: int) -> Outcome:
        """Carry out one run and judge it. A run that breaks has failed; the others continue."""
        plan = family.plan(seed)
        with self._alone if _needs_a_server(plan) else nullcontext():
            try:
                return self._run(family, plan)
            except Exception:  # noqa: BLE001 - a suite that stops at one breakdown shows too little.
                return Outcome(plan, Verdict(), Counter(), 0, [f"it broke: {traceback.format_exc()}"], 0.0)

    def _run(self, family: Family, plan: Plan) -> Outcome:
        name = "restless" if _needs_a_server(plan) else plan.database
        folder = self.folder / f"{plan.family} {plan.seed}".replace(":", "")
        baseline = self.baselines.of_today(name)
        ran = carry_out(plan, self.stages[name], folder)
        verdict = judge(ran.evidence, baseline, self.baselines.of_today(name))
        problems = verdict.problems(may_wait=family.may_wait, late_doubles=family.late_doubles)
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
def opened_suite(folder: Path, families: Sequence[Family]) -> Iterator[Suite]:
    """Open a suite with the stages that the families need."""
    needed = sorted({_stage_of(family) for family in families})
    with ExitStack() as stack:
        with ThreadPoolExecutor() as pool:
            built = list(pool.map(lambda name: _build(name, folder, stack), needed))
            stages = dict(zip(needed, built, strict=True))
            baselines = Baselines(
                needed, lambda name, day: _measure(name, stages[name], folder / f"{name} {day}")
            )
            list(pool.map(baselines.of_today, needed))
        yield Suite(folder, stages, baselines)


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


def _measure(name: str, stage: Stage, folder: Path) -> Baseline:
    """Press every button of every company, without faults."""
    database = Database.SQLITE if name == Database.SQLITE else Database.POSTGRES
    presses = tuple(Press(button, company, 0.0) for button in Button for company in COMPANIES)
    plan = Plan(family="baseline", seed=0, database=database, presses=presses)
    evidence = carry_out(plan, stage, folder).evidence
    problems = judge(evidence).problems()
    assert not problems, problems
    return baseline_of(evidence)


Watch = Callable[[Outcome], object]


def run_all(
    suite: Suite, schedule: Sequence[tuple[Family, int]], *, at_once: int, watch: Watch
) -> dict[str, list[Outcome]]:
    """Carry out several runs at once, because they mostly wait. After Ctrl-C, return those that have ended."""
    outcomes: dict[str, list[Outcome]] = {family.name: [] for family, _ in schedule}
    with ThreadPoolExecutor(at_once) as pool:
        running: list[Future[Outcome]] = [pool.submit(suite.run, family, seed) for family, seed in schedule]
        with suppress(KeyboardInterrupt):
            for future in as_completed(running):
                outcome = future.result()
                outcomes[outcome.plan.family].append(outcome)
                watch(outcome)
        pool.shutdown(cancel_futures=True)
    return outcomes


def schedule_of(
    families: Sequence[Family], *, short: bool, seed: int | None = None
) -> list[tuple[Family, int]]:
    """Each family with its seeds, or with the one that is to be repeated. All families come early."""
    if seed is not None:
        return [(family, seed) for family in families]
    schedule = [
        (family, number) for family in families for number in range(family.short if short else family.long)
    ]
    return sorted(schedule, key=lambda entry: entry[1])


def tallied(outcomes: dict[str, list[Outcome]]) -> dict[str, CallCounter]:
    tallies = {name: CallCounter() for name in outcomes}
    for name, runs in outcomes.items():
        for run in runs:
            tallies[name].add(run.verdict, run.phases, items=run.items, failed=bool(run.problems))
    return tallies


def failures(outcomes: dict[str, list[Outcome]]) -> list[str]:
    """Return harm where there should be none, and controls that came to no harm."""
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
