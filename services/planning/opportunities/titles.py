"""Judges how the title of an opportunity names a service: plainly, in passing, or in a denial."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from services.planning.intake.kit_matcher import FoldedText, Mention
from services.planning.intake.objection_cues import DENIAL, INSTEAD, NEGATED, ON_HOLD
from services.planning.intake.sale_text import read_text

WORD = re.compile(r"[^\W_]+")

EVERYDAY_CODES = frozenset({"ICS", "SOS"})
"""Codes that are also everyday words, in capitals too."""

FILLERS = frozenset(
    WORD.findall(
        "a al alla con da dal dei del della delle di e ed il in la lo per su the of for opportunita offerta proposta "
        "preventivo vendita venduto venduta contratto accordo patto incarico pratica progetto servizio kit rinnovo "
        "nuova nuovo prima primo seconda secondo terza terzo bis anno gennaio febbraio marzo aprile maggio giugno "
        "luglio agosto settembre ottobre novembre dicembre srl srls spa snc sas sapa scarl soc coop societa azienda "
        "cliente ditta impresa"
    )
)


class Naming(StrEnum):
    """How a title names a service."""

    PLAIN = "PLAIN"
    DENIED = "DENIED"
    BY_THE_WAY = "BY_THE_WAY"


def judge_title(title: str, mentions: Sequence[Mention], *, company: str) -> Naming:
    """Judge how a title names the service of these mentions, which are places in it.

    A code, or a name with a number such as Formazione 4.0, is plain among any words. A name of everyday words such as
    Know How is plain only beside the company's name, numbers and the words of an offer.
    """
    if _is_denied(title, mentions, company):
        return Naming.DENIED
    if any(_is_distinctive(mention) for mention in mentions):
        return Naming.PLAIN
    harmless = {*FILLERS, *_words(company)}.union(*(_words(mention.text) for mention in mentions))
    others = [word for word in _words(title) if not word.isdigit() and word not in harmless]
    return Naming.BY_THE_WAY if others else Naming.PLAIN


def _is_denied(title: str, mentions: Sequence[Mention], company: str) -> bool:
    """Return whether the title denies anything, or means something else instead of the service.

    >>> _is_denied("Formazione 4.0 sospesa", (), ""), _is_denied("Formazione 4.0 Non Solo Pane", (), "Non Solo Pane")
    (True, False)
    """
    folded = FoldedText(read_text(title).counts)
    name = r"[\W_]{1,3}".join(map(re.escape, _words(company)))
    # The name of the company may contain a denial. It is blanked, so that every place stays where it is.
    text = (
        re.sub(rf"(?<!\w)(?:{name})(?!\w)", lambda shown: " " * len(shown[0]), folded.text)
        if name
        else folded.text
    )
    starts = [folded.place(mention.start, mention.end)[0] for mention in mentions]
    return any(cues.search(text) for cues in (NEGATED, DENIAL, ON_HOLD)) or any(
        INSTEAD.search(text[:start]) for start in starts
    )


def _is_distinctive(mention: Mention) -> bool:
    """Return whether no ordinary sentence contains it: a code as the catalog writes it, or a name with a number."""
    if mention.text == mention.key:
        return mention.key not in EVERYDAY_CODES
    return any(char.isdigit() for char in mention.text)


def _words(text: str) -> list[str]:
    """Return the words without case and accents.

    >>> _words("Opportunità: Know-How")
    ['opportunita', 'know', 'how']
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char)))
