"""Values that an argument cannot have are refused before anything runs, each with its path."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_non_null_type,
    type_from_ast,
)
from graphql.utilities.validate_input_value import validate_input_value
from strawberry.extensions import SchemaExtension

from resolvers.errors import BadUserInput
from resolvers.reads.selections import children
from services.texts import is_storable

Path = tuple[str, ...]


class ArgumentValues(SchemaExtension):
    """Refuses an operation with a variable of another type, or with a text that no database can hold."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is not None and not context.pre_execution_errors:
            paths, variables = list(paths_of(document)), context.variables or {}
            operation = _chosen(document, context._provided_operation_name)
            found = dict.fromkeys(_unfit_variables(context.schema._schema, operation, variables, paths))
            found |= dict.fromkeys(_unstorable(paths, variables))
            context.pre_execution_errors = [refusal(path, message) for path, message in found]
        yield


def refusal(path: Path, message: str) -> GraphQLError:
    return BadUserInput(path[0] if path else "", message, path=path)


def path_of_value(document: DocumentNode, error: GraphQLError) -> Path | None:
    """Return the path to the value that an error of validation is about. None: it is not about a value."""
    node = error.nodes[0] if error.nodes else None
    if not isinstance(node, ValueNode | ObjectFieldNode) or isinstance(node, VariableNode):
        return None
    # The error may hold a copy of the node, with or without its place.
    alike = (
        path
        for one, path in paths_of(document)
        if one.kind == node.kind and (node.loc is None or one.loc == node.loc)
    )
    return next(alike, None)


def paths_of(document: DocumentNode) -> Iterator[tuple[Node, Path]]:
    """Yield every node with the names and indexes that lead to it from its argument, or from its variable."""
    waiting: list[tuple[Node, Path]] = [(document, ())]
    while waiting:
        node, path = waiting.pop()
        match node:
            case FieldNode():
                path = ()
            case ArgumentNode(name=name) | ObjectFieldNode(name=name):
                path = (*path, name.value)
            case VariableDefinitionNode(variable=variable, default_value=default):
                waiting.extend([(default, (variable.name.value,))] if default else ())
                continue
        yield node, path
        in_list = isinstance(node, ListValueNode)
        waiting.extend(
            (child, (*path, str(index)) if in_list else path) for index, child in enumerate(children(node))
        )


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return next((one for one in operations if name is None or (one.name and one.name.value == name)), None)


def _unfit_variables(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode | None,
    given: Mapping[str, Any],
    paths: list[tuple[Node, Path]],
) -> Iterator[tuple[Path, str]]:
    """Yield the arguments whose variables do not have the declared type, each with what is wrong."""
    for definition in operation.variable_definitions or () if operation else ():
        name = definition.variable.name.value
        kind: Any = type_from_ast(schema, definition.type)
        if kind is None or (name not in given and (definition.default_value or not is_non_null_type(kind))):
            continue
        argument = next(
            (path for node, path in paths if isinstance(node, VariableNode) and node.name.value == name),
            (name,),
        )
        if name not in given:
            yield argument, f"The variable ${name} is missing."
            continue
        for below, message in _mistakes(given[name], kind):
            yield (*argument, *below), message


def _mistakes(value: Any, kind: GraphQLInputType) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []

    def note(error: GraphQLError, path: list[str | int]) -> None:
        found.append((tuple(map(str, path)), error.message))

    try:
        validate_input_value(value, kind, note, hide_suggestions=False)
    except RecursionError:
        return [((), "The value is nested too deeply.")]
    return found


def _unstorable(paths: list[tuple[Node, Path]], variables: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for node, path in paths:
        match node:
            case VariableNode(name=name):
                found = list(_in_value(variables.get(name.value), path))
            case StringValueNode(value=text) if not is_storable(text):
                found = [path]
            case _:
                continue
        for one in found:
            yield one, "A text cannot hold the character NUL or half a surrogate pair."


def _in_value(value: object, path: Path) -> Iterator[Path]:
    """The path of every such text inside a variable's value, which may be nested deeper than Python can recurse."""
    waiting: list[tuple[object, Path]] = [(value, path)]
    while waiting:
        value, path = waiting.pop()
        match value:
            case str() if not is_storable(value):
                yield path
            case list():
                waiting.extend((one, (*path, str(index))) for index, one in enumerate(value))
            case dict():
                waiting.extend((one, (*path, str(name))) for name, one in value.items())
