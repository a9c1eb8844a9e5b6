"""Reads the text of a sale as a person sees it, and finds the parts that others wrote.

A CRM holds what people paste: HTML of a mail client or a word processor, whole mail threads, signatures. The shown
text keeps all visible words. The text that counts has the same length and the same offsets; links, addresses, file
names and whatever the seller did not write are blanked in it.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ftfy import fix_encoding
from ftfy.badness import is_bad

from services.planning.intake.mail_thread import foreign_lines
from services.planning.intake.visible_html import QUOTED, is_too_deep, visible_lines

RAW_LIMIT = 500_000
SHOWN_LIMIT = 50_000
"""A longer text, stored or shown, is a pasted document: nobody could mark words in it."""

OWN_TEXT_MARKER = re.compile(r"\[IH:")
BLANK = "\ufffc"
"""Replaces a blanked character. It is no letter and does not end a sentence."""

_KNOWN_TAG = re.compile(
    r"</?(?:html|body|head|p|div|br|span|font|b|i|u|s|em|strong|del|strike|a|img|table|tbody|tr|td|th|ul|ol|li|h[1-6]"
    r"|blockquote|style|script|pre|hr|o:p|center|small|big|sub|sup|section|article|title|meta|link)\b[^<>]*>"
    r"|<!--|<!doctype",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"<(?:p|div|br|table|tr|td|ul|ol|li|h[1-6]|blockquote|hr|html|body)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_TRADEMARKS = re.compile("[\u2122\u00ae\u00a9\u2120]")
_KEYCAP_PARTS = re.compile("[\ufe0e\ufe0f\u20e3]")
_SEPARATORS = re.compile("[\u200b\u2060\ufeff\u180e]")

# A run without white space is a link, an address or a file if it looks like one.
_NAMES_NOTHING = re.compile(
    r"""
      (?<!\w) (?: \w{1,20}:// | www\. | mailto: | cid: ) [^\s<>"']*
    | (?<![\w.-]) [\w-]{1,63} (?: \.[\w-]{1,63} ){1,5} / [^\s<>"']*
    | (?<![\w.@-]) [\w-]{1,63} (?: \.[\w-]{1,63} ){0,5} \. (?: it|com|net|org|eu|biz|example|cloud|test ) (?![\w-])
    | (?<![^\s<>"',;:()@]) [^\s<>"',;:()@]+ @ [^\s<>"',;:()@]+
    | (?<!\S) @ \w+
    | (?: \b[A-Za-z]: | (?<!\S) ) (?: [\\/]+ [^\s\\/<>"'|]+ ){2,}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:ics|pdf|docx?|xlsx?|pptx?|odt|ods|csv|txt|rtf|zip|rar|7z|p7m|eml|msg|png|jpe?g|gif|html?|xml|mp4|mp3|vcf)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_FILE_NAME_SIGNS = re.compile(r"[\w .()\[\]&+'’-]{0,80}\Z")
_QUOTED_FILE_NAME = re.compile(r"""[«“"][^«»“”"\n]{0,80}\Z""")
_FILE_NAME_STARTS = re.compile(
    r"\b(?:allegat[oaie]|allego|file|documento|brochure|scheda|modulo|pdf|offerta|preventivo|presentazione|listino"
    r"|contratto|catalogo|attached?|attachment|invito)\b[ :]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReadText:
    """`shown` is what a person sees. `counts` is the same text with everything blanked but the seller's own words.

    `foreign` holds the parts that others wrote: quoted mail, a signature, struck-out words. `garbled`: the text
    arrived in the wrong encoding, and `shown` is its most likely repair.
    """

    shown: str
    counts: str
    foreign: tuple[tuple[int, int], ...] = ()
    garbled: bool = False
    too_long: bool = False


TOO_LONG = ReadText("", "", too_long=True)


def read_text(raw: str) -> ReadText:
    r"""Read a text as a person sees it.

    >>> read_text("<p>Venduto lo <b>Start</b>&nbsp;Office</p>").shown
    'Venduto lo Start Office'
    >>> read_text("Confermo.\n> vi proponiamo il kit").counts.split("\n")[0]
    'Confermo.'
    """
    if len(raw) > RAW_LIMIT:
        return TOO_LONG
    is_html = bool(_KNOWN_TAG.search(raw))
    if is_html and is_too_deep(raw):
        return TOO_LONG
    lines = visible_lines(raw, keep_breaks=not _BLOCK_TAG.search(raw)) if is_html else _plain_lines(raw)
    if sum(len(line) for line, _ in lines) > SHOWN_LIMIT:
        return TOO_LONG
    garbled = False
    pieces: list[tuple[str, bool]] = []
    for line, quoted in lines:
        repaired, bad = _repair(line)
        garbled = garbled or bad
        pieces.append((_normalise(repaired), quoted))
    return replace(_without_foreign(_until_own_marker(pieces)), garbled=garbled)


def strip_own_text(text: str) -> str:
    r"""Return the text before our own notes, which must not be read as what was sold.

    >>> strip_own_text("Vendita SOD\n[IH:TCK-SOF-5155-00] Ticket creato")
    'Vendita SOD'
    """
    marker = OWN_TEXT_MARKER.search(text)
    return text[: marker.start()].rstrip() if marker else text


def _plain_lines(raw: str) -> list[tuple[str, bool]]:
    text = html.unescape(raw) if _ENTITY.search(raw) else raw
    return [(line, False) for line in re.split(r"\r\n|[\n\r\u2028\u2029\x0b\x0c]", text)]


def _repair(line: str) -> tuple[str, bool]:
    """Return the line in its own encoding, and whether it arrived in another one."""
    if line.isascii() or not is_bad(line):
        return line, "\ufffd" in line
    return fix_encoding(line), True


def _normalise(line: str) -> str:
    """Use one form for each sign: unify compatibility forms, drop invisible ones, keep zero-width spaces as spaces."""
    if line.isascii():
        return line.replace("\x00", " ")
    line = _SEPARATORS.sub(" ", _KEYCAP_PARTS.sub("", _TRADEMARKS.sub(" ", line)))
    return "".join(map(_unify, unicodedata.normalize("NFC", line)))


@lru_cache(maxsize=4096)
def _unify(character: str) -> str:
    """Return the compatibility form of a character. A letter that would decompose into a letter and a sign is kept.

    >>> _unify("ﬁ"), _unify("２"), _unify("Ŀ"), _unify("­")
    ('fi', '2', 'Ŀ', '')
    """
    if unicodedata.category(character) in ("Cf", "Cc"):
        return character if character == "\t" else ""
    unified = unicodedata.normalize("NFKC", character)
    return character if character.isalnum() and not unified.isalnum() else unified


def _until_own_marker(lines: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    kept: list[tuple[str, bool]] = []
    for line, quoted in lines:
        if OWN_TEXT_MARKER.search(line):
            return [*kept, (strip_own_text(line), quoted)]
        kept.append((line, quoted))
    return kept


def _without_foreign(lines: list[tuple[str, bool]]) -> ReadText:
    foreign_numbers = foreign_lines([line for line, _ in lines])
    counts: list[str] = []
    foreign: list[tuple[int, int]] = []
    position = 0
    for number, (line, quoted) in enumerate(lines):
        if quoted or number in foreign_numbers:
            counts.append(QUOTED * len(line))
            foreign.append((position, position + len(line)))
        else:
            counts.append(_blank_what_names_nothing(line))
        position += len(line) + 1
    return ReadText("\n".join(line for line, _ in lines), "\n".join(counts), tuple(foreign))


def _blank_what_names_nothing(line: str) -> str:
    line = _NAMES_NOTHING.sub(lambda found: BLANK * len(found[0]), line)
    pieces: list[str] = []
    done = 0
    for ending in _FILE.finditer(line):
        start = max(done, _start_of_file_name(line, ending.start()))
        pieces += (line[done:start], BLANK * (ending.end() - start))
        done = ending.end()
    return "".join((*pieces, line[done:]))


def _start_of_file_name(line: str, end: int) -> int:
    """Return where the file name that ends here begins: at a quote, after a word such as *allegato*, or a sign."""
    before = line[max(0, end - 90) : end]
    offset = end - len(before)
    if quotation := _QUOTED_FILE_NAME.search(before):
        return offset + quotation.start()
    signs = _FILE_NAME_SIGNS.search(before)
    start = signs.start() if signs else len(before)
    words = [*_FILE_NAME_STARTS.finditer(before, start)]
    if words:
        return offset + words[0].start()
    last_space = before.rfind(" ")
    return offset + max(start, last_space + 1)
