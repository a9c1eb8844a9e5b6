"""By what SQLite chooses an index: how many rows there are of what."""

from datetime import timedelta
from itertools import count

import pytest

import models
from models.statistics import renew_statistics
from models.transaction import snapshot
from tests.support.factories import TODAY, save_tickets

PARENTS_OF_A_DAY = "SELECT * FROM ticket WHERE kind = 'PARENT' AND due_on = '2026-11-23'"

_numbers = count()


async def searched_index():
    """The index in which SQLite looks for a reader that stays open."""
    async with snapshot() as connection:
        await connection.execute_query(PARENTS_OF_A_DAY)
        # The same words would be explained as they were before.
        explain = f"EXPLAIN QUERY PLAN {PARENTS_OF_A_DAY} -- {next(_numbers)}"
        _, [step] = await connection.execute_query(explain)
    return step["detail"].partition(" USING INDEX ")[2]


@pytest.mark.only_on("sqlite")
async def test_a_reader_that_stays_open_looks_where_rows_are_few_whenever_that_changes(db):
    tickets = await save_tickets(*({"due_on": TODAY + timedelta(days=n)} for n in range(200)))
    await searched_index()

    await renew_statistics()
    of_many_days = await searched_index()
    await models.Ticket.all().update(due_on=TODAY)
    for n, one in enumerate(tickets):
        await models.Ticket.filter(id=one.id).update(kind=f"KIND {n}")
    await renew_statistics()
    of_many_kinds = await searched_index()

    assert of_many_days.startswith("idx_ticket_due_on")
    assert of_many_kinds.startswith("idx_ticket_kind")
