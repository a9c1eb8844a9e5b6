"""A query as one statement, and what each request asks of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import FieldNode, GraphQLField, get_named_type
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from resolvers.compiled.documents import Chosen
from resolvers.compiled.pages import page_members, row_type_of_page
from resolvers.compiled.refusals import NotCompilable
from resolvers.compiled.rows import RowShapes
from resolvers.reads.fields import Arguments
from resolvers.reads.operation import ReadContext
from resolvers.reads.paging import page_request
from resolvers.reads.roots import NodeRoot, PageRoot, RowRoot, root_source_of
from resolvers.reads.row_types import BoundField, RowType
from resolvers.reads.rows import key_of_row, row_type_of
from resolvers.reads.selections import Selection, arguments_of
from resolvers.reads.sources import RelationSource
from services.reads import EVERYTHING, Compare
from services.reads.compiled import Asked, Constant, PageShape, Root, Sought, Statement
from services.vocabulary import Role

Ask = Callable[[VariableValues, ReadContext], Asked]
NodeRoots = Sequence[tuple[GraphQLField, FieldNode]]


@dataclass(eq=False)
class Compiled:
    """One operation as one statement. `asks` make of a request what it asks of each root and page."""

    statement: Statement
    asks: Sequence[Ask]
    fields: int

    def asked(self, variables: VariableValues, context: ReadContext) -> Mapping[int, Asked]:
        """Return what a request asks. Raise a `GraphQLError` for arguments that have to be refused."""
        return {number: ask(variables, context) for number, ask in enumerate(self.asks)}


def compile_operation(
    schema: strawberry.Schema, chosen: Chosen, variables: VariableValues, viewer: Role
) -> Compiled:
    """Compile an operation for callers of a role.

    Of the variables, only those in `@skip` and `@include` and the type in the id of a node make a difference.
    """
    return _Compiler(schema, chosen, variables, viewer).compiled()


def node_roots(schema: strawberry.Schema, chosen: Chosen, variables: VariableValues) -> NodeRoots:
    """Return the roots of an operation that ask for nodes, in their order."""
    query = _query(schema)
    selection = Selection(schema, (), chosen.fragments, variables.coerced)
    found = selection.by_key([chosen.operation.selection_set], frozenset({query.name})).values()
    asked = ((query.fields.get(nodes[0].name.value), nodes[0]) for nodes in found)
    return tuple(
        (root, node) for root, node in asked if root and isinstance(root_source_of(_declared(root)), NodeRoot)
    )


def node_types(schema: strawberry.Schema, roots: NodeRoots, variables: VariableValues) -> tuple[str, ...]:
    """Return the types of the nodes that a request asks these roots for."""
    return tuple(_node_type(schema, root, node, variables).name for root, node in roots)


@dataclass
class _Compiler:
    schema: strawberry.Schema
    chosen: Chosen
    variables: VariableValues
    viewer: Role
    asks: list[Ask] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.selection = Selection(self.schema, (), self.chosen.fragments, self.variables.coerced)
        self.rows = RowShapes(self.selection, self.viewer, self._page_below)

    def compiled(self) -> Compiled:
        roots = list(self._roots())
        return Compiled(Statement(roots), self.asks, self.rows.fields)

    def _roots(self) -> Iterator[tuple[str, Root]]:
        query = _query(self.schema)
        sets = [self.chosen.operation.selection_set]
        for key, nodes in self.selection.by_key(sets, frozenset({query.name})).items():
            name = nodes[0].name.value
            if name == "__typename":
                yield key, Constant(f'"{query.name}"')
            elif name in query.fields:
                yield key, self._root(query.fields[name], nodes)
            else:
                raise NotCompilable("function", name)

    def _root(self, graphql_field: GraphQLField, nodes: Sequence[FieldNode]) -> Root:
        declared = _declared(graphql_field)
        sets = [node.selection_set for node in nodes]
        match root_source_of(declared):
            case PageRoot() as root:
                return self._page(graphql_field, root, nodes)
            case RowRoot() as root:
                row_type = self.rows.row_type(get_named_type(graphql_field.type).name)
                number = self._number(self._ask_row(graphql_field, nodes[0], root, row_type))
                return Sought(number, self.rows.shape(row_type, sets))
            case NodeRoot():
                row_type = self.rows.row_type(
                    _node_type(self.schema, graphql_field, nodes[0], self.variables).name
                )
                number = self._number(self._ask_node(graphql_field, nodes[0]))
                return Sought(number, self.rows.shape(row_type, sets))
            case _:
                raise NotCompilable("function", f"Query.{nodes[0].name.value}")

    def _number(self, ask: Ask) -> int:
        self.asks.append(ask)
        return len(self.asks) - 1

    def _page(self, graphql_field: GraphQLField, root: PageRoot, nodes: Sequence[FieldNode]) -> PageShape:
        connection: Any = get_named_type(graphql_field.type)
        row_type = row_type_of_page(connection, self.rows)

        def ask(variables: VariableValues, context: ReadContext) -> Asked:
            arguments = _arguments(self.schema, graphql_field, nodes[0], variables)
            where, order = root.where(context, arguments), root.order(arguments)
            return Asked(where, order, page_request(arguments, order, row_type.model, counted=False))

        number = self._number(ask)
        members = page_members(connection, row_type, nodes, self.selection, self.rows)
        return PageShape(number, row_type.model, members, self.rows.visible(row_type))

    def _page_below(
        self, above: RowType, field: BoundField, source: RelationSource, nodes: Sequence[FieldNode]
    ) -> PageShape:
        if source.where:
            raise NotCompilable("function", f"{above.name}.{field.attribute}")
        parent: Any = self.schema._schema.type_map[above.name]
        connection: Any = get_named_type(parent.fields[nodes[0].name.value].type)
        row_type = row_type_of_page(connection, self.rows)

        def ask(variables: VariableValues, _context: ReadContext) -> Asked:
            arguments = arguments_of(nodes[0], variables.coerced)
            request = page_request(arguments, source.order, row_type.model, counted=False)
            return Asked(source.narrowed(arguments) if source.narrowed else EVERYTHING, source.order, request)

        number = self._number(ask)
        members = page_members(connection, row_type, nodes, self.selection, self.rows)
        where = self.rows.visible(row_type)
        return PageShape(number, row_type.model, members, where, source.ours, source.theirs)

    def _ask_row(self, graphql_field: GraphQLField, node: FieldNode, root: RowRoot, row_type: RowType) -> Ask:
        def ask(variables: VariableValues, _context: ReadContext) -> Asked:
            arguments = _arguments(self.schema, graphql_field, node, variables)
            column, value = key_of_row(root, arguments, row_type, self.schema)
            return Asked(Compare(column, "eq", value))

        return ask

    def _ask_node(self, graphql_field: GraphQLField, node: FieldNode) -> Ask:
        def ask(variables: VariableValues, _context: ReadContext) -> Asked:
            arguments = _arguments(self.schema, graphql_field, node, variables)
            return Asked(Compare("id", "eq", arguments["id"]))

        return ask


def _query(schema: strawberry.Schema) -> Any:
    return schema._schema.query_type


def _declared(graphql_field: GraphQLField) -> StrawberryField:
    declared: StrawberryField = graphql_field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    return declared


def _node_type(
    schema: strawberry.Schema, graphql_field: GraphQLField, node: FieldNode, variables: VariableValues
) -> RowType:
    arguments = _arguments(schema, graphql_field, node, variables)
    return row_type_of(arguments["id"], schema, argument="id")


def _arguments(
    schema: strawberry.Schema, graphql_field: GraphQLField, node: FieldNode, variables: VariableValues
) -> Arguments:
    """Return the arguments of a root field as its resolver would get them."""
    given = get_argument_values(graphql_field, node, variables)
    return convert_arguments(
        given,
        _declared(graphql_field).arguments,
        scalar_registry=schema.schema_converter.scalar_registry,
        config=schema.config,
    )
