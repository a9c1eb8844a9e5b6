"""Rows over a socket are finished JSON where they can be, and the same as over HTTP."""

from dataclasses import replace

import pytest

from models import Stream
from schema import schema
from services.events import Broadcast
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import save
from tests.support.live_trees import watching_over
from tests.support.socket_frames import next_message, subscribe

TICKET = "id code progress owner { name }"
QUERY = f"""query ($id: ID!) {{ ticket(id: $id) {{ {TICKET} }} node(id: $id) {{ ... on Ticket {{ title }} }}
  viewer {{ role }} }}"""
WATCH = f"subscription ($id: ID!) {{ ticketEvents(ticketId: $id) {{ rows {{ tickets {{ {TICKET} }} }} }} }}"


@pytest.fixture
async def hub(serve):
    """The schema of the hub, served."""

    def make_context(viewer, request_id):
        context = context_for(watching=watching_over(Broadcast()))
        return replace(context, viewer=viewer, request_id=request_id)

    return await serve(schema=schema, make_context=make_context)


@pytest.fixture
async def parent(hub):
    tree = await factories.save_tree(children=0)
    await save(Stream(id=tree.parent.id))
    return tree.parent


async def told(hub, query, row_id):
    async with hub.socket(init=hub.bearer) as ws:
        await ws.send_json(subscribe({"query": query, "variables": {"id": row_id}}))
        return (await next_message(ws))["payload"]["data"]


async def selections(hub):
    """How many selections of rows were read, by the executor."""
    async with hub.http.get("/metrics", headers=hub.bearer) as response:
        lines = (await response.text()).splitlines()
    return [line.split("{")[1] for line in lines if line.startswith("hub_graphql_row_selections_total{")]


async def test_what_is_watched_is_compiled_and_the_same_as_what_is_asked(hub, parent):
    watched = await told(hub, WATCH, parent.id)

    async with hub.post(json={"query": QUERY, "variables": {"id": parent.id}}) as response:
        asked = (await response.json())["data"]
    assert watched["ticketEvents"]["rows"]["tickets"] == [asked["ticket"]]
    assert await selections(hub) == ['executor="compiled",reason=""} 1.0']


async def test_a_query_over_a_socket_answers_as_over_http(hub, parent):
    over_socket = await told(hub, QUERY, parent.id)

    async with hub.post(json={"query": QUERY, "variables": {"id": parent.id}}) as response:
        assert over_socket == (await response.json())["data"]
    assert over_socket["node"] == {"title": parent.title}
