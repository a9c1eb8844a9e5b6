"""A title or a description, cut into sentences and clauses, with its kit mentions and words of sale."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.planning.intake import sale_cues
from services.planning.intake.cue_phrases import word_set
from services.planning.intake.kit_matcher import FoldedText, KitNames, Mention, Source, find_mentions
from services.planning.intake.sale_text import BLANK, ReadText
from services.planning.intake.visible_html import QUOTED
from services.vocabulary import MarkKind

OWN_LIMIT = 20_000
MENTION_LIMIT = 50
"""A text with more own words, or more names of kits, is a document and not the note of a sale."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the shown text and its meaning. A kit's name has its code and its spelling."""

    source: Source
    start: int
    end: int
    text: str
    kind: MarkKind
    kit_code: str | None = None
    spelling: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """Decisive words of one text, with offsets in the folded text."""

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class TextPart:
    """The title or the description: folded, cut into sentences and clauses, with its mentions."""

    source: Source
    shown: str
    folded: FoldedText
    text: str
    sentences: tuple[tuple[int, int], ...]
    clauses: tuple[tuple[int, int], ...]
    mentions: tuple[tuple[int, int, Mention], ...]
    lines: tuple[tuple[int, int], ...]
    other_topics: tuple[Cue, ...]

    def find(
        self, pattern: re.Pattern[str], kind: MarkKind, span: tuple[int, int] | None = None
    ) -> list[Cue]:
        start, end = span or (0, len(self.text))
        return [Cue(*found.span(), kind) for found in pattern.finditer(self.text, start, end)]

    def around(self, place: int, stretches: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Return the span that holds this place."""
        return next((one for one in stretches if one[0] <= place < one[1]), (place, place))

    def mark(self, cue: Cue) -> Mark:
        start, end = self.folded.origin(cue.start, cue.end)
        return Mark(self.source, start, end, self.shown[start:end], cue.kind)


def read_part(source: Source, read: ReadText, kits: Sequence[KitNames]) -> TextPart:
    counts = (
        read.counts if len(read.counts.replace(QUOTED, "")) <= OWN_LIMIT else read.counts[: OWN_LIMIT + 1]
    )
    folded = FoldedText(counts)
    named = find_mentions(source, counts, kits)[: MENTION_LIMIT + 1]
    places = [(*folded.place(mention.start, mention.end), mention) for mention in named]
    text = folded.text
    mentions = tuple(one for one in places if not _is_everyday(text, *one))
    names = [(start, end) for start, end, _ in mentions]
    text = _blank(text, sale_cues.HARMLESS, names)
    text = sale_cues.TAKEN_OFFER.sub(lambda found: sale_cues.OFFER.sub(_blanks, found[0]), text)
    other_topics = tuple(
        Cue(*found.span(), MarkKind.OTHER_TOPIC) for found in sale_cues.NO_SALE_WORD.finditer(text)
    )
    text = _blank(text, sale_cues.NO_SALE_WORD, names)
    if source == "title" and (prefix := sale_cues.REPLY_PREFIX.match(text)):
        text = BLANK * prefix.end() + text[prefix.end() :]
    text = _without_names(text, names)
    qualified = list(sale_cues.QUALIFIED_SALE.finditer(text))
    other_topics += tuple(Cue(*found.span(), MarkKind.OTHER_TOPIC) for found in qualified)
    for found in qualified:
        text = text[: found.start("sale")] + BLANK * (found.end() - found.start("sale")) + text[found.end() :]
    return TextPart(
        source,
        read.shown,
        folded,
        text,
        tuple(_cut(text, _SENTENCE_END)),
        tuple(_cut(text, _CLAUSE_END)),
        mentions,
        tuple(_cut(text, _LINE_END)),
        other_topics,
    )


_ABBREVIATIONS = word_set(
    """
    sig sigg dott dottssa dr ing avv geom rag arch n nr num art srl spa snc sas spett egr gent tel cell es ecc
    pag prot rif mr mrs ms vs ns ca
    """
)
_SENTENCE_END = re.compile(
    r"[.!?\u2026]+(?=\s|$)|;|\n(?=[ \t]{0,20}(?:\n|[-*•‣▪]|\d{1,2}[.)]))|(?<=[.!?:;\u2026])\n|\ue000+"
)
_CLAUSE_END = re.compile(
    r"[.!?\u2026]+(?=\s|$)|[,;:()\u2013\u2014|]|\s-\s|\n(?=[ \t]{0,20}(?:\n|[-*•‣▪]|\d{1,2}[.)]))|"
    r"(?<=[.!?:;,\u2026])\n|\ue000+"
    r"|(?<!\w)(?:ma|pero|tuttavia|but|mentre|although|however)(?!\w)"
)
_LINE_END = re.compile(r"\n")
_LAST_WORD = re.compile(r"(\w+(?:\.\w+)*)\.$")


def _cut(text: str, ends: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends.finditer(text):
        if end[0] == "." and _is_abbreviation(text, end.end()):
            continue
        if end.end() > start:
            yield start, end.end()
        start = end.end()
    if start < len(text):
        yield start, len(text)


def _is_abbreviation(text: str, end: int) -> bool:
    word = _LAST_WORD.search(text[max(0, end - 12) : end])
    return word is not None and word[1].replace(".", "") in _ABBREVIATIONS


def _is_everyday(text: str, start: int, end: int, mention: Mention) -> bool:
    """Return whether an acronym that is also an everyday word has no word of kit or sale beside it."""
    if text[start:end] not in sale_cues.EVERYDAY_ACRONYMS:
        return False
    before = text[max(0, start - 60) : start]
    return not (sale_cues.SAYS_KIT_BEFORE.search(before) or sale_cues.SAYS_KIT_AFTER.match(text, end))


def _blank(text: str, pattern: re.Pattern[str], names: Sequence[tuple[int, int]]) -> str:
    """Blank what the pattern finds, unless a kit is named in it."""

    def replacement(found: re.Match[str]) -> str:
        touches = any(start < found.end() and found.start() < end for start, end in names)
        return found[0] if touches else BLANK * len(found[0])

    return pattern.sub(replacement, text)


def _blanks(found: re.Match[str]) -> str:
    return BLANK * len(found[0])


def _without_names(text: str, names: Sequence[tuple[int, int]]) -> str:
    """Replace each kit's name by one word without a meaning."""
    for start, end in names:
        text = text[:start] + "§" * (end - start) + text[end:]
    return text


def sale_cues_of(part: TextPart) -> tuple[list[Cue], list[Cue]]:
    """Return the words for a sale and the labels, except those inside a kit's name."""
    names = [(start, end) for start, end, _ in part.mentions]

    def outside(cue: Cue) -> bool:
        return not any(start <= cue.start < end for start, end in names)

    sold = filter(outside, part.find(sale_cues.SOLD, MarkKind.SALE))
    labels = filter(outside, part.find(sale_cues.LABEL, MarkKind.SALE))
    return list(sold), list(labels)


def holds_mention(part: TextPart, stretch: tuple[int, int]) -> bool:
    return any(stretch[0] <= start < stretch[1] for start, _, _ in part.mentions)


def kit_mark(mention: Mention) -> Mark:
    return Mark(
        mention.source, mention.start, mention.end, mention.text, MarkKind.KIT, mention.key, mention.spelling
    )
