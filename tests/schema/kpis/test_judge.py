"""Random histories are judged twice: by the hub, and by a person who reads nothing but the log."""

from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from models import Event
from schema import schema
from services.events import Broadcast
from services.kpis import sources
from services.kpis.figures import NONE, REST
from services.kpis.sources import NOW, Branch
from services.live import Pulse
from services.planning.kpis import definitions
from services.planning.kpis.definitions import DEFINITIONS, Kind
from services.planning.kpis.words import KpiKey, KpiNature
from services.reads import EVERYTHING
from tests.schema.conftest import context_for
from tests.support.happenings import HAPPENINGS, happenings
from tests.support.live_trees import ROME
from tests.support.naive_kpis import WORK_KEYS, naive_figure, value_of
from tests.support.naive_sales import JUDGES, Asked, read_log
from tests.support.sales_history import SalesHistory

MORE_REQUESTS = 8

FIGURE = """{
  subject
  measure { value count numerator address }
  previous { value count }
  statistics { name measure { value } }
  buckets { measure { count address } }
  exclusions { reason measure { count address } }
  series(interval: WEEK) { measure { value count } }
  groups(by: $by, first: 2) { key measure { value count address } }
}"""
SAID = "$figure: KpiRequest!, $from: Date!, $to: Date!, $by: KpiDimension!, $filter: KpiFilter"
GIVEN = "from: $from, to: $to, figures: [$figure], filter: $filter"
ASKED = f"query({SAID}) {{ kpis({GIVEN}) {{ figures {FIGURE} }} }}"
LIVE = f"subscription({SAID}) {{ kpiUpdates({GIVEN}) {{ report {{ figures {FIGURE} }} }} }}"
BEHIND = """query($address: ID!) {
  kpiPopulation(address: $address, first: 100) { totalCount edges { weight node { ... on Node { id } } } }
}"""


FILTERS = {
    "TICKET_KIND": "ticketKind",
    "KIT": "kitId",
    "SERVICE": "serviceId",
    "TEMPLATE": "templateCode",
    "MILESTONE": "milestoneTitle",
    "OPERATOR": "operatorId",
    "COMPANY": "companyId",
    "PRIORITY": "priority",
}
"""What lets through one part of a dimension."""


class Trial:
    """A history, and what the log tells of it."""

    def __init__(self, seed, execute):
        self.history = SalesHistory(seed)
        self._execute = execute

    async def prepare(self):
        await self.history.happen()
        self._work, self._rows, self._hours = await read_log()
        self._context = context_for(
            board=Pulse(Broadcast(), today=lambda: self.today, shortest=0.01, alive=15.0),
            events=self.history.events,
        )
        self._context.clock = self.history.clock

    @property
    def today(self) -> date:
        return ROME.today(self.history.clock())

    def request(self, key):
        """A figure as it may be asked for, of days that may begin with something that happened."""
        random, definition = self.history.random, DEFINITIONS[key]
        wanted = {
            "key": key,
            "subject": random.choice(definition.subjects),
            "against": random.choice(("ORIGINAL", "CURRENT")),
            "close": random.choice(("LATEST", "FIRST")),
        }
        by = random.choice(definition.dimensions)
        if definition.nature is not KpiNature.FLOW:
            return wanted, by, self.today - timedelta(days=3), self.today + timedelta(days=1)
        happened = random.choice(list(self._work.values())).changed_at
        first = ROME.today(random.choice(happened)) - timedelta(days=random.choice((0, 0, 7, 30)))
        return wanted, by, first, first + timedelta(days=random.choice((1, 2, 30, 90, 200)))

    async def hold(self, wanted, by, first, end):
        """Hold the hub's answer against the judge's, and against the laws. Return how many rows it was of."""
        place, key = (wanted, by, first, end), wanted["key"]
        definition, naive = DEFINITIONS[key], self._naive(wanted, first, end)
        figure = await self._ask(wanted, by, first, end)
        measure = figure["measure"]
        value = measure["value"] and Decimal(measure["value"])
        assert (value, measure["count"]) == (value_of(key, naive), len(naive.weights)), place
        left_out = {one["reason"]: one["measure"]["count"] for one in figure["exclusions"]}
        assert left_out == dict(naive.left_out), place
        assert await self._behind(measure) == naive.shown(), place
        for one in (*figure["buckets"], *figure["exclusions"], *figure["groups"]):
            assert len(await self._behind(one["measure"])) == one["measure"]["count"], place
        parts = [figure["groups"]]
        if definition.nature is KpiNature.FLOW:
            length = end - first
            before = (await self._ask(wanted, by, first - length, first))["measure"]
            assert figure["previous"] == {name: before[name] for name in ("value", "count")}, place
            middle = first + length // 2
            halves = [(first, middle), (middle, end)] if length.days > 1 else [(first, end)]
            parts += [figure["series"], [await self._ask(wanted, by, *half) for half in halves]]
        for some in parts:
            assert sum(one["measure"]["count"] for one in some) == measure["count"], place
            if definition.kind in (Kind.COUNT, Kind.SUM):
                assert sum(Decimal(one["measure"]["value"]) for one in some) == value, place
        assert await self._live(wanted, by, first, end) == figure, place
        for part in figure["groups"]:
            if by in FILTERS and part["key"] not in (REST, NONE):
                chosen = {FILTERS[by]: {"eq": part["key"]}}
                alone = await self._ask(wanted, by, first, end, chosen)
                shown = {name: alone["measure"][name] for name in ("value", "count")}
                assert shown == {name: part["measure"][name] for name in ("value", "count")}, (place, chosen)
                assert await self._live(wanted, by, first, end, chosen) == alone, (place, chosen)
        return measure["count"]

    def _naive(self, wanted, first, end):
        if wanted["key"] not in JUDGES:
            return naive_figure(self._work, *wanted.values(), first, end, self.history.clock())
        asked = Asked(
            wanted["subject"], wanted["close"], first, end, self.today, self._work, self._rows, self._hours
        )
        JUDGES[wanted["key"]](asked)
        return asked.answer

    async def _ask(self, wanted, by, first, end, chosen=None):
        days = {"from": str(first), "to": str(end)}
        data = await self._answer(ASKED, figure=wanted, by=by, filter=chosen, **days)
        return data["kpis"]["figures"][0]

    async def _answer(self, document, **variables):
        result = await self._execute(document, self._context, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def _behind(self, measure):
        found = (await self._answer(BEHIND, address=measure["address"]))["kpiPopulation"]
        assert len(found["edges"]) == found["totalCount"]
        return sorted((edge["node"]["id"], Decimal(edge["weight"])) for edge in found["edges"])

    async def _live(self, wanted, by, first, end, chosen=None):
        variables = {"figure": wanted, "by": by, "from": str(first), "to": str(end), "filter": chosen}
        stream = await schema.stream(LIVE, variables, context_value=self._context)
        async with aclosing(stream) as results:
            item = await anext(results)
        assert item.errors is None, item.errors
        return item.data["kpiUpdates"]["report"]["figures"][0]


@pytest.mark.parametrize("key", list(KpiKey))
def test_every_figure_has_a_judge(key):
    assert (key in WORK_KEYS) + (key in JUDGES) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_every_figure_is_what_the_log_says_and_keeps_the_laws(execute, db, seed):
    trial = Trial(seed, execute)
    await trial.prepare()
    assert await happenings() >= HAPPENINGS
    assert trial.history.lost.isdisjoint(await Event.all().values_list("id", flat=True))

    keys = [*KpiKey, *trial.history.random.choices(list(KpiKey), k=MORE_REQUESTS)]
    sizes = [await trial.hold(*trial.request(key)) for key in keys]

    assert sum(size > 0 for size in sizes) > len(keys) / 2


def finished_after_the_due_date(due, finished, _calendar):
    return int(finished > due)


def every_line(_wanted, _environment):
    yield Branch(NOW, EVERYTHING, done="amount")


async def test_a_figure_that_is_wrong_is_caught(execute, db, monkeypatch):
    trial = Trial(0, execute)
    await trial.prepare()
    on_time = replace(DEFINITIONS[KpiKey.ON_TIME], rule=finished_after_the_due_date)
    monkeypatch.setitem(definitions._registry, KpiKey.ON_TIME, on_time)
    monkeypatch.setitem(sources._BRANCHES, KpiKey.VALUE_OPEN, every_line)

    for key, subject in ((KpiKey.ON_TIME, "TASKS"), (KpiKey.VALUE_OPEN, "CHILDREN")):
        wanted = {"key": key, "subject": subject, "against": "CURRENT", "close": "LATEST"}
        with pytest.raises(AssertionError):
            await trial.hold(wanted, "OPERATOR", date(2026, 10, 1), trial.today + timedelta(days=1))
