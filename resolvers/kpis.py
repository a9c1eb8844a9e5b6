"""Figures: from fields and arguments to what is wanted, and all reads of an operation's figures at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.kpi_inputs import MOST_FIGURES, KpiFilter, KpiRequest, figures_wanted, narrowings_of
from resolvers.reads.connections import PageInfoView
from resolvers.reads.fields import LASTING, Arguments, read_field, shows_entries
from resolvers.reads.paging import DEFAULT_COUNT, MAX_COUNT, entries_of_page
from resolvers.reads.selections import Selection, arguments_of
from services.kpis import (
    Cells,
    Figure,
    KpiPopulationOrder,
    Population,
    Question,
    Shown,
    ShownTarget,
    last_change,
    place_from,
    read_cells,
    read_population,
    read_targets,
    save_target,
)
from services.kpis.targets import Targets
from services.planning.kpis import BOARD, DEFINITIONS, Address, Definition, address_from
from services.planning.kpis.addresses import BUCKETS
from services.planning.kpis.periods import LONGEST, Period, last_days as days_up_to, period_between
from services.planning.kpis.words import (
    KpiDimension,
    KpiInterval,
    KpiKey,
    KpiStatisticName,
    KpiSubject,
)
from services.reads import Environment, Reads

MOST_GROUPS = 50
GROUPS = 12

SHOWS_FIGURES = shows_entries(lambda given: min(len(given.get("figures") or BOARD), MOST_FIGURES))
SHOWS_POINTS = shows_entries(lambda given: min(given.get("last") or LONGEST, LONGEST))
SHOWS_GROUPS = shows_entries(lambda given: min(given.get("first") or GROUPS, MOST_GROUPS) + 1)
SHOWS_BUCKETS = shows_entries(lambda _: len(BUCKETS))
SHOWS_STATISTICS = shows_entries(lambda _: len(KpiStatisticName))
SHOWS_EXCLUSIONS = shows_entries(lambda _: 3)
SHOWS_DEFINITIONS = shows_entries(lambda given: len(given.get("keys") or KpiKey))
SHOWS_MEMBERS = shows_entries(entries_of_page)


@dataclass(frozen=True)
class KpiReport:
    """The figures of one period, as of one state of the database."""

    period: Period
    environment: Environment
    computed_at: datetime
    figures: Sequence[Figure]
    until: Callable[[], Awaitable[datetime]]

    @property
    def first(self) -> date:
        return self.period.first

    @property
    def end(self) -> date:
        return self.period.end

    @property
    def previous_first(self) -> date:
        return self.period.previous.first

    @property
    def today(self) -> date:
        return self.environment.today

    @property
    def zone(self) -> str:
        return self.environment.calendar.zone.key


def period_of(first: date | None, end: date | None, count: int | None, today: date) -> Period:
    """Return the period that the arguments name: two days, or so many days up to and with today."""
    argument = "from" if count is None else "lastDays"
    if (first is None or end is None) if count is None else (first is not None or end is not None):
        raise BadUserInput(argument, "Give `from` and `to`, or `lastDays`.")
    try:
        if count is not None:
            return days_up_to(count, today)
        assert first is not None
        assert end is not None
        return period_between(first, end)
    except ValueError as error:
        raise BadUserInput(argument, str(error)) from None


@dataclass(frozen=True)
class SavedTarget:
    """The target as it was saved; None if the figure has none from that day on."""

    target: ShownTarget | None


def shown_of(selection: Selection, path: Sequence[str]) -> Shown:
    """Return what is selected of the figures at the end of a path."""
    figures = selection.sets_below(selection.sets, path)
    below, of_groups = selection.fields(figures), selection.fields(selection.sets_below(figures, ("groups",)))
    asked = (arguments_of(node, selection.variables).get("interval") for node in below.get("series", ()))
    intervals = tuple(sorted({KpiInterval(one or KpiInterval.DAY) for one in asked}))
    return Shown(intervals, not below.keys().isdisjoint({"previous", "trend"}) or "previous" in of_groups)


def _loader(
    info: Info[Context, Any], name: str, read: Callable[[list[Any], Reads], Awaitable[list[Any]]]
) -> Any:
    """Return what loads things of one name: once for all fields of an operation that ask for them together."""
    loaders: dict[Any, Any] = info.context.running.loaders
    if name not in loaders:

        async def load(keys: list[Any]) -> list[Any]:
            async with info.context.running.reads(info.path) as reads:
                return await read(keys, reads)

        loaders[name] = DataLoader(load)
    return loaders[name].load


def _load_cells(info: Info[Context, Any]) -> Callable[[Question], Awaitable[Cells]]:
    async def read(questions: list[Question], reads: Reads) -> list[Cells]:
        return await read_cells(questions, info.context.environment(), reads, info.context.kept_cells)

    load: Callable[[Question], Awaitable[Cells]] = _loader(info, "kpi cells", read)
    return load


def _load_targets(info: Info[Context, Any]) -> Callable[[], Awaitable[Targets]]:
    async def read(keys: list[str], reads: Reads) -> list[Targets]:
        return [await read_targets(reads)] * len(keys)

    return partial(_loader(info, "kpi targets", read), "")


First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many entries at most: 1 to {MAX_COUNT}, {DEFAULT_COUNT} by default."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only entries after this cursor.")]
Order = Annotated[
    KpiPopulationOrder | None,
    strawberry.argument(description="The order; WEIGHT_DESC by default."),
]
From = Annotated[
    date | None,
    strawberry.argument(name="from", description="The first day; give it with `to`, or give `lastDays`."),
]
To = Annotated[
    date | None,
    strawberry.argument(description=f"The day after the last; at most {LONGEST} days after `from`."),
]
LastDays = Annotated[
    int | None, strawberry.argument(description=f"So many days up to and with today: 1 to {LONGEST}.")
]
Requests = Annotated[
    list[KpiRequest] | None,
    strawberry.argument(
        description=f"Which figures, at most {MOST_FIGURES}, in the order of the answer; the standard board by default."
    ),
]


def kpis(
    info: Info[Context, Any],
    from_: From = None,
    to: To = None,
    last_days: LastDays = None,
    filter: Annotated[
        KpiFilter | None, strawberry.argument(description="Only what this lets through.")
    ] = None,
    figures: Requests = None,
) -> KpiReport:
    """Return a report whose figures are read when they are asked for."""
    context = info.context
    environment, load, load_targets = context.environment(), _load_cells(info), _load_targets(info)
    period = period_of(from_, to, last_days, environment.today)
    narrowings = narrowings_of(filter)
    shown = shown_of(Selection.below(info._raw_info), ("figures",))
    wanted = [
        Figure(
            Address(one, period, narrowings),
            environment.today,
            environment.calendar,
            load,
            load_targets,
            shown,
        )
        for one in figures_wanted(figures)
    ]
    return KpiReport(period, environment, context.clock(), wanted, _load_data_until(info))


async def data_until(report: strawberry.Parent[KpiReport]) -> datetime:
    return await report.until()


def _load_data_until(info: Info[Context, Any]) -> Callable[[], Awaitable[datetime]]:
    async def read(keys: list[str], reads: Reads) -> list[datetime]:
        return [await last_change(reads)] * len(keys)

    return partial(_loader(info, "kpi data until", read), "")


def definitions(
    keys: Annotated[
        list[KpiKey] | None, strawberry.argument(description="Which figures; all by default.")
    ] = None,
) -> list[Definition]:
    return [DEFINITIONS[key] for key in (DEFINITIONS if keys is None else dict.fromkeys(keys))]


def asked_of_figure(
    description: str, ask: Callable[[Figure], Awaitable[Any]], metadata: Mapping[str, Any] | None = None
) -> Any:
    """A field that the figure itself answers."""

    async def read(figure: Figure, _info: Info[Context, Any], _arguments: Arguments) -> Any:
        return await ask(figure)

    return read_field(description, read, metadata={**LASTING, **(metadata or {})})


async def series(
    figure: strawberry.Parent[Figure],
    interval: Annotated[
        KpiInterval, strawberry.argument(description="The length of a stretch.")
    ] = KpiInterval.DAY,
    last: Annotated[int | None, strawberry.argument(description="Only the last so many.")] = None,
) -> Any:
    if last is not None and last < 1:
        raise BadUserInput("last", "last is at least 1.")
    return await figure.series(interval, last)


async def groups(
    figure: strawberry.Parent[Figure],
    by: Annotated[KpiDimension, strawberry.argument(description="What the figure is taken apart by.")],
    first: Annotated[
        int | None,
        strawberry.argument(
            description=f"How many parts at most, largest first: 1 to {MOST_GROUPS}, {GROUPS} by default. The others "
            "are one part with the key `rest`."
        ),
    ] = None,
) -> Any:
    most = GROUPS if first is None else first
    if not 1 <= most <= MOST_GROUPS:
        raise BadUserInput("first", f"first is a number from 1 to {MOST_GROUPS}.")
    if by not in figure.definition.dimensions:
        raise BadUserInput("by", f"{figure.definition.key} cannot be taken apart by {by}.")
    return await figure.groups(by, most)


async def population_of_figure(
    figure: strawberry.Parent[Figure],
    info: Info[Context, Any],
    first: First = None,
    after: After = None,
    order_by: Order = None,
) -> Population:
    return await _population(figure.at, await figure.own_part(), info, first, after, order_by)


async def kpi_population(
    info: Info[Context, Any],
    address: Annotated[strawberry.ID, strawberry.argument(description="The number's address.")],
    first: First = None,
    after: After = None,
    order_by: Order = None,
) -> Population:
    try:
        place = address_from(address)
    except ValueError:
        raise BadUserInput("address", "This is no address of a number.") from None
    question = Question(place.wanted, place.period, place.narrowings)
    return await _population(place, await _load_cells(info)(question), info, first, after, order_by)


async def _population(
    address: Address,
    cells: Cells,
    info: Info[Context, Any],
    first: int | None,
    after: str | None,
    order_by: KpiPopulationOrder | None,
) -> Population:
    count, order = DEFAULT_COUNT if first is None else first, order_by or KpiPopulationOrder.WEIGHT_DESC
    if not 1 <= count <= MAX_COUNT:
        raise BadUserInput("first", f"first is a number from 1 to {MAX_COUNT}.")
    environment = info.context.environment()
    try:
        place = None if after is None else place_from(after, order, address, environment)
    except ValueError:
        raise BadUserInput("after", "after is not a cursor of this list.") from None
    async with info.context.running.reads(info.path) as reads:
        return await read_population(address, count, place, order, cells, environment, reads)


def page_info(population: strawberry.Parent[Population]) -> Any:
    members = population.members
    return PageInfoView(
        population.has_next,
        population.has_previous,
        members[0].cursor if members else None,
        members[-1].cursor if members else None,
    )


async def save_kpi_target(
    info: Info[Context, Any],
    key: Annotated[KpiKey, strawberry.argument(description="The figure.")],
    subject: Annotated[
        KpiSubject | None,
        strawberry.argument(description="What is counted; by default what its definition names first."),
    ] = None,
    value: Annotated[
        Decimal | None,
        strawberry.argument(description="The bound, in the figure's unit; null for none from then on."),
    ] = None,
    since: Annotated[
        date | None, strawberry.argument(description="From which day; today by default.")
    ] = None,
) -> SavedTarget:
    context = info.context
    saved = await save_target(
        key, subject, value, since, actor=context.actor, calendar=context.calendar, events=context.events
    )
    shown = None if saved.value is None else ShownTarget(saved.value, None, saved.since, saved.set_by_id)
    return SavedTarget(shown)
