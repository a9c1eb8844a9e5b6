"""Answers that are kept until anything is written.

Some queries are executed field by field, but what they answer depends on their variables, the database, the caller's
role and the day alone. Such an answer is sent again while the database says that nothing was written since.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from services.reads.compiled import State
from services.vocabulary import Role

MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is kept: all that it depends on, apart from the database."""

    text: str
    operation_name: str | None
    variables: bytes
    role: Role
    today: date

    @property
    def bytes(self) -> int:
        return len(self.text) + len(self.variables)


class KeptAnswers:
    """The most recently used answers, as many as fit into so many bytes: the latest of each place and origin."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[Place, object], tuple[State, bytes]] = OrderedDict()
        self._executions: dict[Place, asyncio.Future[bool]] = {}
        self.bytes = 0

    async def kept_by_others(self, place: Place) -> bool:
        """Wait for another execution of what is asked here, if there is one. Return whether its answer was kept."""
        execution = self._executions.get(place)
        return execution is not None and await asyncio.shield(execution)

    @contextmanager
    def executing(self, place: Place) -> Iterator[None]:
        """Execute inside the block. Others wait for it until its answer is kept, or until it ended without."""
        execution = self._executions[place] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            if not execution.done():
                execution.set_result(False)
            if self._executions.get(place) is execution:
                del self._executions[place]

    def find(self, place: Place, state: State) -> bytes | None:
        """Return the JSON of `data` that was read in this state."""
        key = place, state.origin
        kept = self._kept.get(key)
        if kept is None or kept[0] != state:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def keep(self, place: Place, state: State, data: bytes) -> None:
        key = place, state.origin
        self._forget(key)
        self._kept[key] = state, data
        self.bytes += place.bytes + len(data)
        while self.bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))
        if (execution := self._executions.pop(place, None)) is not None:
            execution.set_result(True)

    def _forget(self, key: tuple[Place, object]) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self.bytes -= key[0].bytes + len(kept[1])
