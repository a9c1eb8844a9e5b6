"""TLS to PostgreSQL, as libpq's words ask for it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise.connection import get_connection

from models.database import WRITES, close_database, open_database
from models.fitness import UnfitDatabase
from tests.support.databases import tamper
from tests.support.postgres_server import PostgresServer, as_nobody, running_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def certificate() -> Iterator[tuple[PostgresServer, Path]]:
    """A server that speaks TLS, and its certificate, which it has signed itself."""
    with running_postgres() as server:
        made, key = server.folder / "data" / "server.crt", server.folder / "data" / "server.key"
        words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hub"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(made), "-keyout", str(key)]
        subprocess.run(["openssl", *words, *names], check=True, capture_output=True)
        for path in (made, key):
            path.chmod(0o600)
            if owner := as_nobody():
                os.chown(path, owner["user"], owner["group"])
        tamper(server.url("postgres"), "ALTER SYSTEM SET ssl = on")
        tamper(server.url("postgres"), "SELECT pg_reload_conf()")
        yield server, made


async def encrypted(url: str) -> bool:
    await open_database(url)
    try:
        (row,) = await get_connection(WRITES).execute_query_dict(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        return bool(row["ssl"])
    finally:
        await close_database()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("sslmode=require", True, id="require"),
        pytest.param("sslmode=prefer", True, id="prefer"),
        pytest.param("sslmode=disable", False, id="disable"),
        pytest.param("ssl=false", False, id="ssl=false"),
        pytest.param("sslmode=verify-full&sslrootcert={certificate}", True, id="verify-full"),
    ],
)
async def test_connections_are_as_secret_as_the_address_asks(certificate, words, expected):
    server, made = certificate

    assert await encrypted(f"{server.url('postgres')}?{words.format(certificate=made)}") is expected


@pytest.mark.parametrize("words", ["ssl=true", "sslmode=verify-full&sslrootcert=system"])
async def test_an_untrusted_certificate_is_refused(certificate, words):
    server, _ = certificate

    with pytest.raises(UnfitDatabase, match="the server's certificate is not trusted"):
        await open_database(f"{server.url('postgres')}?{words}")
