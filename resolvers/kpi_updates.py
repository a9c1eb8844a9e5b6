"""Figures, live: worked out once for all watchers of this process that ask for the same."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.kpi_inputs import KpiFilter, KpiRequest, figures_wanted, narrowings_of
from resolvers.kpis import From, KpiReport, LastDays, To, period_of, shown_of
from resolvers.reads.selections import Selection, arguments_of
from services.events import FollowState, Once
from services.kpis import Board, Figure, Shown, read_board
from services.live import Beat
from services.planning.kpis import Address, Narrowing, Wanted
from services.planning.kpis.periods import Period
from services.planning.kpis.words import KpiDimension
from services.reads import Environment


@dataclass(frozen=True)
class KpiUpdate:
    """`shared` keeps what is made of it for all watchers to whom it comes."""

    state: FollowState
    report: KpiReport
    shared: Once = field(default_factory=Once, init=False, compare=False)


Figures = Annotated[
    list[KpiRequest],
    strawberry.argument(description="Which figures, at most 24, in the order of the answer."),
]
Filter = Annotated[KpiFilter | None, strawberry.argument(description="Only what this lets through.")]


_FIGURES = ("report", "figures")


async def kpi_updates(
    info: Info[Context, Any],
    figures: Figures,
    from_: From = None,
    to: To = None,
    last_days: LastDays = None,
    filter: Filter = None,
) -> AsyncIterator[KpiUpdate]:
    selection = Selection.below(info._raw_info)
    watcher = _Watcher(
        info.context,
        tuple(figures_wanted(figures)),
        narrowings_of(filter),
        (from_, to, last_days),
        _dimensions(selection),
        shown_of(selection, _FIGURES),
        "population" in _below(selection),
    )
    async with aclosing(info.context.board.follow()) as beats:
        async for beat in beats:
            if (update := await watcher.hear(beat)) is not None:
                yield update


def _below(selection: Selection) -> dict[str, list[Any]]:
    """Return the fields that are selected of a figure."""
    return selection.fields(selection.sets_below(selection.sets, _FIGURES))


def _dimensions(selection: Selection) -> tuple[KpiDimension, ...]:
    """Return what the selection takes figures apart by."""
    nodes = _below(selection).get("groups", ())
    asked = {KpiDimension(arguments_of(node, selection.variables)["by"]) for node in nodes}
    return tuple(sorted(asked))


@dataclass
class _Watcher:
    """What one subscription asks for, and how it last saw it.

    `with_rows`: rows behind the figures are selected, so a figure comes again whenever anything changed.
    """

    context: Context
    wanted: tuple[Wanted, ...]
    narrowings: tuple[Narrowing, ...]
    days: tuple[date | None, date | None, int | None]
    dimensions: tuple[KpiDimension, ...]
    shown: Shown
    with_rows: bool
    _seen: dict[Wanted, Hashable] = field(default_factory=dict)
    _today: date | None = None
    _last_item: float = 0.0

    async def hear(self, beat: Beat) -> KpiUpdate | None:
        """Return the item that a beat brings; None if it brings none."""
        period = period_of(*self.days, beat.today)
        board = await self._board(beat, period)
        seen, self._seen = self._seen, {one: board.state_of(one) for one in self.wanted}
        if beat.today != self._today:
            self._today = beat.today
            return await self._item(beat, FollowState.SNAPSHOT, self.wanted, board, period)
        changed = tuple(one for one in self.wanted if seen.get(one) != self._seen[one])
        if beat.grew and self.with_rows:
            changed = self.wanted
        if changed:
            return await self._item(beat, FollowState.CHANGE, changed, board, period)
        if asyncio.get_running_loop().time() - self._last_item >= self.context.board.alive:
            return await self._item(beat, FollowState.ALIVE, (), board, period)
        return None

    def _environment(self, beat: Beat) -> Environment:
        return replace(self.context.environment(), today=beat.today)

    def _asked(self, period: Period) -> Hashable:
        """Watchers for whom this is equal ask for the same."""
        return self.wanted, period, self.narrowings, self.dimensions, self.shown

    async def _board(self, beat: Beat, period: Period) -> Board:
        async def read() -> Board:
            return await read_board(
                self.wanted,
                period,
                self.narrowings,
                self.dimensions,
                self.shown,
                self._environment(beat),
                self.context.kept_cells,
            )

        return await beat.batch.once(("kpis", self._asked(period)), read)

    async def _item(
        self, beat: Beat, state: FollowState, shown: tuple[Wanted, ...], board: Board, period: Period
    ) -> KpiUpdate:
        """Return the item of all who ask for the same, and to whom the beat brings the same."""

        async def make() -> KpiUpdate:
            environment = self._environment(beat)
            figures = [
                Figure(
                    Address(one, period, self.narrowings),
                    environment.today,
                    environment.calendar,
                    board.cells_of,
                    board.all_targets,
                    self.shown,
                )
                for one in shown
            ]
            report = KpiReport(period, environment, self.context.clock(), figures, board.until)
            return KpiUpdate(state, report)

        self._last_item = asyncio.get_running_loop().time()
        return await beat.batch.once(("kpi item", self._asked(period), state, shown), make)
