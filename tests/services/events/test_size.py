"""What the log takes on the disk."""

import sqlite3
from contextlib import closing

import pytest

from models import Opportunity, Ticket
from tests.support.hub import add_operator, complete_all, generate, show_milestones, synchronise, take_in

# All pages of the table and of its indexes.
LOG = """SELECT sum(dbstat.pgsize) FROM dbstat JOIN sqlite_master ON sqlite_master.name = dbstat.name
  WHERE sqlite_master.tbl_name = 'event'"""


def size_of_the_log(hub_url):
    with closing(sqlite3.connect(hub_url.removeprefix("sqlite://"))) as connection:
        return connection.execute(LOG).fetchone()[0]


@pytest.mark.only_on("sqlite")
async def test_the_log_of_a_whole_tree_of_five_tickets_takes_less_than_460_kilobytes(hub, hub_url):
    before = size_of_the_log(hub_url)

    giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
    parent = await take_in(hub, actor=giulia.id)
    await complete_all(hub, parent.id, actor=giulia.id)
    await generate(hub, parent.id, actor=giulia.id)
    await synchronise(hub, ticket_id=parent.id, actor=giulia.id)
    for opportunity in await Opportunity.all():
        await show_milestones(hub, opportunity, actor=giulia.id)
    children = await Ticket.filter(parent_id=parent.id)
    for child in children:
        await complete_all(hub, child.id, actor=giulia.id)

    assert len(children) == 4
    assert size_of_the_log(hub_url) - before < 460_000
