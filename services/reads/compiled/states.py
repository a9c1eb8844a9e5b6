"""Which state of the database is read."""

from dataclasses import dataclass

from services.reads.compiled.answers import NotProvided, provided_text
from services.reads.compiled.shapes import Exists
from services.reads.conditions import Parameters
from services.reads.reader import Reads


@dataclass(frozen=True, slots=True)
class State:
    """A state of the database. Where two are equal, nothing at all was written in between."""

    origin: object
    mark: object


async def state_of(reads: Reads, provided: Exists | None = None) -> State:
    """Return the state that the reads see. Raise `NotProvided` if the condition does not hold in it."""
    parameters = Parameters(reads.dialect)
    found = await reads.run(
        f"SELECT {reads.dialect.state}{provided_text(provided, parameters)}", parameters.values
    )
    if not found:
        raise NotProvided
    return State(reads.connection.origin, found[0][0])
