"""What a database address means: `sqlite://path`, or `postgres://...` as libpq reads it.

https://www.postgresql.org/docs/current/libpq-connect.html lists libpq's keywords. asyncpg, which connects, knows
those of `_UNDERSTOOD`. The others are translated here or refused by name: none is dropped silently.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode

_UNDERSTOOD = {
    "host", "port", "dbname", "user", "password", "passfile", "service", "sslmode", "sslcert", "sslkey", "sslrootcert",
    "sslcrl", "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version",
    "target_session_attrs", "krbsrvname", "gsslib",
}  # fmt: skip
_WITHOUT_EFFECT = {
    "fallback_application_name": None,
    "client_encoding": ("auto", "utf8", "utf-8"),
    "gssencmode": ("disable", "prefer"),
    "channel_binding": ("disable", "prefer"),
    "sslcompression": ("0",),
    "sslsni": ("1",),
    "load_balance_hosts": ("disable",),
}
"""Keywords of libpq that ask for what happens anyway, as long as they have one of these values."""

_TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_NO, _YES = ("false", "0", "no", "off"), ("true", "1", "yes", "on")
_SHAPE = re.compile(r"postgres(?:ql)?://(?:([^/?#]*)@)?([^@/?#]*)(?:/([^/?#]*))?(?:\?([^#]*))?")
_OPTION = re.compile(r"([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)


class UnfitAddress(ValueError):
    """The address is not valid for a database. The message names the keyword, and never a password."""


@dataclass(frozen=True, kw_only=True)
class SqliteAddress:
    path: str


@dataclass(frozen=True, kw_only=True)
class PostgresAddress:
    """The parts of a PostgreSQL address.

    `dsn` is for asyncpg. `session` holds the settings of each session. `public_tls` says whether the server's
    certificate must be one that this machine trusts.
    """

    dsn: str = field(repr=False)
    password: str = field(repr=False)
    shown: str
    session: dict[str, str]
    public_tls: bool
    connect_seconds: float | None
    most_connections: int
    fewest_connections: int


def parse_address(url: str) -> SqliteAddress | PostgresAddress:
    """Return the parts of an address, or raise `UnfitAddress`.

    >>> parse_address("sqlite:///data/c#1.sqlite3")
    SqliteAddress(path='/data/c#1.sqlite3')
    >>> parse_address("postgres://hub:secret@db:5433/hub?options=-c%20statement_timeout%3D5min").session
    {'statement_timeout': '5min'}
    """
    scheme, separator, path = url.partition("://")
    if scheme == "sqlite" and separator:
        return _sqlite(path)
    if scheme in ("postgres", "postgresql") and separator:
        return _postgres(url)
    raise UnfitAddress("an address of a database starts with sqlite:// or postgres://")


def _sqlite(path: str) -> SqliteAddress:
    if not path:
        raise UnfitAddress("sqlite:// is followed by the path of a file")
    if "?" in path:
        raise UnfitAddress("sqlite:// takes no parameters, so no path has a question mark in it")
    return SqliteAddress(path=path)


def _postgres(url: str) -> PostgresAddress:
    parts = _SHAPE.fullmatch(url)
    if parts is None:
        raise UnfitAddress(
            "it is not a PostgreSQL address; in a user name, a password or a database's name, signs such as"
            " @ : / ? # are written as %40 %3A %2F %3F %23"
        )
    login, hosts, database, query = (part or "" for part in parts.groups())
    keywords = dict(_keywords(query))
    public_tls = _public_tls(keywords)
    return PostgresAddress(
        session=_session(keywords),
        most_connections=(most := _count(keywords, "maxsize", 5)),
        fewest_connections=min(_count(keywords, "minsize", 1), most),
        connect_seconds=_seconds(keywords),
        public_tls=public_tls,
        dsn=_dsn(login, hosts, database, _passed_on(keywords)),
        password=unquote(login.partition(":")[2]) or keywords.get("password", ""),
        shown=f"postgres://{hosts or keywords.get('host', '')}/{database or keywords.get('dbname', '')}",
    )


def _keywords(query: str) -> Iterator[tuple[str, str]]:
    """Return the query's keywords. libpq does not read `+` as a space."""
    for pair in filter(None, query.split("&")):
        name, separator, value = pair.partition("=")
        if not separator:
            raise UnfitAddress(f"the parameter {name!r} has no value")
        yield unquote(name), unquote(value)


def _public_tls(keywords: dict[str, str]) -> bool:
    """Replace `ssl` by the mode that it means. Return whether the machine's own list of authorities decides."""
    if (ssl := keywords.pop("ssl", "").lower()) in _NO:
        keywords["sslmode"] = "disable"
    elif ssl and ssl not in _YES:
        keywords["sslmode"] = ssl
    mode = keywords.get("sslmode", "prefer")
    if mode not in _TLS_MODES:
        raise UnfitAddress(f"sslmode={mode} is none of {', '.join(_TLS_MODES)}")
    if keywords.get("sslrootcert") == "system" and mode == "verify-full":
        del keywords["sslrootcert"]
        return True
    return ssl in _YES and ssl != ""


def _count(keywords: dict[str, str], name: str, default: int) -> int:
    value = keywords.pop(name, str(default))
    if not value.isascii() or not value.isdigit() or not int(value):
        raise UnfitAddress(f"{name}={value} is not a number of connections")
    return int(value)


def _seconds(keywords: dict[str, str]) -> float | None:
    value = keywords.pop("connect_timeout", "10")
    if not value.isascii() or not value.isdigit():
        raise UnfitAddress(f"connect_timeout={value} is not a number of seconds")
    return float(value) or None


def _session(keywords: dict[str, str]) -> dict[str, str]:
    """Return the session settings in `options` and `application_name`."""
    settings = dict(_options(keywords.pop("options", "")))
    if name := keywords.pop("application_name", ""):
        settings["application_name"] = name
    return settings


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Return the settings in `-c name=value` and `--name=value`.

    >>> list(_options("-c statement_timeout=5min --search-path=hub -clock_timeout=3s"))
    [('statement_timeout', '5min'), ('search_path', 'hub'), ('lock_timeout', '3s')]
    """
    try:
        arguments = iter(shlex.split(text))
    except ValueError:
        raise UnfitAddress("options has an open quote") from None
    for word in arguments:
        setting = next(arguments, "") if word == "-c" else word.removeprefix("--").removeprefix("-c")
        match = _OPTION.fullmatch(setting)
        if not word.startswith(("-c", "--")) or match is None:
            raise UnfitAddress(f"options may hold -c name=value, and {word!r} is something else")
        yield match[1].replace("-", "_"), match[2]


def _passed_on(keywords: dict[str, str]) -> dict[str, str]:
    for name, value in keywords.items():
        if name in _WITHOUT_EFFECT:
            accepted = _WITHOUT_EFFECT[name]
            if accepted is not None and value.lower() not in accepted:
                raise UnfitAddress(f"{name}={value} is not supported here")
        elif name not in _UNDERSTOOD:
            raise UnfitAddress(f"the parameter {name!r} is not known")
    return {name: value for name, value in keywords.items() if name in _UNDERSTOOD}


def _dsn(login: str, hosts: str, database: str, keywords: dict[str, str]) -> str:
    # Brackets in a password would be read as those around an IPv6 address, and @ as the password's end.
    user = quote(login, safe="%:!$&'()*+,;=~") + "@" if login else ""
    path = f"/{database}" if database else ""
    query = f"?{urlencode(keywords, quote_via=quote)}" if keywords else ""
    return f"postgres://{user}{hosts}{path}{query}"
