"""Sockets that break at any moment in a storm of writes: every watcher ends with the rows of the tree.

`LIVE_DROPS=1000 LIVE_RACES=10000 LIVE_CROWD=1000 LIVE_WRITES=1000` makes it the long form.
"""

import asyncio
import json
import os
from bisect import bisect
from collections import defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from uuid import uuid4

import aiohttp
import pytest

from models import Operator, Task, Ticket
from services.operators import create_token
from services.vocabulary import Role
from tests.support.databases import rows_of
from tests.support.hub import add_operator, complete_all, generate, hub_over, synchronise, take_in
from tests.support.live_trees import TREE, WATCH, Store, rows_of_tree

DROPS = int(os.environ.get("LIVE_DROPS", "60"))
RACES = int(os.environ.get("LIVE_RACES", "60"))
CROWD = int(os.environ.get("LIVE_CROWD", "100"))
CROWDED_WRITES = int(os.environ.get("LIVE_WRITES", "40"))
ON_A_SOCKET = 25
WATCHERS = 6
WRITERS = 2
LONGEST = 0.25
"""Seconds that a socket lives at most."""

WRITES = (
    "mutation($id: ID!) { completeTask(taskId: $id) { treeSeq } }",
    "mutation($id: ID!) { completeTask(taskId: $id) { treeSeq } }",
    'mutation($id: ID!) { reopenTask(taskId: $id, reason: "Da rivedere") { treeSeq } }',
    "mutation($id: ID!, $day: Date!) { rescheduleTask(taskId: $id, dueOn: $day) { treeSeq } }",
    "mutation($id: ID!, $who: ID!) { assignTask(taskId: $id, operatorId: $who) { treeSeq } }",
)


@dataclass
class Storm:
    """One tree, the addresses of the hub's processes, and how many sockets were dropped so far."""

    addresses: list[str]
    secret: str
    parent: Ticket
    tasks: list[Task]
    staff: list[Operator]
    random: Random
    drops: int = 0
    session: aiohttp.ClientSession = field(init=False)

    async def ask(self, query: str, **variables: object) -> dict:
        address = f"{self.random.choice(self.addresses)}/graphql"
        async with self.session.post(address, json={"query": query, "variables": variables}) as response:
            answer = await response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def write(self) -> None:
        """Change anything, as long as sockets are dropped."""
        while self.drops < DROPS:
            await self.write_once()

    async def write_once(self) -> None:
        task = self.random.choice(self.tasks)
        query = self.random.choice(WRITES)
        variables: dict[str, object] = {"id": task.id}
        if "$day" in query:
            variables["day"] = (task.due_on + timedelta(days=self.random.randint(0, 20))).isoformat()
        if "$who" in query:
            variables["who"] = self.random.choice(self.staff).id
        await self.ask(query, **variables)

    async def read_trees(self, count: int) -> list[tuple[int, dict[str, int]]]:
        """Read the tree so often: each time its `treeSeq`, and the version of each task."""
        read = []
        for _ in range(count):
            ticket = (await self.ask(TREE, id=self.parent.id))["ticket"]
            rows = rows_of_tree(ticket)
            read.append((ticket["treeSeq"], {task.id: rows[task.id]["version"] for task in self.tasks}))
        return read

    async def watch(self, store: Store, *, until: int | None = None) -> None:
        """Watch over one socket: for ever, or until the store has come to a place."""
        address = self.random.choice(self.addresses).replace("http", "ws", 1) + "/graphql"
        async with self.session.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
            variables = {"id": self.parent.id, "after": store.cursor}
            await socket.send_json({"type": "connection_init"})
            await socket.send_json(
                {"type": "subscribe", "id": "1", "payload": {"query": WATCH, "variables": variables}}
            )
            while until is None or store.seq < until:
                message = await socket.receive_json()
                if message["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                if message["type"] == "next":
                    _take(store, message["payload"])

    async def watch_together(self, stores: list[Store]) -> None:
        """Watch for ever over one socket, with an operation for each store.

        On a busy machine a read may take too long. Then the operation begins again where its store stands.
        """
        address = self.random.choice(self.addresses).replace("http", "ws", 1) + "/graphql"
        async with self.session.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
            watching: dict[str, Store] = {}

            async def subscribe(store: Store) -> None:
                operation_id = str(uuid4())
                watching[operation_id] = store
                variables = {"id": self.parent.id, "after": store.cursor}
                payload = {"query": WATCH, "variables": variables}
                await socket.send_json({"type": "subscribe", "id": operation_id, "payload": payload})

            await socket.send_json({"type": "connection_init"})
            for store in stores:
                await subscribe(store)
            async for sent in socket:
                match sent.json():
                    case {"id": operation_id} if operation_id not in watching:
                        pass
                    case {"type": "next", "id": operation_id, "payload": payload} if not _too_slow(payload):
                        _take(watching[operation_id], payload)
                    case {"type": "next" | "error" | "complete", "id": operation_id} as message:
                        assert message["type"] == "next" or _too_slow({"errors": message["payload"]}), message
                        await socket.send_json({"type": "complete", "id": operation_id})
                        await subscribe(watching.pop(operation_id))

    async def selections_read(self, executor: str) -> float:
        """Return how many selections of rows the processes have read in this way."""
        read = 0.0
        for address in self.addresses:
            async with self.session.get(f"{address}/metrics") as response:
                lines = (await response.text()).splitlines()
            of_rows = [line for line in lines if line.startswith("hub_graphql_row_selections_total")]
            read += sum(float(line.split()[-1]) for line in of_rows if f'executor="{executor}"' in line)
        return read

    async def live(self, store: Store) -> None:
        """Watch over sockets that break, until enough of them have."""
        if self.random.random() < 0.5:
            store.fill((await self.ask(TREE, id=self.parent.id))["ticket"])
        while self.drops < DROPS:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.random.random() * LONGEST):
                    await self.watch(store)
            self.drops += 1


def _too_slow(payload: dict) -> bool:
    errors = payload.get("errors", [])
    return bool(errors) and all(one["extensions"]["code"] == "READ_TIMEOUT" for one in errors)


def _take(store: Store, payload: dict) -> None:
    assert "errors" not in payload, payload
    item = payload["data"]["ticketEvents"]
    assert item["state"] in ("SNAPSHOT", "CHANGE", "ALIVE"), item
    if item["state"] == "CHANGE":
        assert item["previousSeq"] == store.seq
        reported = [event["seq"] for event in item["events"]]
        assert reported == list(range(store.seq + 1, item["seq"] + 1))
    store.take(item)


@pytest.fixture
async def storm(house):
    async with hub_over(house.database_url, house.sandbox) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        staff = [giulia, await add_operator(hub.events, "Ugo")]
        parent = await take_in(hub, actor=giulia.id)
        await complete_all(hub, parent.id, actor=giulia.id)
        await generate(hub, parent.id, actor=giulia.id)
        await synchronise(hub, ticket_id=parent.id, actor=giulia.id)
        token = await create_token(giulia.id, Role.OPERATOR, "tests", None, actor="test", events=hub.events)
        tasks = await Task.filter(tree_id=parent.id)
    processes = 2 if house.database_url.startswith("postgres") else 1
    with ExitStack() as stack:
        servers = [
            stack.enter_context(house.server(HUB_REQUESTS_PER_MINUTE="1000000")) for _ in range(processes)
        ]
        addresses = [server.address for server in servers]
        storm = Storm(addresses, token.secret, parent, tasks, staff, Random(7))
        async with aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token.secret}"}
        ) as storm.session:
            yield storm


# The long form takes longer than a test usually may.
@pytest.mark.timeout(600 + DROPS)
async def test_however_often_sockets_break_each_store_ends_as_the_tree(storm):
    stores = [Store() for _ in range(WATCHERS)]

    await asyncio.gather(*(storm.live(store) for store in stores), *(storm.write() for _ in range(WRITERS)))
    fresh = (await storm.ask(TREE, id=storm.parent.id))["ticket"]
    async with asyncio.timeout(30):
        await asyncio.gather(*(storm.watch(store, until=fresh["treeSeq"]) for store in stores))

    assert storm.drops >= DROPS
    # Payloads show no rows here. A ticket, a line and an opportunity each have a field that a function computes.
    assert await storm.selections_read("compiled") > 0
    for store in stores:
        assert store.seq == fresh["treeSeq"]
        assert store.rows == rows_of_tree(fresh)


@pytest.mark.timeout(600 + CROWDED_WRITES)
async def test_a_crowd_that_watches_one_tree_loses_nothing(storm):
    stores = [Store() for _ in range(CROWD)]
    sockets = [stores[first : first + ON_A_SOCKET] for first in range(0, CROWD, ON_A_SOCKET)]

    watching = [asyncio.create_task(storm.watch_together(some)) for some in sockets]
    for _ in range(CROWDED_WRITES):
        await storm.write_once()
    fresh = (await storm.ask(TREE, id=storm.parent.id))["ticket"]
    while not all(store.seq >= fresh["treeSeq"] for store in stores):
        assert not any(one.done() for one in watching), watching
        await asyncio.sleep(0.05)
    for one in watching:
        one.cancel()

    assert {store.seq for store in stores} == {fresh["treeSeq"]}
    assert all(store.rows == rows_of_tree(fresh) for store in stores)


@pytest.mark.timeout(600 + RACES)
async def test_no_tree_that_a_process_reads_in_a_storm_is_older_or_newer_than_its_seq(storm, house):
    async def read() -> list[tuple[int, dict[str, int]]]:
        try:
            return await storm.read_trees(RACES)
        finally:
            storm.drops = DROPS

    trees, *_ = await asyncio.gather(read(), *(storm.write() for _ in range(WRITERS)))
    told = await _versions_told(house.database_url, storm.parent.id)

    assert len({seq for seq, _ in trees}) > RACES / 10
    for seq, tasks in trees:
        assert tasks == {task: _version_at(told[task], seq) for task in tasks}


async def _versions_told(url: str, tree_id: str) -> dict[str, list[tuple[int, int]]]:
    """The versions of each task by the log, each with the `seq` at which it began."""
    told: dict[str, list[tuple[int, int]]] = defaultdict(list)
    of_tasks = f"stream_id = '{tree_id}' AND entity = 'Task' ORDER BY seq"
    for task, seq, after in await rows_of(
        url, f"SELECT entity_id, seq, stored_after FROM event WHERE {of_tasks}"
    ):
        # The first version is implied.
        told[str(task)].append((int(str(seq)), json.loads(str(after)).get("version", 1)))
    return told


def _version_at(told: list[tuple[int, int]], seq: int) -> int:
    return told[bisect(told, (seq + 1,)) - 1][1]
