"""A running operation: the plans of its document, and the state of the database that its reads share."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from strawberry.dataloader import DataLoader

from resolvers.reads.batches import Batches
from resolvers.reads.documents import Documents, Prepared
from services.operators import Viewer
from services.reads import Environment, Meter, Reads, reading
from services.reads.compiled import State, state_of


class Sharing(Enum):
    """Which reads of an operation see the same state.

    A query sees one state. A mutation's payload sees the state after its commit, so each root field has its own. If
    only one field of the payloads reads, and reads all below it with one statement, that needs no transaction.
    While the CRM is called or a subscription waits, no read transaction stays open: each read has its own.
    """

    BY_OPERATION = "operation"
    BY_ROOT_FIELD = "root field"
    BY_ONLY_FIELD = "only field"
    BY_READ = "read"


@dataclass(eq=False)
class Operation:
    documents: Documents
    prepared: Prepared
    sharing: Sharing
    reads_end_at: float | None = None
    """When its reads have to end, if they began before it did: a time of the monotonic clock."""
    notes_state: bool = False
    state: State | None = None
    """Which state all of it was read in, if that was to be noted and anything was read."""
    meter: Meter = field(default_factory=Meter)
    batches: Batches = field(default_factory=Batches)
    loaders: dict[Hashable, DataLoader[str, Any]] = field(default_factory=dict)
    """Rows that entries of a list ask for one by one, by the field that asks."""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reads: Reads | None = None
    _root: object = None

    @asynccontextmanager
    async def reads(self, path: Any, *, once: bool = False) -> AsyncIterator[Reads]:
        """Yield the reads for the field at this response path; `once`: one statement, and nothing below it reads."""
        if self.sharing is Sharing.BY_READ or (once and self.sharing is Sharing.BY_ONLY_FIELD):
            async with reading(self.meter, ends_at=self.reads_end_at, once=once) as reads:
                yield reads
        else:
            yield await self._shared(None if self.sharing is Sharing.BY_OPERATION else root_of(path))

    async def close(self) -> None:
        """End the read transaction, if one was begun."""
        self._reads = None
        await self._stack.aclose()

    async def _shared(self, root: object) -> Reads:
        async with self._lock:
            if self._reads is None or root != self._root:
                await self.close()
                self._reads = await self._stack.enter_async_context(
                    reading(self.meter, ends_at=self.reads_end_at)
                )
                self._root = root
                if self.notes_state:
                    self.state = await state_of(self._reads)
            return self._reads


def root_of(path: Any) -> object:
    """Return the name of the root field that a response path begins with."""
    while path.prev is not None:
        path = path.prev
    return path.key


@dataclass(frozen=True, slots=True)
class FinishedRow:
    """A row whose selected fields are JSON already. Nothing of it is executed."""

    json: bytes


class FinishedRead(Protocol):
    """Reads what one selection shows of rows as finished JSON. It is kept with the document, like a plan."""

    async def read(
        self, ids: Sequence[str], environment: Environment, reads: Reads, /
    ) -> Mapping[str, bytes] | None:
        """Return the JSON of the rows with these ids. None: they have to be executed field by field."""


class FinishesRows(Protocol):
    """Knows which selections of rows can be read as finished JSON."""

    def read_of(
        self, selection: Any, type_name: str, context: "ReadContext", paths: tuple[tuple[str, ...], ...], /
    ) -> FinishedRead | None:
        """Return what reads the selection at the end of the paths. None: it has to be executed field by field."""


class ReadContext(Protocol):
    """What reads need from the context of a request."""

    @property
    def finishes_rows(self) -> FinishesRows | None:
        """None: the answer is not written as JSON, or not at once."""

    @property
    def viewer(self) -> Viewer: ...

    @property
    def running(self) -> Operation: ...

    def environment(self) -> Environment: ...
