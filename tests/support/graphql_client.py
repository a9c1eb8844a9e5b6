"""What a caller of the hub has: an address, a token, and nothing else."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Client:
    """Sends JSON over HTTP to `address`, and GraphQL if that is a hub."""

    address: str
    token: str | None = None

    def request(self, method: str, path: str, body: object = None, *, raw: str | None = None) -> Answer:
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = raw if raw is not None else None if body is None else json.dumps(body)
        try:
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, json.loads(response.read() or b"null"))
        finally:
            connection.close()

    def graphql(self, query: str, **variables: Any) -> Answer:
        return self.request("POST", "/graphql", {"query": query, "variables": variables})

    def ask(self, query: str, **variables: Any) -> Any:
        """The one field that the operation asks for, with neither errors nor problems."""
        answer = self.graphql(query, **variables)
        assert answer.status == 200, answer
        assert "errors" not in answer.body, answer.body
        (value,) = answer.body["data"].values()
        if isinstance(value, dict):
            assert not value.get("problems"), value
        return value

    @contextmanager
    def subscribed(self, query: str, **variables: Any) -> Iterator[Iterator[Any]]:
        """What a subscription brings, item by item, as long as the block lasts."""
        address = self.address.replace("http://", "ws://") + "/graphql"
        protocols = [Subprotocol("graphql-transport-ws")]
        with connect(address, subprotocols=protocols, open_timeout=PATIENCE) as socket:
            _say(socket, "connection_init", payload={"Authorization": f"Bearer {self.token}"})
            assert _receive(socket)["type"] == "connection_ack"
            _say(socket, "subscribe", id="1", payload={"query": query, "variables": variables})
            yield _items(socket)


def _items(socket: ClientConnection) -> Iterator[Any]:
    while True:
        received = _receive(socket)
        if received["type"] == "ping":
            _say(socket, "pong")
            continue
        assert received["type"] == "next", received
        assert "errors" not in received["payload"], received
        (value,) = received["payload"]["data"].values()
        yield value


def _say(socket: ClientConnection, kind: str, **rest: Any) -> None:
    socket.send(json.dumps({"type": kind, **rest}))


def _receive(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=PATIENCE))
