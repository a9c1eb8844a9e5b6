"""All rows behind a number, for a file."""

from collections.abc import AsyncIterator, Sequence

from services.kpis.cells import read_cells
from services.kpis.kept_cells import KeptCells
from services.kpis.populations import (
    KpiPopulationOrder,
    Member,
    Place,
    number_at,
    place_from,
    question_of,
    read_members,
)
from services.planning.kpis.addresses import Address
from services.reads import Environment, Reads, ResultTooLarge

MOST_ROWS = 100_000
STRETCH = 5_000


async def read_all_members(
    address: Address, order: KpiPopulationOrder, environment: Environment, reads: Reads
) -> AsyncIterator[Sequence[Member]]:
    """Yield all rows behind a number in stretches, of which memory holds one. ResultTooLarge: there are too many."""
    [cells] = await read_cells([question_of(address)], environment, reads, KeptCells())
    count = number_at(address, cells, environment).count
    if count > MOST_ROWS:
        raise ResultTooLarge(MOST_ROWS)
    after: Place | None = None
    has_next = count > 0
    while has_next:
        members = await read_members(address, STRETCH, after, order, cells.cells, environment, reads)
        has_next = len(members) > STRETCH
        yield members[:STRETCH]
        after = place_from(members[:STRETCH][-1].cursor, order, address, environment)
