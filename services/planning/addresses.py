"""Which addresses a link may have."""

import unicodedata
from urllib.parse import urlsplit

from services.errors import InvalidInput

_SCHEMES = ("http", "https")


def web_address(text: str) -> str:
    """Return the address without spaces around it. Refuse everything but a page of the web.

    A browser follows the address, so it must mean the same to every browser. A password in it would be shown to all.

    >>> web_address(" https://docs.example.it/d/4711?v=2#firma ")
    'https://docs.example.it/d/4711?v=2#firma'
    """
    address = text.strip()
    if not _is_web_address(address):
        raise InvalidInput(
            "This is not the address of a page.", path=("url",), expected="http:// or https://, then a host"
        )
    return address


def _is_web_address(address: str) -> bool:
    if "\\" in address or any(unicodedata.category(sign)[0] in "CZ" for sign in address):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and "@" not in parts.netloc
