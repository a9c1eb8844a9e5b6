"""Finds what speaks against a sale: several sales, a denial, the past, a doubt, or no word for it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.planning.intake import count_cues, objection_cues, sale_cues
from services.planning.intake.bare_name import is_bare_name
from services.planning.intake.sale_text_parts import Cue, Mark, TextPart, holds_mention, sale_cues_of
from services.vocabulary import IntakeReason, MarkKind


@dataclass(slots=True)
class Finding:
    """The first doubt and its words."""

    doubt: IntakeReason
    marks: list[Mark] = field(default_factory=list)


def first_objection(parts: Sequence[TextPart]) -> Finding | None:
    """Return the first objection, in the order in which an operator wants to read them."""
    for objection in (_several, _negated, _past, _unsure, _not_said):
        if found := objection(parts):
            return found
    return None


def _several(parts: Sequence[TextPart]) -> Finding | None:
    found = [mark for part in parts for mark in _counted(part)]
    return Finding(IntakeReason.SEVERAL_SALES, found) if found else None


def _counted(part: TextPart) -> Iterator[Mark]:
    cues_found = part.find(count_cues.SEVERAL, MarkKind.SEVERAL)
    for start, end, _ in part.mentions:
        before = part.text[max(0, start - 40) : start]
        if (number := count_cues.COUNTED_BEFORE.search(before)) and not count_cues.NUMBERED.search(
            before[: number.start()]
        ):
            cues_found.append(Cue(start - len(before) + number.start(), start, MarkKind.SEVERAL))
        following = next((one for one, _, _ in part.mentions if one >= end), 0)
        if following and count_cues.AND_AGAIN.match(part.text[end:following]):
            cues_found.append(Cue(end, following, MarkKind.SEVERAL))
        if number := count_cues.COUNTED_AFTER.match(part.text, end):
            cues_found.append(Cue(*number.span(), MarkKind.SEVERAL))
    yield from map(part.mark, [*cues_found, *_places(part), *_listed(part)])


def _places(part: TextPart) -> list[Cue]:
    """Find two places, such as branches, for the same kit."""
    found = list(count_cues.PLACE.finditer(part.text))
    if len({place[1] for place in found}) < 2 or len(part.mentions) < 2:
        return []
    return [Cue(*place.span(), MarkKind.SEVERAL) for place in found]


def _listed(part: TextPart) -> list[Cue]:
    """Find the same kit in two entries of a list, or in two clauses with the same word."""
    labels: dict[str, tuple[int, int]] = {}
    for start, end, _ in part.mentions:
        line_start, _ = part.around(start, part.lines)
        label = _LABEL.search(part.text[line_start:start])
        sentence_start, _ = part.around(start, part.sentences)
        label = label or _LABEL.search(part.text[sentence_start:start])
        if label and not sale_cues.LABEL.search(label[0]) and not sale_cues.SOLD.search(label[0]):
            labels.setdefault(label[0].strip(" \t-*•:.0123456789)") or str(start), (start, end))
    return [Cue(start, end, MarkKind.SEVERAL) for start, end in labels.values()] if len(labels) > 1 else []


_LABEL = re.compile(
    r"^\s{0,8}(?=\S)(?:[-*•‣▪–]\s{0,3}|\d{1,2}[.)]\s{0,3})?(?:[^\W\d_][\w .'’&]{1,40}?\s?[:–-]\s{0,3})?(?:kit\s)?$"
)


def _negated(parts: Sequence[TextPart]) -> Finding | None:
    return _first(IntakeReason.NEGATED, parts, _negations)


def _negations(part: TextPart, plain: bool) -> Iterator[Cue]:
    strong = [
        *part.find(objection_cues.NEGATED, MarkKind.NEGATION),
        *part.find(objection_cues.NOT_DONE, MarkKind.NEGATION),
    ]
    yield from _relevant(part, strong, plain)
    sales, labels = sale_cues_of(part)
    for start, _, _ in part.mentions:
        clause = part.around(start, part.clauses)
        decisive = [start, *(cue.start for cue in (*sales, *labels) if clause[0] <= cue.start < clause[1])]
        for cue in part.find(objection_cues.DENIAL, MarkKind.NEGATION, clause):
            if cue.start < max(decisive):
                yield cue
        sentence = part.around(start, part.sentences)
        opening = _FIRST_WORD.match(part.text, sentence[0])
        if opening and objection_cues.DENIAL.match(part.text, opening.start(1)):
            yield Cue(*opening.span(1), MarkKind.NEGATION)
        before = part.text[max(clause[0], start - 40) : start]
        if instead := objection_cues.INSTEAD.search(before):
            yield Cue(start - len(before) + instead.start(), start, MarkKind.NEGATION)
    yield from _bare_denials(part, plain, bool(sales))


_FIRST_WORD = re.compile(r"\W{0,20}(\w+)")


def _bare_denials(part: TextPart, plain: bool, sold: bool) -> Iterator[Cue]:
    """Yield denials without an object. They count if no word says that the sale was made."""
    if sold:
        return
    for cue in part.find(objection_cues.DENIAL, MarkKind.NEGATION):
        verb_end = _VERB_AFTER.match(part.text, cue.end)
        after = Cue(cue.start, verb_end.end() if verb_end else cue.end, cue.kind)
        if _NO_VERB.match(part.text, cue.end) and not holds_mention(
            part, part.around(cue.start, part.clauses)
        ):
            continue
        if not plain or not (_is_about_another_thing(part, cue) or _is_about_another_thing(part, after)):
            yield cue


_NO_VERB = re.compile(r" (?:il|lo|la|i|gli|le|l|da|dal|dalla|in|a|al|alla|per|con|the|a|an)(?!\w)")
_VERB_AFTER = re.compile(
    r"(?: [\w'’]+){1,2}?(?= (?:il|lo|la|i|gli|le|un|uno|una|del|dello|della|altr\w+|al|alla|di|the|a|an) )"
)


def _past(parts: Sequence[TextPart]) -> Finding | None:
    return _first(IntakeReason.PAST, parts, _memories)


def _memories(part: TextPart, plain: bool) -> Iterator[Cue]:
    for start, _, _ in part.mentions:
        yield from part.find(objection_cues.MONTH_OF_A_YEAR, MarkKind.PAST, part.around(start, part.clauses))
    for cue in part.find(objection_cues.PAST, MarkKind.PAST):
        sentence = part.around(cue.start, part.sentences)
        if objection_cues.RENEWED.search(part.text, *sentence):
            continue
        if objection_cues.CUSTOMER.match(part.text, cue.start) and _sold_elsewhere(part, cue):
            continue
        if holds_mention(part, sentence) or not plain:
            yield cue


def _sold_elsewhere(part: TextPart, cue: Cue) -> bool:
    """Return whether another clause names the kit and speaks of a sale."""
    clauses = [part.around(start, part.clauses) for start, _, _ in part.mentions]
    sales = [one.start for cues_of in sale_cues_of(part) for one in cues_of]
    return any(
        start <= sale < end and not start <= cue.start < end for start, end in clauses for sale in sales
    )


def _unsure(parts: Sequence[TextPart]) -> Finding | None:
    return _first(IntakeReason.UNSURE, parts, _doubts)


def _doubts(part: TextPart, plain: bool) -> Iterator[Cue]:
    sales, _ = sale_cues_of(part)
    for cue in _relevant(part, part.find(objection_cues.UNSURE, MarkKind.DOUBT), plain):
        if not _is_overcome(part, cue, sales):
            yield cue
    for start, _, _ in part.mentions:
        sentence = part.around(start, part.sentences)
        clause = part.around(start, part.clauses)
        yield from part.find(objection_cues.CONDITION, MarkKind.DOUBT, sentence)
        yield from part.find(objection_cues.INTENTION, MarkKind.DOUBT, clause)
    for sentence in part.sentences:
        said = holds_mention(part, sentence) or any(sentence[0] <= cue.start < sentence[1] for cue in sales)
        question = part.text.find("?", *sentence)
        if question >= 0 and (said or not plain):
            yield Cue(question, question + 1, MarkKind.DOUBT)


def _is_overcome(part: TextPart, cue: Cue, sales: Sequence[Cue]) -> bool:
    """Return whether the sentence goes on to say that the sale was made: *aveva dubbi, poi ha firmato*."""
    _, end = part.around(cue.start, part.sentences)
    turn = objection_cues.OVERCOME.search(part.text, cue.end, end)
    return turn is not None and any(turn.end() <= sale.start < end for sale in sales)


def _not_said(parts: Sequence[TextPart]) -> Finding | None:
    """Require a word for the sale. Nothing speaks against it."""
    others = [
        part.mark(cue)
        for part in parts
        for start, _, _ in part.mentions
        for cue in part.find(
            objection_cues.NOT_OURS, MarkKind.OTHER_TOPIC, part.around(start, part.sentences)
        )
    ]
    if others:
        return Finding(IntakeReason.NOT_SAID, others)
    if _only_subject_of_answer(parts):
        return Finding(IntakeReason.QUOTED)
    sold = [cue for part in parts for cue in sale_cues_of(part)[0]]
    if sold:
        return None
    mistaken = [part.mark(cue) for part in parts for cue in part.other_topics]
    if mistaken:
        return Finding(IntakeReason.NOT_SAID, mistaken)
    filed = [cue for part in parts for cue in sale_cues_of(part)[1]]
    weak = [part.mark(cue) for part in parts for cue in part.find(objection_cues.WEAK, MarkKind.DOUBT)]
    if weak and not any(_is_filed(part) for part in parts):
        return Finding(IntakeReason.UNSURE, weak)
    firmly = any(part.find(sale_cues.FIRM_FILING, MarkKind.SALE) for part in parts)
    context = [part.mark(cue) for part in parts for cue in _context(part, bool(filed))]
    if filed and (firmly or not context):
        return None
    if context:
        return Finding(IntakeReason.NOT_SAID, context)
    return None if any(_is_bare(part) for part in parts) else Finding(IntakeReason.NOT_SAID)


def _context(part: TextPart, filed: bool) -> Iterator[Cue]:
    """Yield the other topics of the text. If it has a label, only those in the sentence with the name."""
    for cue in part.find(objection_cues.CONTEXT, MarkKind.OTHER_TOPIC):
        if not filed or holds_mention(part, part.around(cue.start, part.sentences)):
            yield cue


def _only_subject_of_answer(parts: Sequence[TextPart]) -> bool:
    """Return whether only the subject of an answered or forwarded mail names the kit, and no word says a sale."""
    title, description = parts
    if description.mentions or not sale_cues.REPLY_PREFIX.match(title.folded.text):
        return False
    return not any(
        description.text[cue.start : cue.end] not in ("ok", "okay") for cue in sale_cues_of(description)[0]
    )


def _is_filed(part: TextPart) -> bool:
    """Return whether the title, or a sentence with a kit's name, begins with a label such as *Vendita*."""
    starts = [part.around(start, part.sentences)[0] for start, _, _ in part.mentions]
    starts += [0] if part.source == "title" else []
    return any(sale_cues.LABEL.match(part.text[start : start + 80].lstrip()) for start in starts)


def _is_bare(part: TextPart) -> bool:
    """Return whether a sentence is little more than a kit's name, such as *Start Office Digital - Rossi Srl*."""
    for start, _, mention in part.mentions:
        first, last = part.folded.origin(*part.around(start, part.sentences))
        if is_bare_name(part.shown[first : mention.start], mention.text, part.shown[mention.end : last]):
            return True
    return False


def _first(
    doubt: IntakeReason, parts: Sequence[TextPart], look: Callable[[TextPart, bool], Iterator[Cue]]
) -> Finding | None:
    plain = _is_plain(parts)
    found = [part.mark(cue) for part in parts for cue in look(part, plain)]
    return Finding(doubt, found) if found else None


def _relevant(part: TextPart, found: Iterable[Cue], plain: bool) -> Iterator[Cue]:
    """Yield the cues that concern the sale: all of them if no sale is plain, else those not about something else."""
    for cue in found:
        clause = part.around(cue.start, part.clauses)
        if plain and not holds_mention(part, clause) and _is_about_another_thing(part, cue):
            continue
        yield cue


def _is_about_another_thing(part: TextPart, cue: Cue) -> bool:
    other = objection_cues.OTHER_THING.match(part.text, cue.end)
    if other is None:
        return False
    word = other[1] or other[2]
    return not (
        word in objection_cues.SALE_THINGS
        or word in objection_cues.PEOPLE_AND_TIMES
        or word[0].isdigit()
        or any(start <= other.start(1) < end for start, end, _ in part.mentions if other[1])
    )


def _is_plain(parts: Sequence[TextPart]) -> bool:
    """Return whether a clause or sentence names a kit and says that it is sold."""
    for part in parts:
        sales, labels = sale_cues_of(part)
        for start, _, _ in part.mentions:
            sentence = part.around(start, part.sentences)
            if any(sentence[0] <= cue.start < sentence[1] for cue in (*sales, *labels)):
                return True
    return any(part.mentions for part in parts) and any(sale_cues_of(part)[0] for part in parts)
