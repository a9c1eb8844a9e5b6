"""The rows behind a number: a page of them, with what each contributes."""
# ruff: noqa: S608

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson

from services.kpis.cells import (
    HUNDREDTHS,
    Cells,
    Look,
    Question,
    bound_values,
    hundredths_of,
    looks_at,
    part_columns,
)
from services.kpis.figures import Measure
from services.kpis.sources import Branch, Day
from services.planning.kpis import numbers
from services.planning.kpis.addresses import Address
from services.planning.kpis.definitions import Definition, Kind
from services.planning.kpis.numbers import SHARE_PLACES, UNKNOWN, Cell, Number
from services.planning.kpis.words import KpiDimension, KpiNature, KpiUnit
from services.reads import Environment, Expression, Reads
from services.reads.conditions import Parameters
from services.reads.grouped import Facts, Selected, column, selected_sql

_SCALES: Mapping[Kind, int] = {Kind.RATIO: 10_000, Kind.LOAD: 10_000, Kind.SUM: HUNDREDTHS}
"""What a row contributes is a whole number for the database: so many to one. Others contribute whole numbers."""

_MOST = 2**31 - 1
_BY_RULE = "COALESCE(w.weight, 0)"


class KpiPopulationOrder(StrEnum):
    """Each is the value that rows are sorted by and the direction; the id decides among equals."""

    WEIGHT_DESC = "weight DESC"
    WEIGHT_ASC = "weight ASC"
    AT_DESC = "at DESC"
    DUE_ON_ASC = "due_on ASC"

    @property
    def descending(self) -> bool:
        return self.value.endswith("DESC")

    @property
    def sql(self) -> str:
        return self.value.split()[0]


@dataclass(frozen=True, slots=True)
class Member:
    """One row behind a number, with what it contributes in the number's unit."""

    node_id: str
    title: str
    company: str | None
    operator: str | None
    weight: Decimal
    counts: bool
    at: datetime
    cursor: str

    @property
    def subtitle(self) -> str:
        return " · ".join(filter(None, (self.company, self.operator)))


@dataclass(frozen=True, slots=True)
class Population:
    """`first` and `end` bound the stretch as in a period."""

    definition: Definition
    measure: Measure
    first: date
    end: date
    members: Sequence[Member]
    has_next: bool
    has_previous: bool

    @property
    def total_count(self) -> int:
        return self.measure.count


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of the page before."""

    key: Any
    row_id: str


async def read_population(
    address: Address,
    first: int,
    after: Place | None,
    order: KpiPopulationOrder,
    cells: Cells,
    environment: Environment,
    reads: Reads,
) -> Population:
    """Return a page of the rows behind a number. `cells` are those of the figure that it belongs to."""
    number = number_at(address, cells, environment)
    members: list[Member] = []
    if number.count:
        members = await read_members(address, first, after, order, cells.cells, environment, reads)
    reads.count(len(members))
    plain = address.reason is None and address.bucket is None
    unit = address.wanted.definition.unit if plain else KpiUnit.COUNT
    measure = Measure(number.value, number.count, number.numerator, unit, str(address))
    return Population(
        address.wanted.definition,
        measure,
        address.period.first,
        address.period.end,
        members[:first],
        len(members) > first,
        after is not None,
    )


async def read_members(
    address: Address,
    first: int,
    after: Place | None,
    order: KpiPopulationOrder,
    cells: Sequence[Cell],
    environment: Environment,
    reads: Reads,
) -> list[Member]:
    """Return so many rows and, if there is one, the next."""
    sql, values = _statement(address, first, after, order, cells, environment, reads)
    return [_member(list(one), address, order, environment, reads) for one in await reads.run(sql, values)]


def _refuse_foreign(key: date, address: Address, order: KpiPopulationOrder, environment: Environment) -> None:
    """Refuse the place of a population that has instants where this one has days, or the reverse."""
    source = _look(address, environment).source
    when = next((one.when for one in source.branches if one.reason is address.reason), "")
    name = "due_on" if order is KpiPopulationOrder.DUE_ON_ASC and "due_on" in source.facts.columns else when
    if isinstance(key, datetime) is not Day(name).of_instant:
        raise ValueError("The cursor belongs to another population.")


def number_at(address: Address, found: Cells, environment: Environment) -> Number:
    """Return what a number comes to now."""
    definition, calendar, cells = address.wanted.definition, environment.calendar, found.cells
    if definition.nature is not KpiNature.FLOW and not found.tell_of(address.period, environment.today):
        return UNKNOWN
    if address.reason is not None:
        return numbers.left_out(cells, address.reason)
    if address.bucket is not None:
        return numbers.bucket_count(definition, cells, address.bucket, calendar)
    return numbers.number_of(definition, cells, calendar)


def question_of(address: Address) -> Question:
    return Question(address.wanted, address.period, address.narrowings)


def _look(address: Address, environment: Environment) -> Look:
    """Return what is read for an address: rows as they are, or as they stood on the period's last day."""
    [look] = looks_at(question_of(address), environment)
    return look


def place_from(cursor: str, order: KpiPopulationOrder, address: Address, environment: Environment) -> Place:
    """Return the place that a cursor stands for. ValueError: it was made for another order, or by somebody else."""
    content = orjson.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    match content:
        case [name, int(key), str(row_id)] if name == order.name and order.sql == "weight":
            return Place(min(key, _MOST), row_id)
        case [name, str(key), str(row_id)] if name == order.name and order.sql != "weight":
            day = datetime.fromisoformat(key) if "T" in key else date.fromisoformat(key)
            _refuse_foreign(day, address, order, environment)
            return Place(day, row_id)
    raise ValueError("The cursor belongs to another order.")


def _statement(
    address: Address,
    first: int,
    after: Place | None,
    order: KpiPopulationOrder,
    cells: Sequence[Cell],
    environment: Environment,
    reads: Reads,
) -> tuple[str, list[Any]]:
    parameters, bound = Parameters(reads.dialect), bound_values(environment)
    look = _look(address, environment)
    facts = look.source.facts
    rows = " UNION ALL ".join(
        selected_sql(
            Selected(facts, where, _values(address, branch, facts, look), look.window, look.lists, look.over),
            parameters,
            bound,
        )
        for branch, where in look.branches(environment.calendar)
        if branch.reason is address.reason
    )
    weight = _weight(address)
    joined = ""
    if weight == _BY_RULE:
        weights = reads.dialect.listed_rows(
            parameters.bind(_weights(address, cells, environment)),
            {"first": date, "second": date, "weight": int},
        )
        joined = f" LEFT JOIN ({weights}) AS w ON w.first = r.c4 AND w.second = r.c5"
    inner = (
        "SELECT r.c0 AS id, r.c1 AS title, r.c2 AS company, r.c3 AS operator, r.c6 AS at, r.c7 AS due_on,"
        f" r.c10 AS node, {weight} AS weight FROM ({rows}) AS r{joined}"
    )
    conditions = ["TRUE"]
    if address.bucket is not None:
        least, below = address.bucket
        conditions.append(f"weight >= {parameters.bind(least)}")
        if below is not None:
            conditions.append(f"weight < {parameters.bind(below)}")
    if after is not None:
        further = "<" if order.descending else ">"
        one, same = (parameters.bind(after.key) for _ in range(2))
        row_id = parameters.bind(after.row_id)
        conditions.append(f"({order.sql} {further} {one} OR ({order.sql} = {same} AND id > {row_id}))")
    sql = (
        f"SELECT id, title, company, operator, weight, at, due_on, node FROM ({inner}) AS members"
        f" WHERE {' AND '.join(conditions)} ORDER BY {order.value}, id LIMIT {first + 1}"
    )
    return sql, parameters.values


def _values(address: Address, branch: Branch, facts: Facts, look: Look) -> tuple[Expression, ...]:
    """Return what is read of a row: id, title, company, operator, two days, instant, due date, sums and node."""
    _, operator = part_columns(KpiDimension.OPERATOR, address.wanted)
    due_on = "due_on" if "due_on" in facts.columns else branch.when
    return (
        *(column(name) for name in ("id", "title", "company_name", operator)),
        look.day_of(branch.first),
        look.day_of(branch.second),
        column(branch.when),
        column(due_on),
        hundredths_of(branch.done),
        hundredths_of(branch.whole),
        column("node_id"),
    )


def _weight(address: Address) -> str:
    """Return the SQL of what a row contributes, as a whole number."""
    kind = address.wanted.definition.kind
    if address.reason is not None or kind is Kind.COUNT:
        return "1"
    if kind in (Kind.RATIO, Kind.LOAD):
        return f"CASE WHEN r.c9 > 0 THEN r.c8 * {_SCALES[kind]} / r.c9 ELSE 0 END"
    return "r.c8" if kind is Kind.SUM else _BY_RULE


def _weights(address: Address, cells: Sequence[Cell], environment: Environment) -> str:
    """Return what rows contribute by the two days that the figure compares, as its rule says."""
    definition, calendar = address.wanted.definition, environment.calendar
    pairs = {
        (cell.first, cell.second): numbers.contribution(definition, cell, calendar)
        for cell in cells
        if cell.reason is None and cell.first is not None and cell.second is not None
    }
    return orjson.dumps([[*days, weight] for days, weight in pairs.items()]).decode()


def _member(
    record: list[Any], address: Address, order: KpiPopulationOrder, environment: Environment, reads: Reads
) -> Member:
    row_id, title, company, operator, weight, at, due_on, node = record
    at, due_on = (_decoded(value, reads) for value in (at, due_on))
    key = {"weight": int(weight), "at": at, "due_on": due_on}[order.sql]
    kind = address.wanted.definition.kind
    shown = Decimal(int(weight))
    if kind in _SCALES and address.reason is None:
        shown /= _SCALES[kind]
        if kind is not Kind.SUM:
            shown = shown.quantize(SHARE_PLACES)
    return Member(
        node_id=node,
        title=title,
        company=company,
        operator=operator,
        weight=shown,
        counts=address.reason is None and (kind is not Kind.SHARE or bool(weight)),
        at=at if isinstance(at, datetime) else environment.calendar.start_of(at),
        cursor=urlsafe_b64encode(orjson.dumps([order.name, key, row_id])).decode().rstrip("="),
    )


def _decoded(value: Any, reads: Reads) -> Any:
    """Return a day or an instant. SQLite stores both as texts, of which only those of instants have a time."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if " " in value else date.fromisoformat(value)
