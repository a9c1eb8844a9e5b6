"""Loads of rows that fields beside each other ask for: one read for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Found = Mapping[str, Any]
Load = Callable[[Sequence[str]], Awaitable[Found]]


@dataclass(slots=True)
class _Batch:
    values: list[str] = field(default_factory=list)
    found: asyncio.Future[Found] = field(default_factory=asyncio.Future)


class Batches:
    """Collects what the fields of one operation ask for in the same turn of the event loop."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Batch] = {}

    async def load(self, key: Hashable, values: Sequence[str], load: Load) -> Found:
        """Return what `load` finds for these values, and perhaps for others. Equal keys stand for equal loads."""
        batch = self._open.get(key)
        if batch is None:
            batch = self._open[key] = _Batch(list(values))
            await self._carry_out(key, batch, load)
        else:
            batch.values.extend(values)
        # The callers continue in the same turn of the loop, so that their next requests are one load, too.
        await asyncio.wait([batch.found])
        return await load(values) if batch.found.cancelled() else batch.found.result()

    async def _carry_out(self, key: Hashable, batch: _Batch, load: Load) -> None:
        """Load what is asked for in this turn. If that fails or is cancelled, the others load for themselves."""
        try:
            await self._next_turn(key)
            batch.found.set_result(await load(list(dict.fromkeys(batch.values))))
        finally:
            batch.found.cancel()

    async def _next_turn(self, key: Hashable) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            del self._open[key]
