"""Decides whether a text plainly says that exactly one kit is sold. Every other text waits for a person, with a reason.

A mention of a kit is weighed in its clause, its sentence and its text. Words in its clause always count. Words in
another sentence count unless they are about something else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.planning.intake.kit_matcher import KitNames, Mention, Source, find_mentions
from services.planning.intake.sale_objections import Finding, first_objection
from services.planning.intake.sale_text import BLANK, ReadText, read_text
from services.planning.intake.sale_text_parts import (
    MENTION_LIMIT,
    OWN_LIMIT,
    Mark,
    TextPart,
    kit_mark,
    read_part,
    sale_cues_of,
)
from services.planning.intake.visible_html import QUOTED
from services.vocabulary import IntakeReason, MarkKind


@dataclass(frozen=True, slots=True)
class Judgement:
    """Without a `doubt`, the one kit of `kit_codes` is sold. The marks are places in `title` and `description`."""

    kit_codes: tuple[str, ...]
    doubt: IntakeReason | None
    title: str
    description: str
    marks: tuple[Mark, ...] = ()


def judge_sale(title: str, description: str, kits: Sequence[KitNames]) -> Judgement:
    """Judge whether a text plainly says that exactly one kit is sold.

    >>> kits = [KitNames("SOD", "Start Office Digital", ("SOD",))]
    >>> judge_sale("Venduto lo Start Office Digital!", "", kits).doubt is None
    True
    >>> judge_sale("Chiamata", "Il cliente non vuole lo Start Office Digital.", kits).doubt
    <IntakeReason.NEGATED: 'NEGATED'>
    """
    read = {"title": read_text(title), "description": read_text(description)}
    parts = [read_part("title", read["title"], kits), read_part("description", read["description"], kits)]
    mentions = [mention for part in parts for _, _, mention in part.mentions]
    codes = tuple(sorted({mention.key for mention in mentions}))
    finding = _doubt(parts, codes, read, kits, (title, description))
    if finding is None:
        finding = Finding(IntakeReason.NO_KIT)
        doubt = None
        finding.marks = [part.mark(cue) for part in parts for cue in sale_cues_of(part)[0]]
    else:
        doubt = finding.doubt
    named = finding.marks if not mentions else [*map(kit_mark, mentions), *finding.marks]
    codes = codes or tuple(sorted({mark.kit_code for mark in named if mark.kit_code}))
    return Judgement(codes, doubt, read["title"].shown, read["description"].shown, _outermost(named))


_EXPLANATIONS = {
    IntakeReason.NO_KIT: "The activity names no active kit.",
    IntakeReason.AMBIGUOUS_KIT: "The activity names several kits: {kits}.",
    IntakeReason.NEGATED: "The activity names the kit {kits}, but denies the sale.",
    IntakeReason.UNSURE: "The activity names the kit {kits}, but leaves open whether it is sold.",
    IntakeReason.PAST: "The activity names the kit {kits}, but is about an earlier sale.",
    IntakeReason.SEVERAL_SALES: "The activity says that the kit {kits} is sold more than once.",
    IntakeReason.QUOTED: "Only quoted mail, a signature or struck-out words name the kit {kits}.",
    IntakeReason.NOT_SAID: "The activity names the kit {kits}, but does not say that it is sold.",
    IntakeReason.GARBLED: "The text has the wrong encoding, and a kit can be read only after repairing it.",
    IntakeReason.TOO_LONG: "The text is too long for the note of a sale.",
}


def explain_doubt(judgement: Judgement) -> str:
    """Return the doubt as a sentence, with the words that raise it."""
    if judgement.doubt is None:
        return f"The activity says that the kit {judgement.kit_codes[0]} is sold."
    sentence = _EXPLANATIONS[judgement.doubt].format(kits=", ".join(judgement.kit_codes))
    words = [mark.text.strip() for mark in judgement.marks if mark.kind not in (MarkKind.KIT, MarkKind.SALE)]
    quoted = ", ".join(f'"{one}"' for one in dict.fromkeys(words[:3]) if one)
    return f"{sentence} Its words: {quoted}." if quoted else sentence


def _outermost(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the marks in order, without those inside a longer one of the same kind."""
    kept: list[Mark] = []
    for mark in sorted(set(marks), key=_place):
        if not any(
            (one.source, one.kind) == (mark.source, mark.kind) and one.end >= mark.end for one in kept[-3:]
        ):
            kept.append(mark)
    return tuple(kept)


def _place(mark: Mark) -> tuple[bool, int, int, str]:
    return mark.source == "description", mark.start, -mark.end, mark.kind


def _doubt(
    parts: Sequence[TextPart],
    codes: tuple[str, ...],
    read: dict[str, ReadText],
    kits: Sequence[KitNames],
    raw: tuple[str, str],
) -> Finding | None:
    """Return the first reason to ask a person, in the order in which an operator wants to read them."""
    if any(text.too_long for text in read.values()) or any(
        len(part.text.replace(QUOTED, "")) > OWN_LIMIT or len(part.mentions) > MENTION_LIMIT for part in parts
    ):
        return Finding(IntakeReason.TOO_LONG)
    if len(codes) > 1:
        return Finding(IntakeReason.AMBIGUOUS_KIT)
    if any(text.garbled for text in read.values()) and not _named_as_it_came(raw, kits):
        return Finding(IntakeReason.GARBLED)
    if not codes:
        return _quoted(parts, read, kits)
    return first_objection(parts)


def _named_as_it_came(raw: tuple[str, str], kits: Sequence[KitNames]) -> bool:
    """Return whether the text names a kit without a repair of its encoding."""
    return any(find_mentions("title", text.replace("\ufffd", BLANK), kits) for text in raw)


def _quoted(parts: Sequence[TextPart], read: dict[str, ReadText], kits: Sequence[KitNames]) -> Finding:
    """Return whether only foreign words name a kit, or none do."""
    found = [
        kit_mark(mention)
        for part in parts
        for mention in _foreign_mentions(part.source, read[part.source], kits)
    ]
    return Finding(IntakeReason.QUOTED if found else IntakeReason.NO_KIT, found)


def _foreign_mentions(source: Source, text: ReadText, kits: Sequence[KitNames]) -> list[Mention]:
    if not text.foreign:
        return []
    return find_mentions(source, _only_foreign(text), kits)[:MENTION_LIMIT]


def _only_foreign(text: ReadText) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in text.foreign:
        pieces += (BLANK * (start - position), text.shown[start:end])
        position = end
    return "".join((*pieces, BLANK * (len(text.shown) - position)))
