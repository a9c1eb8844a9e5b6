"""Which texts are visible, and which of them a database can hold."""

import re
import unicodedata

LONGEST_NOTES = 10_000
LONGEST_REASON = 2_000
LONGEST_ADDRESS = 2_000
LONGEST_LINE = 500
LONGEST_LABEL = 200
LONGEST_NAME = 100
"""The limits of what callers write: notes and comments, reasons, addresses, lines of a list, labels, and names such as
codes and keys."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL holds no NUL, and half a surrogate pair is no character in UTF-8."""

_LETTERS_WITHOUT_INK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Unicode calls them letters or symbols, and every font leaves them blank."""


def is_blank(text: str) -> bool:
    """Whether the text is invisible: spaces, zero-width and other format characters, or nothing at all.

    >>> [is_blank(text) for text in ("", " \\n", "\\u200b\\u2060\\u00ad", "\\u3164", "ok", "👍", "?")]
    [True, True, True, True, False, False, False]
    """
    return not any(
        unicodedata.category(sign)[0] in "LNPS" and sign not in _LETTERS_WITHOUT_INK for sign in text
    )


def is_storable(text: str) -> bool:
    """
    >>> is_storable("perché no? 🙂"), is_storable("a\\x00b"), is_storable("\\ud83d")
    (True, False, False)
    """
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """The text with a replacement character for each one that no database can hold.

    >>> storable("Start\\x00Office \\ud83d")
    'Start\ufffdOffice \ufffd'
    """
    return _UNSTORABLE.sub("\ufffd", text)


def shortened(text: str, most: int) -> str:
    """The text, cut with an ellipsis where it is longer.

    >>> shortened("Officine", 8), shortened("Officine Meccaniche", 8)
    ('Officine', 'Officin…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"
