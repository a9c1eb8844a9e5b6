"""Ranks what a search finds."""

from collections.abc import Sequence
from enum import IntEnum


class Match(IntEnum):
    """How well the words fit a title, the best first."""

    WHOLE = 0
    BEGINNING = 1
    WORDS = 2
    BEGINNINGS_OF_WORDS = 3
    PARTS = 4
    ELSEWHERE = 5


def match(words: Sequence[str], key: str) -> Match:
    """Return how well the words fit a title.

    >>> texts = "firma incarico", "firma inc", "incarico", "inc fir", "carico", "rossi"
    >>> [match(text.split(), "firma incarico").name for text in texts]
    ['WHOLE', 'BEGINNING', 'WORDS', 'BEGINNINGS_OF_WORDS', 'PARTS', 'ELSEWHERE']
    """
    parts = key.split()
    if key == (phrase := " ".join(words)):
        return Match.WHOLE
    if key.startswith(phrase):
        return Match.BEGINNING
    if all(word in parts for word in words):
        return Match.WORDS
    if all(any(part.startswith(word) for part in parts) for word in words):
        return Match.BEGINNINGS_OF_WORDS
    return Match.PARTS if all(word in key for word in words) else Match.ELSEWHERE
