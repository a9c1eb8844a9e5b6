"""Runs are compared with an undisturbed run of the same day."""

from datetime import date

from tests.faults.judge import Baseline
from tests.faults.suite import Baselines

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


def measured_over(*days: date) -> tuple[Baselines, list[tuple[str, date]]]:
    """Baselines over a clock that shows these days one after the other, and the days that were measured."""
    clock = iter(days)
    measured: list[tuple[str, date]] = []

    def measure(stage: str, day: date) -> Baseline:
        measured.append((stage, day))
        return Baseline(bodies={}, children={stage: [{"day": day}]})

    return Baselines(["sqlite", "postgres"], measure, today=lambda: next(clock)), measured


def test_a_day_is_measured_once_for_each_stage():
    baselines, measured = measured_over(*[MONDAY] * 9)

    assert baselines.of_today("sqlite") is baselines.of_today("sqlite")
    baselines.of_today("postgres")

    assert measured == [("sqlite", MONDAY), ("postgres", MONDAY)]


def test_the_next_day_is_measured_for_itself():
    baselines, measured = measured_over(MONDAY, MONDAY, MONDAY, TUESDAY, TUESDAY, TUESDAY)

    assert baselines.of_today("sqlite") != baselines.of_today("sqlite")

    assert measured == [("sqlite", MONDAY), ("sqlite", TUESDAY)]


def test_a_baseline_that_midnight_fell_into_is_measured_again():
    baselines, measured = measured_over(MONDAY, TUESDAY, TUESDAY, TUESDAY, TUESDAY)

    baseline = baselines.of_today("sqlite")

    assert baseline.children == {"sqlite": [{"day": TUESDAY}]}
    assert measured == [("sqlite", MONDAY), ("sqlite", TUESDAY)]
