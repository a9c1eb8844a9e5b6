"""Logs: for people at a console or for machines as JSON, and never with a secret in them.

Everything passes through here, also what libraries log. The finished line is searched for secrets last, so that
nothing can slip by in an exception, a nested value or somebody else's wording.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from typing import TextIO
from urllib.parse import quote, urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from server.settings import LogFormat, Settings

STARS = "***"

_SHAPES = re.compile(
    r"\b(?P<token>ihub|ihs)_[A-Za-z0-9_-]{43}\b"
    r"|(?P<header>\bBearer\s+)[A-Za-z0-9._~+/-]{8,}=*"
    r"|(?P<query>[?&](?:code|apikey|api_key|token|password)=)[^&\s\"']+"
    r"|(?P<address>\b[a-z+]+://[^/\s:@]+:)[^@\s/]+(?=@)",
    re.IGNORECASE,
)


class Scrubber:
    """Puts stars where a known secret, or anything of a secret's shape, stands in a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, text: str) -> str:
        """
        >>> scrub = Scrubber(["s3cret"])
        >>> scrub("login with s3cret and Bearer abcdefgh"), scrub("GET /sign-in?code=abc")
        ('login with *** and Bearer ***', 'GET /sign-in?code=***')
        >>> scrub("postgres://hub:hidden@db/hub")
        'postgres://hub:***@db/hub'
        """
        return _SHAPES.sub(_starred, self._known.sub(STARS, text))


def _starred(match: re.Match[str]) -> str:
    kept = match["header"] or match["query"] or match["address"] or ""
    return (match["token"] + "_" if match["token"] else kept) + STARS


def _spellings(secret: str) -> set[str]:
    """As it is, as in an address, as in a Python repr, and each of these inside JSON."""
    written = {secret, quote(secret, safe=""), repr(secret)[1:-1]}
    in_json = {json.dumps(text, ensure_ascii=escaped)[1:-1] for text in written for escaped in (True, False)}
    return written | in_json


def secrets_of(settings: Settings) -> list[str]:
    password = urlsplit(settings.database_url).password or ""
    return [password, settings.crm.password.get_secret_value(), settings.crm.api_key.get_secret_value()]


def configure_logs(settings: Settings, stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send every log of this process to `stream`, from the level upwards."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.log_format, colors=stream.isatty()),
                _scrubbing(Scrubber(secrets_of(settings))),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # What uvicorn says about itself at every start; its warnings are heard.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _rendering(log_format: LogFormat, *, colors: bool) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Not the pretty traceback: it shows local variables, and with them what they hold.
    return [
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
    ]


def _scrubbing(scrub: Scrubber) -> Processor:
    def processor(logger: WrappedLogger, method: str, line: EventDict) -> str:
        return scrub(str(line))

    return processor
