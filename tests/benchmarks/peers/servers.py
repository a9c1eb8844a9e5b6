"""The servers that are compared: how each is started, and how it is asked."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.benchmarks.peers.installing import NODE, PROJECT, PYTHON, node
from tests.benchmarks.peers.load import Request
from tests.benchmarks.peers.questions import BY_POSTGRAPHILE, DOCUMENTS, Variables
from tests.support.leash import end_with_parent
from tests.support.running_hub import TENANT

HUB, MERCURIUS, LIMIT, STRAWBERRY = "the hub", "mercurius-jit", "the limit", "Strawberry + DataLoader"
POSTGRAPHILE, YOGA = "PostGraphile 5", "GraphQL Yoga"


@dataclass(frozen=True)
class Kind:
    """How a server is started, and the documents that it is asked; none if it has an address for each question."""

    command: Sequence[str]
    documents: Mapping[str, str] | None = None


def kinds() -> dict[str, Kind]:
    """Return every server, in the order in which they take turns."""

    def python(module: str) -> Sequence[str]:
        return (sys.executable, "-m", f"tests.benchmarks.peers.{module}")

    return {
        HUB: Kind((sys.executable, "-m", "server", "serve"), DOCUMENTS),
        LIMIT: Kind(python("limit")),
        MERCURIUS: Kind((node(), "mercurius.mjs"), DOCUMENTS),
        POSTGRAPHILE: Kind((node(), "postgraphile.mjs"), BY_POSTGRAPHILE),
        YOGA: Kind((node(), "yoga.mjs"), DOCUMENTS),
        STRAWBERRY: Kind(python("strawberry_server"), DOCUMENTS),
    }


@dataclass(frozen=True)
class Place:
    """What servers run over: the database, the CRM of the hub, and the core that they have for themselves."""

    database_url: str
    crm: str
    core: int
    log: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "CRM_"))}
        return kept | {
            **TENANT,
            "CRM_BASE_URL": self.crm,
            "HUB_PORT": "0",
            "DATABASE_URL": self.database_url,
            "NODE_ENV": "production",
            "PYTHONPATH": f"{PROJECT}:{PYTHON}",
        }


@dataclass(frozen=True)
class Server:
    name: str
    kind: Kind
    pid: int
    port: int

    def requests(self, question: str, variables: Variables, tokens: Sequence[str]) -> list[Request]:
        """Return what gives one request after the other, for each of some clients. Only the hub looks at tokens."""
        return [self._request(question, variables, token) for token in tokens]

    def _request(self, question: str, variables: Variables, token: str) -> Request:
        path = "graphql" if self.kind.documents else question
        asked = {"query": self.kind.documents[question]} if self.kind.documents else {}
        head = (
            f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {token}\r\nContent-Length: "
        ).encode()

        def request() -> bytes:
            body = orjson.dumps({**asked, "variables": variables()})
            return b"%b%d\r\n\r\n%b" % (head, len(body), body)

        return request


@contextmanager
def running(name: str, place: Place) -> Iterator[Server]:
    """A server, from the moment at which it listens."""
    kind = kinds()[name]
    folder = NODE if kind.command[-1].endswith(".mjs") else PROJECT
    with (
        place.log.open("a") as log,
        subprocess.Popen(
            ["taskset", "--cpu-list", str(place.core), *kind.command],
            cwd=folder,
            env=place.environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=end_with_parent,
        ) as process,
    ):
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, place.log.read_text()[-3000:]
        try:
            yield Server(name, kind, process.pid, int(said.rpartition(":")[2].strip("/\n ")))
        finally:
            process.terminate()
