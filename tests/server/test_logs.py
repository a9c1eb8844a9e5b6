"""Canaries: secrets that are planted wherever something is logged, and must not come out."""

import io
import logging

import orjson
import pytest
import structlog
from pydantic import SecretStr

from server.logs import configure_logs
from server.settings import CrmVariables, LogFormat, Settings

PASSWORD = 'canary "pass\\wörd" & more'
TOKEN = "ihub_" + "c4nary" * 7 + "x"


@pytest.fixture(params=list(LogFormat), ids=str)
def written(request):
    """Everything that is logged, in both formats."""
    crm = CrmVariables(password=SecretStr(PASSWORD), api_key=SecretStr("canary-key"))
    settings = Settings(crm=crm, database_url="postgres://hub:canary-db@db/hub", log_format=request.param)
    stream = io.StringIO()
    configure_logs(settings, stream)
    return stream


def fail_with(secret: str) -> None:
    raise RuntimeError(f"could not use {secret}")


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(PASSWORD, id="the CRM's password"),
        pytest.param("canary%20%22pass%5Cw%C3%B6rd%22%20%26%20more", id="the password as in an address"),
        pytest.param("canary &quot;pass\\w&ouml;rd&quot; &amp; more", id="the password as in HTML"),
        pytest.param("canary-key", id="the CRM's key"),
        pytest.param("canary-db", id="the database's password"),
        pytest.param("postgres://other:canary-of-another@db/x", id="any password in an address"),
        pytest.param(TOKEN, id="a token"),
        pytest.param(TOKEN.replace("ihub_", "ihs_"), id="a session"),
        pytest.param("Authorization: Bearer canary.jwt-of.the_crm", id="a bearer header"),
        pytest.param("GET /sign-in?code=canary-code-of-a-link", id="a sign-in code"),
        pytest.param("https://api.crm.example/x?a=1&apikey=canary-in-query", id="a key in a query"),
    ],
)
def test_no_secret_leaves_through_the_log(written, secret):
    logger = structlog.get_logger("test")

    logger.info("said", value=secret, nested={"deep": [secret]})
    logger.warning(f"in the event: {secret}")
    logging.getLogger("aiohttp.client").warning("from a library: %s", secret)
    try:
        fail_with(secret)
    except RuntimeError:
        logger.exception("failed")
        logging.getLogger("asyncio").exception("failed elsewhere")

    text = written.getvalue()
    assert text.count("said") == 1
    assert "could not use" in text
    assert "c4nary" not in text
    assert "canary" not in text


def test_a_line_says_which_request_it_belongs_to(written):
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        logging.getLogger("library").warning("received")

    assert "req_1" in written.getvalue()


def test_machines_get_one_json_object_a_line(written):
    structlog.get_logger("test").info("perché", count=2)

    line = written.getvalue()
    if line.startswith("{"):
        assert orjson.loads(line)["count"] == 2
        assert "perché" in line
    else:
        assert "count=2" in line


def test_a_database_that_is_away_takes_one_line_with_its_reason(written):
    try:
        raise ConnectionRefusedError(111, "Connection refused")
    except ConnectionRefusedError as error:
        structlog.get_logger("test").exception("queue_interrupted")
        logging.getLogger("asyncpg.pool").warning("no connection", exc_info=error)

    lines = written.getvalue().splitlines()
    assert len(lines) == 2
    assert all("Connection refused" in line for line in lines)
