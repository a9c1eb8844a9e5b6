"""Finds the lines of a mail that its sender did not write: quoted and forwarded messages, signatures, legal notes.

It works line by line in one pass, for mail clients in Italian or English.
"""

import re
from collections.abc import Sequence

_QUOTE = re.compile(r"\s*(?:>|\|\s)")
_ATTRIBUTION_START = re.compile(
    r"\s*(?:il(?:\s+giorno)?|in data|on|am|le|nel giorno|da parte di)\b|.{0,80}<[^<>]{3,80}@[^<>]{3,80}>",
    re.IGNORECASE,
)
_ATTRIBUTION_END = re.compile(
    r"\b(?:ha\s+(?:scritto|inviato il seguente messaggio)|scrive(?:va)?|wrote|a\s+écrit)\s*:?\s*\Z",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"[\s\-_=*]{0,60}(?:inizio\s+)?(?:messaggi[oa]?\s+(?:originale|inoltrato|precedente)|"
    r"original\s+(?:message|appointment)"
    r"|appuntamento\s+originale|(?:begin\s+)?forwarded\s+message|inoltrato\s+da\s+.{1,60}|inoltrato|reply\s+above"
    r"|testo\s+(?:della\s+)?mail(?:\s+originale)?|mail\s+(?:precedente|originale|inoltrata))[\s\-_=*:]{0,60}\Z",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_\-=]{20,}\s*\Z")
_FROM = re.compile(r"\s*\*?(?:da|from|mittente|de|von)\*?\s?:", re.IGNORECASE)
_HEADER = re.compile(
    r"\s*\*?(?:inviato|data|date|sent|oggetto|subject|a|to|per|destinatari[oi]?|cc|ccn|bcc|priorità|importanza"
    r"|allegati|rispondi a|reply-to)\*?\s?:",
    re.IGNORECASE,
)
_HEADERS_IN_A_LINE = re.compile(
    r"\s*\*?(?:da|from)\*?\s?:.{1,200}?\b(?:inviato|data|date|sent|a|to)\*?\s?:.{1,200}?\b(?:oggetto|subject)\*?\s?:",
    re.IGNORECASE,
)
_SIGNATURE_RULE = re.compile(r"\s*(?:--|—|––|__+|\*{3,}|={3,})\s*\Z")
_CLOSING = re.compile(
    r"\s*(?:(?:ringraziando\w*|in attesa di (?:un\w* )?(?:vostr[oa]|tuo|suo|cortese|gentile)?.{0,30}|"
    r"grazie(?: mille)?)[,.]?\s+"
    r"(?:e\s+|ti\s+|vi\s+|porgo\s+|porgiamo\s+)?)?"
    r"(?:(?:i\s+miei\s+|i\s+più\s+|un\s+|tanti\s+|con\s+i\s+)?(?:(?:più\s+)?(?:cordial[ei]|distint[io]|"
    r"car[io]|miglior[ei])\s+)?salut[io]\b"
    r"|cordialmente\b|cordialità\b|cdt?\.?\s+saluti|buon(?:a|e)?\s+(?:giornata|serata|lavoro|proseguimento|weekend)\b"
    r"|a\s+presto\b|in\s+fede\b|(?:best|kind|warm)?\s*regards\b|cheers\b|sincerely\b|"
    r"yours\s+(?:sincerely|faithfully)\b|thanks\s+and\s+regards)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\s*(?:(?:molte|tante|mille)\s+)?(?:grazie|thanks|thank you)(?:\s+(?:mille|ancora|tante|a tutti|"
    r"many))?\s*[,.!]*\s*\Z",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\s*(?:inviato|sent|scritto)\s+(?:da|dal|from)\s+(?:my\s+|il\s+mio\s+|mio\s+)?(?:iphone|ipad|"
    r"android|samsung|huawei|xiaomi"
    r"|outlook|gmail|libero|yahoo|telefono|cellulare|smartphone|mobile|tiscali|posta|windows|un dispositivo)"
    r"|\s*(?:scarica|ottieni|get)\s+outlook\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\s*(?:le\s+informazioni\s+(?:contenute|trasmesse)|questo\s+messaggio|questa\s+e-?mail|"
    r"la\s+presente\s+(?:e-?mail|comunicazione)"
    r"|ai\s+sensi\s+de|avviso\s+di\s+riservatezza|nota\s+di\s+riservatezza|informativa\s+privacy|"
    r"this\s+(?:e-?mail|message)"
    r"|confidential|disclaimer|privacy\b|il\s+contenuto\s+di\s+quest|prima\s+di\s+stampare|"
    r"please\s+consider|rispetta\s+l.ambiente)",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"\s*(?:p\.?\s?s\.?|n\.?\s?b\.?|post\s+scriptum)\s*[:.\-–]?\s", re.IGNORECASE)
_CONTACT = re.compile(
    r"\b(?:tel|cell|mob|mobile|fax|phone|p\.?\s?iva|partita iva|c\.?f)\b\s*[.:]?\s*[+\d(]|\+39[\s\d]|"
    r"\bwww\.|\S@\S+\.\w"
    r"|\b(?:via|viale|piazza|corso|largo)\s+[A-Z][\w.' ]{2,40},?\s*\d|\b3\d\d[\s./-]?\d{6,7}\b",
)
_CLOSING_LENGTH = 120
_HEADER_REACH = 6


def foreign_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return the numbers of the lines that the sender did not write.

    >>> sorted(foreign_lines(["Confermo.", "Il giorno 3 nov Giulia ha scritto:", "> proposta"]))
    [1, 2]
    """
    foreign: set[int] = set()
    number = 0
    while number < len(lines):
        ends_at = _foreign_until(lines, number)
        if ends_at is None:
            number += 1
            continue
        foreign.update(range(number, ends_at))
        number = ends_at
    return frozenset(foreign | _contact_block(lines, foreign))


def _foreign_until(lines: Sequence[str], number: int) -> int | None:
    """Return the end of the foreign lines that begin here, if any."""
    line = lines[number]
    if _QUOTE.match(line):
        return _end_of_quote(lines, number)
    if after := _end_of_attribution(lines, number):
        return _end_of_answered(lines, after)
    if _SEPARATOR.match(line) or _opens_headers(lines, number):
        return len(lines)
    if _opens_signature(lines, number):
        return _end_of_signature(lines, number)
    return None


def _end_of_quote(lines: Sequence[str], number: int) -> int:
    """Return the end of quoted lines, with what a mail client wrapped off them: all lines up to a blank one."""
    while number < len(lines) and lines[number].strip():
        number += 1
    return number


def _end_of_attribution(lines: Sequence[str], number: int) -> int | None:
    """Return the line after *Il giorno ... ha scritto:*, which clients wrap into up to three lines."""
    if not _ATTRIBUTION_START.match(lines[number][:200]):
        return None
    for count in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[number : number + count])
        if len(joined) > 300:
            return None
        if _ATTRIBUTION_END.search(joined):
            return number + count
    return None


def _end_of_answered(lines: Sequence[str], number: int) -> int:
    """Return the end of the quotation below an attribution: its marked lines, or everything if none is marked."""
    first = _skip_blank(lines, number)
    if first < len(lines) and _QUOTE.match(lines[first]):
        return _end_of_quote(lines, first)
    return len(lines)


def _opens_headers(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if _HEADERS_IN_A_LINE.match(line[:600]):
        return True
    following = [one for one in lines[number + 1 : number + 1 + 2 * _HEADER_REACH] if one.strip()]
    if _RULE.match(line):
        return any(_FROM.match(one) for one in following[:2])
    headers = sum(1 for one in following[:_HEADER_REACH] if _HEADER.match(one))
    return bool(_FROM.match(line)) and headers >= 1 and (headers >= 2 or bool(_HEADER.match(following[0])))


def _opens_signature(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if _SIGNATURE_RULE.match(line):
        return number > 0
    if len(line) <= _CLOSING_LENGTH and _CLOSING.match(line):
        return True
    if _THANKS.match(line):
        return any(one.strip() for one in lines[:number])
    return bool(_DEVICE.match(line) or _LEGAL.match(line))


def _end_of_signature(lines: Sequence[str], number: int) -> int:
    """Return the end of a signature: a postscript, or the end of the text."""
    for later in range(number + 1, len(lines)):
        if _POSTSCRIPT.match(lines[later]):
            return later
    return len(lines)


def _contact_block(lines: Sequence[str], foreign: set[int]) -> set[int]:
    """Return the last paragraph if it holds telephone numbers or addresses and is not the only one."""
    own = [number for number in range(len(lines)) if number not in foreign]
    while own and not lines[own[-1]].strip():
        own.pop()
    block: set[int] = set()
    while own and lines[own[-1]].strip():
        block.add(own.pop())
    stands_alone = not any(lines[number].strip() for number in own)
    return set() if stands_alone or len(block) < 2 or not _has_contact(lines, block) else block


def _has_contact(lines: Sequence[str], block: set[int]) -> bool:
    return any(_CONTACT.search(lines[number][:300]) for number in block)


def _skip_blank(lines: Sequence[str], number: int) -> int:
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number
