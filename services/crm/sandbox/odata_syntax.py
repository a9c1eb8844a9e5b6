"""The grammar of `$filter` and `$orderby`: text in, a tree out (§2.0)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.crm.sandbox.values import read_instant

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_DEEPEST = 60

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>[(),])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)


class ODataError(Exception):
    """A filter or an order that cannot be understood, or that is not allowed."""


@dataclass(frozen=True)
class Literal:
    value: str | float | int | bool | datetime | None


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Negation:
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Junction:
    """Conditions joined by `and` or by `or`; kept flat, because a client may list hundreds of ids."""

    operator: str
    parts: tuple["Node", ...]


Node = Literal | Name | Call | Negation | Binary | Junction


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


def parse_filter(text: str, zone: ZoneInfo) -> Node:
    """Read a filter; raises ODataError with the place of the first error."""
    parser = _Parser(tokens_of(text), zone)
    node = parser.disjunction()
    parser.expect("end", "")
    return node


def parse_order(text: str) -> list[tuple[str, bool]]:
    """Read `name [asc|desc], ...` as names with whether they descend.

    >>> parse_order("closeDate desc, id")
    [('closeDate', True), ('id', False)]
    """
    order = []
    for part in text.split(","):
        words = part.split()
        if len(words) not in (1, 2) or words[1:] not in ([], ["asc"], ["desc"]):
            raise ODataError(f"Cannot order by '{part.strip()}'.")
        order.append((words[0], words[1:] == ["desc"]))
    return order


def tokens_of(text: str) -> list[Token]:
    """Cut a filter into tokens, the last of which is the end."""
    tokens: list[Token] = []
    position = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ODataError(f"Syntax error at position {position} of the filter.")
        tokens.append(Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent, loosest first: or, and, comparison, sum, product, unary, primary."""

    def __init__(self, tokens: list[Token], zone: ZoneInfo) -> None:
        self._tokens = tokens
        self._zone = zone
        self._position = 0
        self._depth = 0

    def disjunction(self) -> Node:
        self._depth += 1
        self._refuse_beyond(self._depth)
        node = self._junction("or", self._conjunction)
        self._depth -= 1
        return node

    def expect(self, kind: str, text: str) -> None:
        token = self._take()
        if token != Token(kind, text):
            raise ODataError(f"Syntax error in the filter near '{token.text}'.")

    @staticmethod
    def _refuse_beyond(depth: int) -> None:
        if depth > _DEEPEST:
            raise ODataError("The filter is nested too deeply.")

    def _conjunction(self) -> Node:
        return self._junction("and", self._comparison)

    def _junction(self, operator: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._at({operator}):
            self._take()
            parts.append(part())
        return Junction(operator, tuple(parts)) if len(parts) > 1 else parts[0]

    def _comparison(self) -> Node:
        left = self._sum()
        if not self._at(COMPARISONS):
            return left
        return Binary(self._take().text, left, self._sum())

    def _sum(self) -> Node:
        return self._chain({"add", "sub"}, self._product)

    def _product(self) -> Node:
        return self._chain({"mul", "div", "mod"}, self._unary)

    def _chain(self, operators: set[str], part: Callable[[], Node]) -> Node:
        node, length = part(), 1
        while self._at(operators):
            node, length = Binary(self._take().text, node, part()), length + 1
            self._refuse_beyond(length)
        return node

    def _unary(self) -> Node:
        negations = 0
        while self._at({"not"}):
            self._take()
            negations += 1
        node = self._primary()
        return Negation(node) if negations % 2 else node

    def _primary(self) -> Node:
        token = self._take()
        if token == Token("sign", "("):
            node = self.disjunction()
            self.expect("sign", ")")
            return node
        if token.kind == "name":
            return self._named(token.text)
        return self._literal(token)

    def _named(self, name: str) -> Node:
        constants = {"true": True, "false": False, "null": None}
        if name in constants:
            return Literal(constants[name])
        if self._peek() != Token("sign", "("):
            return Name(name)
        self._take()
        return Call(name, self._arguments())

    def _arguments(self) -> tuple[Node, ...]:
        arguments = [self.disjunction()]
        while self._peek() == Token("sign", ","):
            self._take()
            arguments.append(self.disjunction())
        self.expect("sign", ")")
        return tuple(arguments)

    def _literal(self, token: Token) -> Literal:
        if token.kind == "text":
            return Literal(token.text[1:-1].replace("''", "'"))
        if token.kind == "number":
            return Literal(float(token.text) if "." in token.text else int(token.text))
        instant = read_instant(token.text, self._zone) if token.kind == "date" else None
        if instant is None:
            raise ODataError(f"Syntax error in the filter near '{token.text}'.")
        return Literal(instant)

    def _at(self, words: set[str] | frozenset[str]) -> bool:
        token = self._peek()
        return token.kind == "name" and token.text in words

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._tokens[self._position]
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token
