"""Logs for people at a console, or as JSON for machines, without secrets.

All logs pass through here, also those of libraries. The finished line is searched for secrets last, so that none can
slip by in an exception, a nested value or another program's wording.
"""

import logging
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from models.address import PostgresAddress, parse_address
from models.availability import is_unavailable
from server.settings import LogFormat, Settings
from services.crm.scrubber import STARS, Scrubber as KnownSecrets

_SHAPES = re.compile(
    r"\b(?P<token>ihub|ihs)_[A-Za-z0-9_-]{43}\b"
    r"|(?P<header>\bBearer\s+)[A-Za-z0-9._~+/-]{8,}=*"
    r"|(?P<query>[?&](?:code|apikey|api_key|token|password)=)[^&\s\"']+"
    r"|(?P<address>\b[a-z+]+://[^/\s:@]+:)[^@\s/]+(?=@)",
    re.IGNORECASE | re.ASCII,
)
_PARTS_OF_SHAPES = ("ihub_", "ihs_", "bearer", "code=", "key=", "token=", "password=", "://")
"""Each shape has one of these, and most lines have none."""


class Scrubber:
    """Replaces known secrets, and anything shaped like a secret, by stars."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known = KnownSecrets(secrets)

    def __call__(self, text: str) -> str:
        """
        >>> scrub = Scrubber(["s3cret"])
        >>> scrub("login with s3cret and Bearer abcdefgh"), scrub("GET /sign-in?code=abc")
        ('login with *** and Bearer ***', 'GET /sign-in?code=***')
        >>> scrub("postgres://hub:hidden@db/hub")
        'postgres://hub:***@db/hub'
        """
        text = self._known(text)
        lowered = text.lower()
        return _SHAPES.sub(_starred, text) if any(part in lowered for part in _PARTS_OF_SHAPES) else text


def _starred(match: re.Match[str]) -> str:
    kept = match["header"] or match["query"] or match["address"] or ""
    return (match["token"] + "_" if match["token"] else kept) + STARS


def secrets_of(settings: Settings) -> list[str]:
    database = parse_address(settings.database_url)
    password = database.password if isinstance(database, PostgresAddress) else ""
    return [
        password,
        settings.crm.password.get_secret_value(),
        settings.crm.api_key.get_secret_value(),
        settings.proxy.password if settings.proxy else "",
    ]


def configure_logs(settings: Settings, stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send every log of this process to `stream`, from `level` upwards.

    Our own lines take the short way: through `logging`, that of a request cost as much as the request.
    """
    finishing: list[Processor] = [
        _shorten_unavailable,
        *_rendering(settings.log_format, colors=stream.isatty()),
        _scrubbing(Scrubber(secrets_of(settings))),
    ]
    named: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    ]
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    structlog.configure(
        processors=[*named, stamp, *finishing],
        logger_factory=partial(_Lines, stream),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    of_libraries = logging.StreamHandler(stream)
    of_libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*named, structlog.stdlib.ExtraAdder(), stamp],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finishing],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [of_libraries]
    root.setLevel(level)
    # Drop what libraries log at every start and end; their warnings are kept.
    for library in ("uvicorn", "tortoise"):
        logging.getLogger(library).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Writes the lines of the logger `name`. A stream that is gone stops no work."""

    stream: TextIO
    name: str = ""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self.stream.write(f"{line}\n")
            self.stream.flush()

    debug = info = warning = error = critical = write


def _shorten_unavailable(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """A database that is away is no bug: its reason says everything, and a traceback would hide the other lines."""
    given = sys.exc_info() if line.get("exc_info") is True else line.get("exc_info")
    error = given[1] if isinstance(given, tuple) else given
    if is_unavailable(error):
        del line["exc_info"]
        line["why"] = str(error) or type(error).__name__
    return line


def _rendering(log_format: LogFormat, *, colors: bool) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Not the pretty traceback: it shows local variables and their content.
    return [
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
    ]


def _scrubbing(scrub: Scrubber) -> Processor:
    def processor(logger: WrappedLogger, method: str, line: EventDict) -> str:
        return scrub(str(line))

    return processor
