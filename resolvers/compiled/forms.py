"""How a value has to be written for its type in the schema."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLEnumType, GraphQLNonNull, is_list_type

from models.identity import Row
from resolvers.compiled.refusals import NotCompilable
from services.reads import Expression
from services.reads.columns import value_type
from services.reads.compiled import Form, Kind

_KINDS: dict[tuple[str, type], Kind] = {
    ("ID", str): Kind.TEXT,
    ("ID", int): Kind.NUMBER_AS_TEXT,
    ("String", str): Kind.TEXT,
    ("Int", int): Kind.WHOLE,
    ("Float", float): Kind.FRACTION,
    ("Boolean", bool): Kind.TRUTH,
    ("Decimal", Decimal): Kind.DECIMAL,
    ("Date", date): Kind.DAY,
    ("DateTime", datetime): Kind.INSTANT,
}
_ENTRIES = {"ID": Kind.TEXT, "String": Kind.TEXT, "Int": Kind.WHOLE}
_WORD = re.compile(r"[A-Za-z0-9_.]+")


def form_of(graphql_type: Any, source: str | Expression, model: type[Row], place: str) -> Form:
    """Return the form of a column or an expression in a field of this type."""
    named = _nullable(graphql_type)
    if is_list_type(named):
        if not isinstance(source, str) or value_type(model, source) != dict | list:
            raise NotCompilable("form", place)
        return Form(Kind.LIST, entries=_entries(named.of_type, place))
    if isinstance(source, Expression):
        stored: Any = source.returns
        if stored is Decimal:
            # SQLite computes with floating point, and only Python's own text of the result is the right one.
            raise NotCompilable("form", place)
    else:
        stored = value_type(model, source)
    if isinstance(named, GraphQLEnumType) and stored is str:
        return _words(named, place)
    kind = _KINDS.get((named.name, stored))
    if kind is None:
        raise NotCompilable("form", place)
    return Form(kind)


def _entries(graphql_type: Any, place: str) -> Form:
    if not isinstance(graphql_type, GraphQLNonNull):
        raise NotCompilable("form", place)
    named: Any = graphql_type.of_type
    if isinstance(named, GraphQLEnumType):
        return _words(named, place)
    kind = _ENTRIES.get(getattr(named, "name", ""))
    if kind is None:
        raise NotCompilable("form", place)
    return Form(kind)


def _words(enumeration: GraphQLEnumType, place: str) -> Form:
    words = tuple((str(value.value), name) for name, value in enumeration.values.items())
    if not all(_WORD.fullmatch(stored) for stored, _ in words):
        raise NotCompilable("form", place)
    return Form(Kind.WORD, words=words)


def _nullable(graphql_type: Any) -> Any:
    return graphql_type.of_type if isinstance(graphql_type, GraphQLNonNull) else graphql_type
