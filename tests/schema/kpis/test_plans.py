"""However long the history is, a figure reads what its period holds, or what is open."""

import re
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from models.kpis import KpiMark
from models.transaction import snapshot
from services.planning.kpis.definitions import DEFINITIONS
from services.planning.kpis.words import KpiKey, KpiNature
from services.reads import Reads
from tests.support.query_plans import tables_read_whole

ASKED = (
    "query($figure: KpiRequest!) { kpis(lastDays: 30, figures: [$figure]) { figures { measure { value } } } }"
)
LARGE = {
    "ticket", "milestone", "task", "ticket_line", "opportunity", "crm_activity", "intake_item", "action", "action_item",
    "event",
}  # fmt: skip
GROW = {
    KpiKey.RECOGNISED: "a sale is seen when its item came, and without one when it became a ticket",
}
"""What looks through all rows of a kind nevertheless, and why. docs/figures.md names them."""

EITHER_WAY = {KpiKey.CRM_ATTENTION: {"action_item"}}
"""A table that an empty database may begin with as well as with the one that is joined to it."""


@pytest.fixture
def sent(monkeypatch):
    """The statements of cells that reads have sent, with their values."""
    found = []
    run = Reads.run

    async def keep(reads, words, values):
        if "AS rows_of" in words:
            found.append((words, values))
        return await run(reads, words, values)

    monkeypatch.setattr(Reads, "run", keep)
    return found


async def planned(words, values):
    """The database's plan, and the tables that it reads whole. PostgreSQL is kept from reading its empty tables so."""
    async with snapshot() as connection:
        if connection.capabilities.dialect == "sqlite":
            _, steps = await connection.execute_query(f"EXPLAIN QUERY PLAN {words}", values)
            return [tuple(step)[-1] for step in steps], await tables_read_whole(words, values)
        for node in ("seqscan", "bitmapscan", "mergejoin", "hashjoin"):
            await connection.execute_query(f"SET LOCAL enable_{node} = off")
        _, lines = await connection.execute_query(f"EXPLAIN {words}", values)
        plan = [line[0] for line in lines]
        _, found = await connection.execute_query(
            "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'", []
        )
        of_few = {name for (name,) in found}
        # It walks along a whole index instead, without a condition that says where to begin.
        scans = [
            (found[1], found[2], further)
            for step, further in pairwise(plan)
            if (found := re.search(r"Scan (?:using (\w+) )?on (\w+)", step))
        ]
        return plan, {
            table for index, table, further in scans if index not in of_few and "Index Cond" not in further
        }


@pytest.mark.parametrize(
    ("key", "subject"),
    [(key, subject) for key in KpiKey if key not in GROW for subject in DEFINITIONS[key].subjects],
)
async def test_a_figure_is_searched_in_an_index(ask, db, sent, key, subject):
    await ask(ASKED, figure={"key": key, "subject": subject})

    [(words, values)] = sent
    plan, whole = await planned(words, values)
    assert not whole & LARGE - EITHER_WAY.get(key, set()), plan


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        (key, subject)
        for key, definition in DEFINITIONS.items()
        if key not in GROW and definition.nature is KpiNature.FLOW
        for subject in definition.subjects
    ],
)
@pytest.mark.only_on("sqlite")
async def test_a_figure_of_a_period_begins_with_its_days(ask, db, sent, key, subject):
    await ask(ASKED, figure={"key": key, "subject": subject})

    [(words, values)] = sent
    plan, _ = await planned(words, values)
    # PostgreSQL knows how few rows a period holds, once there are any. An empty table says nothing of its choice.
    assert any(re.match(r"SEARCH .*_(at|on)>\?", step) for step in plan), plan


@pytest.mark.parametrize(
    ("shown", "reads"),
    [
        ("measure { value }", False),
        ("measure { value } groups(by: OPERATOR) { measure { value } }", False),
        ("previous { value }", True),
        ("trend", True),
        ("...{ groups(by: OPERATOR) { previous { value } } }", True),
        ("measure { value } previous @skip(if: true) { value }", False),
    ],
)
async def test_the_period_before_is_read_if_it_is_shown(ask, db, sent, shown, reads):
    await KpiMark.create(
        id=1,
        begins_on=date(2020, 1, 1),
        end_on=date(2030, 1, 1),
        basis="a test",
        leased_until=datetime(2020, 1, 1, tzinfo=UTC),
    )

    await ask(f"{{ kpis(lastDays: 30, figures: [{{ key: OPEN }}]) {{ figures {{ {shown} }} }} }}")

    assert any("kpi_day" in words for words, _ in sent) is reads


async def test_control_a_search_without_an_index_reads_the_whole_table(db):
    _, whole = await planned('SELECT COUNT(*) FROM "task" WHERE "title" = \'Firma\'', [])

    assert whole == {"task"}
