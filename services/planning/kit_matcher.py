"""Which kit does an activity name? People write the name by hand: spelling is free, and guessing is not.

A spelling is a kit's name or one of its aliases. A spelling of several words matches whole words in any
case, with or without accents, with spaces, hyphens, punctuation or nothing between them. A spelling of a single
word (a bare acronym, as a rule) has to stand alone: inside an e-mail address, a link or a longer code it says
nothing.

Of mentions one inside the other only the longest counts. Inactive kits take part in that comparison and in
nothing else: where somebody wrote the name of a retired kit, the shorter name of an active one inside it is
not what they meant. Where both are spelled alike, the active kit is the one meant.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

OWN_TEXT_MARKER = re.compile(r"\[IH:")

WORD = re.compile(r"[^\W_]+")
# In this order: a link, a link without its scheme, an e-mail address, a word or a code such as SOD-2231.
TOKEN = re.compile(
    r"""
      (?<!\w) (?: \w{1,20}:// | www\. | mailto: ) [^\s<>"']*
    | (?<![\w.-]) [\w-]{1,63} (?: \.[\w-]{1,63} ){1,5} / [^\s<>"']*
    | (?<![^\s<>"',;:()@]) [^\s<>"',;:()@]+ @ [^\s<>"',;:()@]+
    | [^\W_] (?: [\w./\\\#@\u2010\u2013\u2212-]* [^\W_] )?
    """,
    re.VERBOSE,
)

Source = Literal["title", "description"]


@dataclass(frozen=True, slots=True)
class KitNames:
    """What the matcher knows of a kit. `key` is the caller's own name for it and is only handed back."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place where a kit is named: `text` as it was written, `spelling` as the kit has it."""

    source: Source
    start: int
    end: int
    text: str
    key: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """One kit, and every mention that says so."""

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
    """Tell which kit an activity names, whatever the order of `kits`.

    >>> digital = KitNames("SOD", "Start Office Digital", ("SOD",))
    >>> kits = [digital, KitNames("SOF", "Start Office Finance", ("SOF",))]
    >>> match_kit("Vendita", "Firmato lo Start-Office Digital, senza altro software", kits).key
    'SOD'
    >>> match_kit("SOD e SOF", "", kits).keys
    ('SOD', 'SOF')
    >>> match_kit("Pratica SOD-2231", "", kits)
    NotRecognised()
    """
    evidence = (*_evidence("title", title, kits), *_evidence("description", description, kits))
    keys = sorted({mention.key for mention in evidence})
    match keys:
        case []:
            return NotRecognised()
        case [key]:
            return Recognised(key, evidence)
        case _:
            return Ambiguous(tuple(keys), evidence)


def strip_own_text(text: str) -> str:
    """The text up to where our own notes begin; what we appended must not be read as what was sold.

    >>> strip_own_text("Vendita SOD\\n[IH:TCK-SOF-5155-00] Ticket creato")
    'Vendita SOD'
    """
    marker = OWN_TEXT_MARKER.search(text)
    return text[: marker.start()].rstrip() if marker else text


def _evidence(source: Source, text: str, kits: Sequence[KitNames]) -> list[Mention]:
    folded = _Folded(strip_own_text(text))
    active = {kit.key for kit in kits if kit.active}
    mentions = {
        Mention(source, start, end, folded.original[start:end], kit.key, spelling)
        for kit in kits
        for spelling in (kit.name, *kit.aliases)
        for start, end in folded.spans_of(spelling)
    }
    return sorted(mention for mention in _outermost(mentions) if mention.key in active)


def _outermost(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The mentions that lie within no longer one."""
    longest_yet = (0, 0)
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        span = (mention.start, mention.end)
        if span == longest_yet or mention.end > longest_yet[1]:
            longest_yet = span
            yield mention


class _Folded:
    """A text without case and accents that still knows where each of its characters came from."""

    def __init__(self, original: str) -> None:
        self.original = original
        pieces = [_fold(character) for character in original]
        self._text = "".join(pieces)
        self._origins = [index for index, piece in enumerate(pieces) for _ in piece]
        self._tokens: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for token in TOKEN.finditer(self._text):
            self._tokens[token[0]].append(token.span())

    def spans_of(self, spelling: str) -> Iterator[tuple[int, int]]:
        """Where the original text names this spelling."""
        words = WORD.findall("".join(map(_fold, spelling)))
        for start, end in self._phrases(words) if len(words) > 1 else self._lone(words):
            yield self._origins[start], self._origins[end - 1] + 1

    def _phrases(self, words: list[str]) -> Iterator[tuple[int, int]]:
        pattern = r"[\W_]*".join(map(re.escape, words))
        for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", self._text):
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
    # Some letters fall apart into a letter and a sign (Ŀ into L·), which would end the word that they stand in.
    # Of the other categories, Mn are the accents, now on their own, and Cf invisible signs such as soft hyphens.
    if character.isalnum():
        return "".join(filter(str.isalnum, decomposed))
    return "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Cf"))
