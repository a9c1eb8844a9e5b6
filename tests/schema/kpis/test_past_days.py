"""How things stood on earlier days: random histories are judged by the log, day by day."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from models import KpiDay, KpiMark, Operator
from models.identity import new_id
from services.kpis import DayKeeper
from services.kpis.cells import MOST_CHARACTERS, kept_statement
from tests.schema.conftest import context_for
from tests.support.live_trees import ROME
from tests.support.naive_kpis import Told, holder_of, naive_figure, told_rows, value_of
from tests.support.work_history import AUTUMN, COUNTED, SPRING, STATES, SUBJECTS, WorkHistory

DAY = timedelta(days=1)
REQUESTS = 12
ASKED = """query($figure: KpiRequest!, $from: Date!, $to: Date!, $filter: KpiFilter) {
  kpis(from: $from, to: $to, figures: [$figure], filter: $filter) {
    figures {
      measure { value count address }
      previous { value count }
      exclusions { reason measure { count address } }
      buckets { measure { count address } }
      series(interval: WEEK) { to measure { value count } }
      groups(by: OPERATOR, first: 50) { key measure { count } }
      priorities: groups(by: PRIORITY, first: 50) { key measure { count address } }
    }
  }
}"""
BEHIND = """query($address: ID!) {
  kpiPopulation(address: $address, first: 100) {
    totalCount measure { value } edges { weight node { ... on WorkItem { id } } }
  }
}"""


@pytest.fixture
def asking(execute):
    """Ask a hub whose clock is that of a history."""

    def of(history):
        context = context_for()
        context.clock = history.clock

        async def answer(document, **variables):
            result = await execute(document, context, **variables)
            assert result.errors is None, result.errors
            return result.data

        return answer

    return of


def priority_of(row: Told, rows) -> str:
    return rows[row.columns.get("ticket_id", row.id)].columns["priority"]


@pytest.mark.parametrize("begin", [AUTUMN, SPRING], ids=["autumn", "spring"])
@pytest.mark.parametrize("missed", [True, False], ids=["all days at once", "day by day"])
async def test_a_past_day_is_what_the_log_told_until_its_midnight(asking, db, begin, missed):
    history = WorkHistory(11, begin)
    keeper = DayKeeper(history.events, ROME)
    await history.happen(None if missed else keeper.keep)
    history.clock.advance(days=1)
    assert await keeper.keep()
    ask, today, random = asking(history), ROME.today(history.clock()), history.random

    async def judged(day: date, wanted):
        midnight = ROME.start_of(day + DAY)
        rows = await told_rows(midnight)
        naive = naive_figure(rows, *wanted.values(), day, day + DAY, midnight - timedelta(seconds=1))
        return rows, naive, value_of(wanted["key"], naive)

    seen = 0
    for _ in range(REQUESTS):
        key = random.choice(STATES)
        subject = random.choice(COUNTED.get(key, SUBJECTS))
        wanted = {"key": key, "subject": subject, "against": "ORIGINAL", "close": "LATEST"}
        last = begin.date() + timedelta(days=random.randrange((today - begin.date()).days))
        length = random.randint(1, 20)
        place = (wanted, last, length)
        days = {"from": str(last - length * DAY + DAY), "to": str(last + DAY)}
        [figure] = (await ask(ASKED, figure=wanted, **days))["kpis"]["figures"]
        rows, naive, value = await judged(last, wanted)

        measure = figure["measure"]
        assert (measure["value"] and Decimal(measure["value"]), measure["count"]) == (
            value,
            len(naive.weights),
        ), place
        left_out = {one["reason"]: one["measure"]["count"] for one in figure["exclusions"]}
        assert left_out == dict(naive.left_out), place
        seen += measure["count"]

        # Every part, filter and row is of that day, too.
        holders = Counter(holder_of(rows[one], rows) for one in naive.weights)
        assert {one["key"]: one["measure"]["count"] for one in figure["groups"]} == holders, place
        for holder, count in holders.items():
            filtered = {"filter": {"operatorId": {"eq": holder}}}
            [its] = (await ask(ASKED, figure=wanted, **days, **filtered))["kpis"]["figures"]
            assert its["measure"]["count"] == count, place
        ranks = Counter(priority_of(rows[one], rows) for one in naive.weights)
        assert {one["key"]: one["measure"]["count"] for one in figure["priorities"]} == ranks, place
        population = (await ask(BEHIND, address=measure["address"]))["kpiPopulation"]
        weights = {one["node"]["id"]: Decimal(one["weight"]) for one in population["edges"]}
        assert (population["totalCount"], weights) == (measure["count"], naive.weights), place
        for one in (*figure["buckets"], *figure["exclusions"], *figure["priorities"]):
            behind = (await ask(BEHIND, address=one["measure"]["address"]))["kpiPopulation"]
            assert len(behind["edges"]) == behind["totalCount"] == one["measure"]["count"], place

        for point in figure["series"]:
            end = date.fromisoformat(point["to"]) - DAY
            known = end >= begin.date()
            expected = (await judged(end, wanted))[2] if known else None
            assert (point["measure"]["value"] and Decimal(point["measure"]["value"])) == expected, place
        before = last - length * DAY
        if before < begin.date():
            assert figure["previous"] is None, place
        else:
            _, naive, value = await judged(before, wanted)
            previous = figure["previous"]
            assert (previous["value"] and Decimal(previous["value"]), previous["count"]) == (
                value,
                len(naive.weights),
            ), place
    assert seen > REQUESTS

    stored = await KpiDay.all().count()
    assert [one async for one in keeper.rebuild()] == []
    assert await KpiDay.all().count() == stored > 100


LATE = """query($from: Date!, $to: Date!, $filter: KpiFilter) {
  kpis(from: $from, to: $to, filter: $filter, figures: [{ key: LATE }, { key: OPEN, subject: MILESTONES }]) {
    figures { series { measure { value } } }
  }
}"""


async def test_past_days_are_read_once_until_somebody_keeps_them_anew(asking, db, statements):
    history = WorkHistory(11, AUTUMN)
    keeper = DayKeeper(history.events, ROME)
    await history.happen(None)
    history.clock.advance(days=1)
    assert await keeper.keep()
    ask, today = asking(history), ROME.today(history.clock())
    days = {"from": str(AUTUMN.date()), "to": str(today)}

    async def asked():
        statements.clear()
        answer = await ask(LATE, **days)
        return answer, any("kpi_day" in one for one in statements)

    first, was_read = await asked()
    assert was_read
    assert await asked() == (first, False)

    lost = await KpiDay.filter(entity__in=["Task", "Milestone"])
    await KpiDay.filter(id__in=[one.id for one in lost]).delete()
    await KpiMark.all().update(holder="another process")
    without, was_read = await asked()
    assert was_read
    assert without != first
    assert await asked() == (without, True)

    await KpiMark.all().update(holder=None)
    assert len([one async for one in keeper.rebuild()]) == len(lost)
    assert await asked() == (first, True)
    assert await asked() == (first, False)


@pytest.mark.parametrize(("operators", "is_kept"), [(1, True), (100, False)])
async def test_only_what_a_short_filter_names_is_remembered(asking, db, statements, operators, is_kept):
    history = WorkHistory(11, AUTUMN)
    await history.happen(None)
    history.clock.advance(days=1)
    assert await DayKeeper(history.events, ROME).keep()
    ask, today = asking(history), ROME.today(history.clock())
    ids = [new_id(Operator.prefix) for _ in range(operators)]
    assert (sum(map(len, ids)) <= MOST_CHARACTERS) is is_kept
    asked = {"from": str(AUTUMN.date()), "to": str(today), "filter": {"operatorId": {"in": ids}}}
    kept_statement.cache_clear()

    first = await ask(LATE, **asked)
    statements.clear()
    again = await ask(LATE, **asked)

    assert again == first
    assert any("kpi_day" in one for one in statements) is not is_kept
    assert (kept_statement.cache_info().currsize > 0) is is_kept
