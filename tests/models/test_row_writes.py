"""Rows that are written together."""

import pytest

from models import Company, Operator
from models.row_writes import Writes
from models.transaction import transaction
from tests.support import factories
from tests.support.factories import NOW, save
from tests.support.sent_statements import sent_statements

MANY = 1_200


@pytest.fixture
def sent():
    with sent_statements() as sent:
        yield sent


def companies(count):
    return [Company(crm_id=number, name=f"Officine {number}", refreshed_at=NOW) for number in range(count)]


async def write(*rows, renamed):
    async with transaction():
        writes = Writes()
        renamed.name = "Bea Nuova"
        writes.update([(renamed, ["name"])])
        writes.insert(rows)
        await writes.send()


def of_tables(sent):
    return [one for one in sent if one.startswith(("WITH", "INSERT", "UPDATE"))]


async def test_tables_that_are_written_together_are_one_statement_on_postgresql(sent, db, on):
    bea = factories.operator()
    await save(bea)
    sent.clear()

    await write(*companies(2), renamed=bea)

    assert (await Operator.get(id=bea.id)).name == "Bea Nuova"
    assert await Company.all().order_by("crm_id").values_list("name", flat=True) == [
        "Officine 0",
        "Officine 1",
    ]
    assert len(of_tables(sent)) == on(2, 1)


async def test_more_values_than_a_statement_takes_become_several(sent, db, on):
    bea = factories.operator()
    await save(bea)
    sent.clear()

    await write(*companies(MANY), renamed=bea)

    assert await Company.all().count() == MANY
    assert len(of_tables(sent)) == on(4, 2)


async def test_what_is_written_together_is_undone_together(db):
    bea = factories.operator()
    await save(bea)
    [first, second] = companies(2)
    second.crm_id = first.crm_id

    with pytest.raises(Exception, match=r"(?i)unique"):
        await write(first, second, renamed=bea)

    assert (await Operator.get(id=bea.id)).name != "Bea Nuova"
    assert await Company.all().count() == 0
