"""Sort keys of names. They are stored with the row, so every database sorts names in the same order."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from tortoise import fields

SORT_KEY_LENGTH = 200

_APOSTROPHES_AND_DOTS = re.compile("['’‘`´ʼ′.]")
_WORD = re.compile(r"[^\W_]+")


def sort_key(name: str) -> str:
    """Return the words of a name without case, accents and punctuation. Apostrophes and dots do not separate words.

    >>> sort_key("D’Amico & Figli S.r.l."), sort_key("  Perché-NO "), sort_key("De  Luca")
    ('damico figli srl', 'perche no', 'de luca')
    """
    return plain_words(name)[:SORT_KEY_LENGTH]


def plain_words(text: str) -> str:
    """Return the words of a text as sort keys have them, however many there are."""
    folded = unicodedata.normalize("NFKD", _APOSTROPHES_AND_DOTS.sub("", text)).casefold()
    letters = "".join(one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(one))
    return " ".join(_WORD.findall(letters))


def plain_letters(name: str) -> Iterator[tuple[int, str]]:
    """Yield the letters of a name as its sort key has them, each with the position of its character in the name.

    >>> "".join(letter for _, letter in plain_letters("Dell’Attività"))
    'dellattivita'
    """
    for position, character in enumerate(name):
        if not _APOSTROPHES_AND_DOTS.match(character):
            for letter in unicodedata.normalize("NFKD", character.casefold()):
                if not unicodedata.combining(letter):
                    yield position, letter


def sort_key_field() -> Any:
    """A column for sort keys. A migration gives it the collation "C" on PostgreSQL: bytes are compared everywhere."""
    return fields.CharField(max_length=SORT_KEY_LENGTH, default="", db_default="")
