"""Replaces secrets in a text with stars, however their characters are written."""

import html.entities
import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

STARS = "***"

_PERCENT, _AMPERSAND, _BACKSLASH = "%(?:25)*", "&(?:amp;)*", r"\\+"
"""The characters that start an escape, even if they were escaped again."""

_MAY_BE_ESCAPED = re.compile(r"[%&\\+]")

_NAMES: dict[str, list[str]] = {}
for _name, _sign in html.entities.html5.items():
    if _name.endswith(";"):
        _NAMES.setdefault(_sign, []).append(_name)


class Scrubber:
    """Finds each secret as it is, and as JSON, a web address, HTML or source code write it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {normalize(form, secret) for secret in secrets if secret for form in ("NFC", "NFD")}
        forms |= {secret for secret in secrets if secret}
        self._longest_first = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        r"""
        >>> scrub = Scrubber(['caffè "d\'oro"'])
        >>> scrub('login with caffè "d\'oro" failed'), scrub(r'{"password": "caff\u00E8 \"d\'oro\""}')
        ('login with *** failed', '{"password": "***"}')
        >>> scrub("?p=caff%C3%A8+%22d%27oro%22"), scrub("<b>caff&egrave; &quot;d&#39;oro&#x22;</b>")
        ('?p=***', '<b>***</b>')
        """
        return _pattern_of(self._longest_first).sub(STARS, text) if self._may_be_in(text) else text

    def _may_be_in(self, text: str) -> bool:
        """Tell quickly that there is no secret: without escapes and signs beyond ASCII it stands there as it is."""
        if not text.isascii() or _MAY_BE_ESCAPED.search(text):
            return True
        return any(secret in text for secret in self._longest_first)


@lru_cache(maxsize=16)
def _pattern_of(secrets: tuple[str, ...]) -> re.Pattern[str]:
    """Compiling takes long, and most programs never need it."""
    return re.compile("|".join(map(_written, secrets)) or r"(?!)")


def _written(secret: str) -> str:
    return "".join(f"(?:{'|'.join(_spellings(character))})" for character in secret)


def _spellings(character: str) -> list[str]:
    """As it is; after a backslash; by its number in JSON, Python or JavaScript; in an address; and in HTML."""
    number = ord(character)
    spellings = [
        f"{_BACKSLASH}u{_units(character)}",
        rf"{_BACKSLASH}(?:u\{{0*{_hex(number)}\}}|U{_hex(number, 8)})",
        f"{_AMPERSAND}#(?:0*{number}|[xX]0*{_hex(number)});",
        *(f"{_PERCENT}{_bytes(character, _PERCENT, encoding)}" for encoding in _encodings(character)),
        f"{_PERCENT}u{_hex(number, 4)}",
        *(f"{_AMPERSAND}{re.escape(name)}" for name in _NAMES.get(character, ())),
    ]
    if character == " ":
        spellings.append(r"\+")
    if number > 127:
        # UTF-8 bytes that were read as Latin-1.
        spellings.append(re.escape(character.encode().decode("latin-1")))
        spellings.append(rf"{_BACKSLASH}x{_bytes(character, rf'{_BACKSLASH}x', 'utf-8')}")
    if number < 256:
        # After its bytes in UTF-8, which begin like this for Ã.
        spellings.append(f"{_BACKSLASH}x{_hex(number, 2)}")
    # Last, because a character such as & may be the start of an escaped one.
    return [*spellings, rf"\\*{re.escape(character)}"]


def _encodings(character: str) -> list[str]:
    return ["utf-8", "latin-1"] if 127 < ord(character) < 256 else ["utf-8"]


def _bytes(character: str, mark: str, encoding: str) -> str:
    return mark.join(_hex(byte, 2) for byte in character.encode(encoding))


def _units(character: str) -> str:
    """Return the one or two numbers that JSON writes for the character."""
    encoded = character.encode("utf-16-be", "surrogatepass")
    units = (int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2))
    return f"{_BACKSLASH}u".join(_hex(unit, 4) for unit in units)


def _hex(number: int, width: int = 1) -> str:
    """In upper or lower case."""
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{number:0{width}x}"
    )
