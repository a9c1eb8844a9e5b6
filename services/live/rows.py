"""The rows that a watcher selected, each type with a reader of its own."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from models.identity import Row
from services.reads import Environment, Reads

RowIds = Mapping[type[Row], Collection[str]]
"""The ids of rows, by their type."""

Rows = Mapping[type[Row], Mapping[str, Any]]
"""Rows as they were selected, by their type and id."""


class RowReader(Protocol):
    """Reads rows of one type as a watcher selected them."""

    async def read(self, ids: Sequence[str], environment: Environment, reads: Reads, /) -> Mapping[str, Any]:
        """Return the rows with these ids, by their id; those that are gone are left out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to read each type of rows that is shown. Those who `selected` the same share their reads.

    It is compared for every watcher of every item.
    """

    readers: tuple[tuple[type[Row], RowReader], ...] = field(compare=False)
    selected: Hashable

    @property
    def types(self) -> tuple[type[Row], ...]:
        return tuple(model for model, _ in self.readers)


async def read_wanted(wanted: Wanted, ids: RowIds, environment: Environment, reads: Reads) -> Rows:
    """Read what is wanted of these rows, in their order, with each reader whose type is among them."""
    rows = {}
    for model, reader in wanted.readers:
        if some := list(ids.get(model, ())):
            found = await reader.read(some, environment, reads)
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
