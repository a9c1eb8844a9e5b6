"""Finds the kits that a text names. People type names by hand, so spelling is free, but the matcher never guesses.

A spelling is a kit's name or one of its aliases. A spelling of several words matches whole words in any
case, with or without accents, with spaces, hyphens, punctuation or nothing between them, but not across the end
of a sentence. A spelling of a single word (usually an acronym) has to stand alone: inside a longer code it does not
count.

Of nested mentions only the longest counts. Inactive kits take part in that comparison and in nothing else: if
a seller wrote the name of a retired kit, the shorter name of an active one inside it is not what they meant. If both
are spelled alike, the active kit is meant.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.planning.intake.sale_text import read_text

WORD = re.compile(r"[^\W_]+")
# A word, or a code such as SOD-2231.
TOKEN = re.compile(r"[^\W_] (?: [\w./\\\#@\u2010\u2013\u2212-]* [^\W_] )?", re.VERBOSE)
# What may stand between the words of a name: anything but the end of a sentence, a paragraph, or a blanked part.
JOINT = r"(?:(?![.!?\u2026]\s|\n[^\S\n]{0,20}\n)[^\w\ufffc\ue000]|_){0,60}"
# A firm may have the same name as a kit.
FIRM = re.compile(
    r"[\s,]{1,3}(?:s\.?\s?r\.?\s?l|s\.?\s?p\.?\s?a|s\.?\s?n\.?\s?c|s\.?\s?a\.?\s?s|ltd|gmbh|inc)(?![^\W_])"
)

Source = Literal["title", "description"]


@dataclass(frozen=True, slots=True)
class KitNames:
    """A kit as the matcher sees it. `key` is the caller's own name for it and is only handed back."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place that names a kit: `text` as it is shown, `spelling` as the kit has it."""

    source: Source
    start: int
    end: int
    text: str
    key: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """One kit, and every mention of it."""

    key: str
    evidence: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class NotRecognised:
    """No active kit is named."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two or more active kits are named; a person has to choose. `keys` are sorted."""

    keys: tuple[str, ...]
    evidence: tuple[Mention, ...]


KitMatch = Recognised | NotRecognised | Ambiguous


def match_kit(title: str, description: str, kits: Sequence[KitNames]) -> KitMatch:
    """Return the kit that two texts name. The order of `kits` does not matter.

    >>> digital = KitNames("SOD", "Start Office Digital", ("SOD",))
    >>> kits = [digital, KitNames("SOF", "Start Office Finance", ("SOF",))]
    >>> match_kit("Vendita", "Firmato lo Start-Office Digital, senza altro software", kits).key
    'SOD'
    >>> match_kit("SOD e SOF", "", kits).keys
    ('SOD', 'SOF')
    >>> match_kit("Pratica SOD-2231", "", kits)
    NotRecognised()
    """
    return sort_mentions(
        (
            *find_mentions("title", read_text(title).counts, kits),
            *find_mentions("description", read_text(description).counts, kits),
        )
    )


def sort_mentions(evidence: tuple[Mention, ...]) -> KitMatch:
    """Return the result of these mentions."""
    keys = sorted({mention.key for mention in evidence})
    match keys:
        case []:
            return NotRecognised()
        case [key]:
            return Recognised(key, evidence)
        case _:
            return Ambiguous(tuple(keys), evidence)


def find_mentions(source: Source, text: str, kits: Sequence[KitNames]) -> list[Mention]:
    """Find every place that names an active kit, in order."""
    folded = FoldedText(text)
    active = {kit.key for kit in kits if kit.active}
    mentions = {
        Mention(source, start, end, text[start:end], kit.key, spelling)
        for kit in kits
        for spelling in (kit.name, *kit.aliases)
        for start, end in folded.spans_of(spelling)
    }
    return sorted(mention for mention in _outermost(mentions) if mention.key in active)


def _outermost(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the mentions that lie in no longer one."""
    longest_yet = (0, 0)
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        span = (mention.start, mention.end)
        if span == longest_yet or mention.end > longest_yet[1]:
            longest_yet = span
            yield mention


class FoldedText:
    """A text without case and accents that maps each character to its place in the original."""

    def __init__(self, original: str) -> None:
        self.original = original
        pieces = [_fold(character) for character in original]
        self.text = "".join(pieces)
        self._origins = [index for index, piece in enumerate(pieces) for _ in piece]
        self._tokens: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for token in TOKEN.finditer(self.text):
            self._tokens[token[0]].append(token.span())

    def spans_of(self, spelling: str) -> Iterator[tuple[int, int]]:
        """Yield the places of this spelling in the original text."""
        words = WORD.findall("".join(map(_fold, spelling)))
        for start, end in self._phrases(words) if len(words) > 1 else self._lone(words):
            if not FIRM.match(self.text, end):
                yield self.origin(start, end)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original text."""
        return self._origins[start], self._origins[end - 1] + 1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the folded text."""
        return bisect_left(self._origins, start), bisect_left(self._origins, end)

    def _phrases(self, words: list[str]) -> Iterator[tuple[int, int]]:
        pattern = JOINT.join(map(re.escape, words))
        for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", self.text):
            yield match.span()

    def _lone(self, words: list[str]) -> Iterator[tuple[int, int]]:
        for word in words:
            yield from self._tokens.get(word, ())


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """
    >>> _fold("È"), _fold("ﬁ"), _fold("Ŀ"), _fold("\\u0301")
    ('e', 'fi', 'l', '')
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    # Some letters decompose into a letter and a sign (Ŀ into L·), which would end their word.
    # Of the other categories, Mn are the accents, now on their own, and Cf are invisible signs such as soft hyphens.
    if character.isalnum():
        return "".join(filter(str.isalnum, decomposed))
    return "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Cf"))
