"""Random queries over the whole schema, with random arguments and variables."""

from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from resolvers.reads.fields import ReadField
from resolvers.reads.roots import root_source_of
from resolvers.reads.row_types import row_types
from resolvers.reads.sources import ComputedSource, RelationSource, link_of, order_by
from schema import schema
from services.reads import Order
from services.reads.cursors import name_of

DEEPEST = 5
OF_PAGES = ("first", "last")
PREFIXES = {
    "company": "cmp",
    "owner": "opr",
    "assignee": "opr",
    "operator": "opr",
    "kit": "kit",
    "service": "srv",
    "milestone": "mil",
    "opportunity": "opp",
    "entity": "tsk",
    "ticket": "tck",
    "tree": "tck",
    "parent": "tck",
    "stream": "tck",
}
"""Which rows an argument means, by a word in its name."""


@dataclass
class Known:
    """What arguments may name: rows by their ids and codes, and places in lists."""

    ids: Sequence[str]
    codes: Sequence[str]
    cursors: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By the name of the order that they belong to."""

    def learn(self, answer: Any) -> None:
        """Keep the cursors of an answer."""
        match answer:
            case dict():
                for name, one in answer.items():
                    if "ursor" in name and isinstance(one, str) and "_" not in one[:4]:
                        self.cursors[_order_in(one)].append(one)
                    self.learn(one)
            case list():
                for one in answer:
                    self.learn(one)


def _order_in(cursor: str) -> str:
    return str(orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0])


@dataclass
class RandomDocument:
    """Writes one query. With `everything`, fields that only functions can fill are selected, too.

    `links` says whether a field in it leads to a row by its id.
    """

    random: Random
    known: Known
    everything: bool
    variables: dict[str, Any] = field(default_factory=dict)
    links: bool = False
    _declared: list[str] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _aliases: int = 0

    def text(self) -> str:
        query = schema._schema.query_type
        roots = [
            self._field(query, self._root_name(query), 0) for _ in range(self.random.choice([1, 1, 2, 3]))
        ]
        return self._operation("query", " ".join(roots))

    def mutation(self, call: str, field: str, type_name: str) -> str:
        """Return a mutation whose payload shows a row of this type in this field."""
        selection = self._selection(schema._schema.type_map[type_name], 1)
        return self._operation("mutation", f"{call} {{ {field} {selection} }}")

    def subscription(self, call: str, groups: str) -> str:
        """Return a subscription that shows rows of every type in a type of groups."""
        rows = " ".join(
            f"{name} {self._selection(get_named_type(one.type), 1)}"
            for name, one in schema._schema.type_map[groups].fields.items()
        )
        return self._operation("subscription", f"{call} {{ state rows {{ {rows} }} }}")

    def _operation(self, kind: str, inside: str) -> str:
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        return " ".join([f"{kind} Any{declared} {{ {inside} }}", *self._fragments])

    def _root_name(self, query: Any) -> str:
        names = [
            name
            for name, one in query.fields.items()
            if root_source_of(one.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]) is not None
        ]
        return self.random.choice(names)

    def _selection(self, graphql_type: Any, depth: int) -> str:
        if not isinstance(graphql_type, GraphQLObjectType) and not self.random.randrange(4):
            return "{ __typename }"
        if not isinstance(graphql_type, GraphQLObjectType):
            possible = list(schema._schema.get_possible_types(graphql_type))
            shown = self.random.sample(possible, min(3, len(possible)))
            return "{ " + " ".join(f"... on {one.name} {self._selection(one, depth)}" for one in shown) + " }"
        names = self._names(graphql_type, depth)
        count = self.random.randint(1, 5)
        chosen = [self._field(graphql_type, self.random.choice(names), depth) for _ in range(count)]
        if graphql_type.interfaces and not self.random.randrange(3):
            interface = self.random.choice(list(graphql_type.interfaces))
            chosen.append(f"... on {interface.name}{self._directives()} {{ __typename }}")
        inside = " ".join(chosen)
        match self.random.randrange(6):
            case 0:
                return f"{{ __typename ... on {graphql_type.name} {{ {inside} }} }}"
            case 1:
                name = f"F{len(self._fragments)}"
                self._fragments.append(f"fragment {name} on {graphql_type.name} {{ {inside} }}")
                return f"{{ ...{name}{self._directives()} __typename }}"
            case 2:
                return f"{{ ...{self._directives()} {{ {inside} }} __typename }}"
        return f"{{ {inside} }}"

    def _names(self, graphql_type: Any, depth: int) -> list[str]:
        """The fields to choose from. Deep down, only those without fields of their own."""
        names = ["__typename"]
        rows = row_types(schema).get(graphql_type.name)
        for name, one in graphql_type.fields.items():
            if is_composite_type(get_named_type(one.type)) and depth >= DEEPEST:
                continue
            declared = one.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            source = rows.fields[name].source if rows else None
            paged = isinstance(source, RelationSource) and source.paged
            read = isinstance(declared, ReadField) and not paged and link_of(declared) is None
            by_function = isinstance(source, ComputedSource) or read
            unusual = "JSON" in str(one.type)
            if self.everything or not (by_function or unusual):
                names.append(name)
        return names

    def _field(self, parent: Any, name: str, depth: int) -> str:
        if name == "__typename":
            return (
                f"t{self._next()}: __typename"
                if self._aliases < 25 and not self.random.randrange(3)
                else name
            )
        graphql_field = parent.fields[name]
        declared = graphql_field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        self.links = self.links or (declared is not None and link_of(declared) is not None)
        arguments = self._arguments(parent, name, graphql_field)
        kind = get_named_type(graphql_field.type)
        below = f" {self._selection(kind, depth + 1)}" if is_composite_type(kind) else ""
        alias = ""
        if self._aliases < 25 and (arguments or not self.random.randrange(6)):
            alias = f"a{self._next()}: "
        return f"{alias}{name}{arguments}{self._directives()}{below}"

    def _next(self) -> int:
        self._aliases += 1
        return self._aliases

    def _directives(self) -> str:
        match self.random.randrange(14):
            case 0:
                return f" @include(if: {self._condition()})"
            case 1:
                return f" @skip(if: {self._condition()})"
        return ""

    def _condition(self) -> str:
        value = self.random.random() < 0.6
        return self._variable("Boolean!", value) if self.random.random() < 0.7 else str(value).lower()

    def _variable(self, graphql_type: str, value: Any) -> str:
        name = f"v{len(self._declared)}"
        self._declared.append(f"${name}: {graphql_type}")
        self.variables[name] = value
        return f"${name}"

    def _arguments(self, parent: Any, name: str, graphql_field: Any) -> str:
        chosen = {}
        values: dict[str, Any] = {}
        for one, argument in graphql_field.args.items():
            if is_required_argument(argument) or self.random.random() < self._share(one):
                chosen[one] = argument
        if set(graphql_field.args) == {"id", "code"}:
            key = self.random.choice(("id", "code"))
            chosen = {key: graphql_field.args[key]}
        if "first" in chosen and "last" in chosen and self.random.random() < 0.95:
            del chosen["last"]
        if "id" in chosen and (rows := row_types(schema).get(get_named_type(graphql_field.type).name)):
            values["id"] = self._id(rows.model.prefix)
        if "after" in chosen or "before" in chosen:
            if "orderBy" in graphql_field.args:
                chosen["orderBy"] = graphql_field.args["orderBy"]
                kind = get_nullable_type(graphql_field.args["orderBy"].type)
                values["orderBy"] = self.random.choice(list(kind.values))
                order = order_by(str(kind.values[values["orderBy"]].value))
            else:
                rows = row_types(schema).get(parent.name)
                source = rows.fields[name].source if rows else None
                order = source.order if isinstance(source, RelationSource) else order_by("-id")
            values["after"], values["before"] = self._cursor(order), self._cursor(order)
        for one, argument in chosen.items():
            if one not in values:
                values[one] = self._page_value() if one in OF_PAGES else self._value(argument.type, one, 0)
        written = [f"{one}: {self._argument(values[one], argument)}" for one, argument in chosen.items()]
        return f"({', '.join(written)})" if written else ""

    def _share(self, name: str) -> float:
        return {"first": 0.7, "last": 0.2, "after": 0.25, "before": 0.15, "filter": 0.5}.get(name, 0.5)

    def _argument(self, value: Any, argument: Any) -> str:
        if self.random.random() < 0.5:
            return self._variable(str(argument.type), value)
        return self._literal(value, argument.type)

    def _page_value(self) -> Any:
        return self.random.choice([1, 2, 3, 5, 25, None] if self.random.random() < 0.97 else [0, 101, 100])

    def _cursor(self, order: Order) -> str | None:
        cursors = self.known.cursors[name_of(order)][-20:]
        return self.random.choice([*cursors, None] if self.random.random() < 0.95 else ["nonsense"])

    def _id(self, prefix: str | None) -> str:
        fitting = [one for one in self.known.ids if prefix is None or one.startswith(prefix)]
        return self.random.choice(fitting) if fitting and self.random.random() < 0.97 else "nonsense"

    def _value(self, graphql_type: Any, name: str, depth: int) -> Any:
        if not isinstance(graphql_type, GraphQLNonNull) and self.random.random() < 0.05:
            return None
        kind = get_nullable_type(graphql_type)
        if is_list_type(kind):
            return [self._value(kind.of_type, name, depth + 1) for _ in range(self.random.randint(0, 3))]
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            names = [one for one in kind.fields if depth < 2 or one not in ("and", "or", "not")]
            chosen = self.random.sample(names, min(len(names), self.random.choice([1, 1, 2])))
            return {one: self._value(kind.fields[one].type, one, depth + 1) for one in chosen}
        return self._scalar(kind.name, name)

    def _scalar(self, kind: str, name: str) -> Any:
        random = self.random
        match kind:
            case "ID":
                return self._id(
                    next((prefix for word, prefix in PREFIXES.items() if word in name.lower()), None)
                )
            case "Int":
                return random.choice([-3, 0, 1, 5, 2_000_000_000])
            case "Boolean":
                return random.random() < 0.5
            case "Date":
                return random.choice(["0001-01-01", "2026-11-23", "2026-11-24", "9999-12-31"])
            case "DateTime":
                return random.choice(
                    ["2026-11-23T09:30:00Z", "2026-11-23T11:31:00.12+02:00", "0001-01-01T00:00:00Z"]
                )
        return random.choice([*self.known.codes, "perché", "'", '"', "\\", "%", "a"])

    def _literal(self, value: Any, graphql_type: Any) -> str:
        kind = get_nullable_type(graphql_type)
        match value:
            case None:
                return "null"
            case bool():
                return str(value).lower()
            case int():
                return str(value)
            case list():
                return f"[{', '.join(self._literal(one, kind.of_type) for one in value)}]"
            case dict():
                inside = (
                    f"{name}: {self._literal(one, kind.fields[name].type)}" for name, one in value.items()
                )
                return f"{{{', '.join(inside)}}}"
        if isinstance(kind, GraphQLEnumType):
            return str(value)
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
