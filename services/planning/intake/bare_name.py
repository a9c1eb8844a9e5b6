"""Recognises a title that holds little more than a kit's name and the customer's: many sellers note a sale so."""

import re

_SEPARATOR = re.compile(r"\s*(?:[-–—:|/·,•>()\[\]\"«»“”+*#\n]|\.\s)+\s*")
_WORD = re.compile(r"[\w.&%-]+")
_VERB = re.compile(
    r"(?:ha|hanno|e'|è|sono|sta|stanno|va|vanno|fa|si|non|has|have|is|are|\w{3,}(?:are|ere|ire|ando|endo|"
    r"iamo|ava|eva|iva|ing))",
    re.IGNORECASE,
)


def _bag(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEUTRAL = _bag(
    """
    dell all dall nell sull un kit il lo la l un uno una nuovo nuova commerciale pacchetto pack per x a ad da
    presso di del della dello dei e ed con cliente ditta azienda studio bis plus srl spa snc sas srls ltd gmbh
    inc s.r.l s.p.a s.n.c s.a.s s.r.l. s.p.a. s.n.c. s.a.s. sig sig.ra dott rif for the new
    """
)
_LEADS_ON = _bag(
    """
    per x a ad da presso di con for at
    """
)
_FORMS = _bag(
    """
    srl spa snc sas srls ltd gmbh inc s.r.l s.p.a s.n.c s.a.s s.r.l. s.p.a. s.n.c. s.a.s.
    """
)
_SEGMENT = 6


def is_bare_name(before: str, name: str, after: str) -> bool:
    """Return whether the words around a kit's name in its sentence say nothing of their own.

    >>> is_bare_name("Le Querce - kit ", "SOS", ""), is_bare_name("", "Start Office", " x logistica")
    (True, True)
    >>> is_bare_name("Avanzamento ", "SOD", ""), is_bare_name("", "Start Office", ": tutto fermo")
    (False, False)
    """
    *names, lead = _SEPARATOR.split(before)
    trail, *further = _SEPARATOR.split(after)
    written = before + name + after
    cased = written not in (written.lower(), written.upper())
    return (
        all(_is_short(segment) for segment in names)
        and _leads(lead)
        and _trails(trail, cased)
        and all(_trails(segment, cased) for segment in further)
    )


def _leads(segment: str) -> bool:
    """Return whether the words directly before the name are articles, *kit*, or a firm's name with its legal form."""
    words = _words(segment)
    return all(word in _NEUTRAL or word[0].isdigit() for word in words) or (
        words[-1] in _FORMS and _is_short(segment)
    )


def _trails(segment: str, cased: bool) -> bool:
    words = _words(segment)
    if not words:
        return True
    if not _is_short(segment):
        return False
    names = all(
        word[0].isupper() or word[0].isdigit() or word.lower() in _NEUTRAL for word in _WORD.findall(segment)
    )
    return names or words[0] in _LEADS_ON or (not cased and len(words) <= 3)


def _is_short(segment: str) -> bool:
    words = _words(segment)
    return len(words) <= _SEGMENT and not any(_VERB.fullmatch(word) for word in words)


def _words(segment: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(segment)]
