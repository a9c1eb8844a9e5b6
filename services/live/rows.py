"""The rows that a watcher selected, each type with a plan of its own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.identity import Row
from services.reads import Environment, Reads, RowPlan, Variables, read_rows

RowIds = Mapping[type[Row], Collection[str]]
"""The ids of rows, by their type."""

Rows = Mapping[type[Row], Mapping[str, Any]]
"""Rows as they were selected, by their type and id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show of each type of rows; types without a plan are not shown.

    Equal ones share their reads: the same plans, with the same `values` of the variables that the plans use.
    """

    plans: tuple[tuple[type[Row], RowPlan], ...]
    values: str = ""
    variables: Variables = field(default_factory=dict, compare=False)

    @property
    def types(self) -> tuple[type[Row], ...]:
        return tuple(model for model, _ in self.plans)


async def read_wanted(wanted: Wanted, ids: RowIds, environment: Environment, reads: Reads) -> Rows:
    """Read what is wanted of these rows, in their order, with the statements of one plan for each type among them."""
    rows = {}
    for model, plan in wanted.plans:
        if some := list(ids.get(model, ())):
            found = await read_rows(plan, "id", some, environment, reads, wanted.variables)
            rows[model] = {row_id: found[row_id] for row_id in some if row_id in found}
    return rows


def parts_of(ids: RowIds, most: int) -> Iterator[RowIds]:
    """Split ids into parts of at most so many rows.

    >>> list(parts_of({str: ["a", "b"], int: ["c"]}, 2)), list(parts_of({}, 2))
    ([{<class 'str'>: ['a', 'b']}, {<class 'int'>: ['c']}], [])
    """
    pairs = [(model, row_id) for model, some in ids.items() for row_id in some]
    for start in range(0, len(pairs), most):
        part: dict[type[Row], list[str]] = {}
        for model, row_id in pairs[start : start + most]:
            part.setdefault(model, []).append(row_id)
        yield part


def with_the_last(several: Sequence[RowIds]) -> list[RowIds]:
    """Leave each id only in the last of several groups that has it.

    >>> with_the_last([{str: ["a", "b"]}, {str: ["b"]}])
    [{<class 'str'>: ['a']}, {<class 'str'>: ['b']}]
    """
    later: set[str] = set()
    groups: list[RowIds] = []
    for ids in reversed(several):
        groups.append({model: [one for one in some if one not in later] for model, some in ids.items()})
        later.update(row_id for some in ids.values() for row_id in some)
    return groups[::-1]
