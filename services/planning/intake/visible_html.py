"""The visible text of an HTML body, line by line."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

QUOTED = "\ue000"
"""Replaces blanked words of others. It ends a sentence."""


def _bag(words: str) -> frozenset[str]:
    return frozenset(words.split())


_INVISIBLE = _bag(
    """
    head title style script template noscript svg math iframe object embed select datalist canvas audio video
    """
)
_LINES = _bag(
    """
    address article aside center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header
    hr li main nav ol p pre section table tbody tfoot thead tr td th ul blockquote
    """
)
_PARAGRAPHS = _bag(
    """
    p table ul ol h1 h2 h3 h4 h5 h6 td th li hr
    """
)
_QUOTES = frozenset(("blockquote", "del", "s", "strike"))
_QUOTE_MARKS = (
    "gmail_quote",
    "gmail_signature",
    "gmail_attr",
    "moz-cite-prefix",
    "moz-signature",
    "moz-forward-container",
    "yahoo_quoted",
    "protonmail_quote",
    "protonmail_signature",
    "divrplyfwdmsg",
    "ms-outlook-mobile-signature",
    "zmail_extra",
)
_DEPTH_LIMIT = 1_000
"""The parser's time is quadratic in the nesting; no mail client nests this deep."""
_NESTING_TAG = re.compile(
    r"<(/?)(?!(?:p|br|hr|img|li|td|tr|th|meta|link|input|col|o:p)\b)[a-z]", re.IGNORECASE
)
_REST_IS_QUOTED = ("appendonsend", "divrplyfwdmsg", "mail-editor-reference-message-container")
_HIDDEN_STYLES = ("display:none", "visibility:hidden", "mso-hide:all", "font-size:0px", "font-size:0;")


def visible_lines(raw: str, *, keep_breaks: bool) -> list[tuple[str, bool]]:
    """Return each line, with whether its mark-up makes it quoted, a signature or struck out.

    `keep_breaks` keeps the line breaks of the source, for a plain text with a stray tag in it.

    >>> visible_lines("<div>Venduto<br><br>ieri</div><blockquote>proposta</blockquote>", keep_breaks=False)
    [('Venduto', False), ('', False), ('ieri', False), ('proposta', True)]
    """
    lines = _Lines(keep_breaks)
    root = LexborHTMLParser(raw).body
    if root is not None:
        lines.walk(root)
    return lines.finish()


def is_too_deep(raw: str) -> bool:
    """Return whether the elements are nested deeper than any mail client does."""
    depth = 0
    for tag in _NESTING_TAG.finditer(raw):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEPTH_LIMIT:
            return True
    return False


class _Lines:
    """Collects text line by line. The walk has its own stack, so no nesting is too deep for it."""

    def __init__(self, keep_breaks: bool) -> None:
        self._keep_breaks = keep_breaks
        self._line: list[str] = []
        self._lines: list[tuple[str, bool]] = []
        self._line_quoted = False

    def walk(self, root: LexborNode) -> None:
        quotes = 0
        stack: list[tuple[LexborNode, bool, bool]] = [(root, False, False)]
        while stack:
            node, leaving, opened_quote = stack.pop()
            tag = node.tag or ""
            if leaving:
                quotes -= opened_quote
                self._border(tag, opened_quote)
                continue
            if tag == "-text":
                self._text(node.text(deep=False) or "", quotes > 0)
                continue
            if tag in _INVISIBLE or tag.startswith(("-", "!")):
                continue
            if tag == "br":
                # On an empty line it leaves one blank, as between a text and a signature.
                self._break(blank=not "".join(self._line).strip())
                continue
            attributes = _attributes(node)
            if _is_hidden(attributes):
                continue
            marks = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()
            opens_quote = tag in _QUOTES or any(mark in marks for mark in _QUOTE_MARKS)
            self._border(tag, opens_quote)
            if any(mark in marks for mark in _REST_IS_QUOTED):
                quotes += 1
            quotes += opens_quote
            stack.append((node, True, opens_quote))
            stack.extend((child, False, False) for child in reversed(list(node.iter(include_text=True))))

    def finish(self) -> list[tuple[str, bool]]:
        self._break()
        while self._lines and not self._lines[-1][0]:
            self._lines.pop()
        return self._lines

    def _text(self, text: str, quoted: bool) -> None:
        for number, piece in enumerate(_split(text) if self._keep_breaks else (" ".join(_words(text)),)):
            if number:
                self._break()
            if quoted != self._line_quoted and "".join(self._line).strip():
                self._break()
            self._line_quoted = quoted
            self._line.append(piece)

    def _border(self, tag: str, quote: bool) -> None:
        if tag in _LINES or (quote and self._line):
            self._break(blank=tag in _PARAGRAPHS)

    def _break(self, *, blank: bool = False) -> None:
        line = "".join(self._line)
        line = line.strip() if not self._keep_breaks else line
        if line.strip() or self._keep_breaks:
            self._lines.append((line, self._line_quoted))
        if blank and self._lines and self._lines[-1][0]:
            self._lines.append(("", False))
        self._line = []


def _words(text: str) -> Iterator[str]:
    """Yield the text with white space collapsed as in a browser; hard spaces are kept."""
    pieces = re.split("[ \t\r\n]", text)
    yield pieces[0]
    for number, piece in enumerate(pieces[1:], 1):
        if piece or number == len(pieces) - 1:
            yield piece


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name.lower(): value or "" for name, value in node.attributes.items()}


def _is_hidden(attributes: dict[str, str]) -> bool:
    style = attributes.get("style", "").replace(" ", "").lower()
    return "hidden" in attributes or any(one in style for one in _HIDDEN_STYLES)
