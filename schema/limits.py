"""How large a document may be, checked in one walk before anything looks at what it means."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)
from graphql.validation import ASTValidationRule, specified_rules
from strawberry.extensions import MaxTokensLimiter, SchemaExtension
from strawberry.schema.schema import validate_document

from resolvers.reads.documents import Prepared
from resolvers.reads.selections import children
from schema.argument_values import path_of_value, refusal
from schema.execution import DOCUMENTS, KnownDocuments, chosen_operation_errors

MAX_TOKENS = 2000
MAX_DEPTH = 15
MAX_FIELDS = 2000
MAX_ALIASES = 30
MAX_REPEATS = 20
MAX_DIRECTIVES = 8
MAX_FRAGMENTS = 50
MAX_OPERATIONS = 10
MAX_VARIABLES = 100


class LimitExceeded(GraphQLError):
    """The document asks for more of something than any honest one does."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"Too much: at most {most} {what}.", extensions={"code": "LIMIT_EXCEEDED"})


class LimitedValidation(SchemaExtension):
    """Checks a document's size, then its meaning, and keeps the verdict with the document."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document, text = context.graphql_document, context.query or ""
        assert document is not None
        prepared = DOCUMENTS.find(context.schema, text)
        if prepared is None:
            prepared = _keep(context.schema, text, document, context.validation_rules)
        context.pre_execution_errors = [*prepared.errors, *chosen_operation_errors(context)]
        yield


def prepare_document(schema: strawberry.Schema, text: str) -> Prepared | None:
    """Return a document as an operation passes through it: checked, and kept. None if it cannot be parsed."""
    prepared = DOCUMENTS.find(schema, text)
    if prepared is None:
        try:
            document = parse(text, max_tokens=MAX_TOKENS)
        except GraphQLError:
            return None
        prepared = _keep(schema, text, document, specified_rules)
    return prepared


def _keep(
    schema: strawberry.Schema, text: str, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> Prepared:
    return DOCUMENTS.keep(schema, text, document, check_document(schema._schema, document, rules))


EXTENSIONS = (lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS), KnownDocuments, LimitedValidation)
"""What every operation passes through, from its text to its execution."""


def check_document(
    schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> tuple[GraphQLError, ...]:
    """What is wrong with a document: first its size, then its meaning."""
    try:
        check_limits(document)
    except LimitExceeded as error:
        return (error,)
    errors = validate_document(schema, document, rules)
    return tuple(_as_refused(document, invalid) for invalid in errors)


def _as_refused(document: DocumentNode, invalid: GraphQLError) -> GraphQLError:
    path = path_of_value(document, invalid)
    if path is not None:
        return refusal(path, invalid.message)
    invalid.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
    return invalid


def check_limits(document: DocumentNode) -> None:
    """Raise `LimitExceeded` for a document that is too large in any way. Takes time in proportion to its length."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    _at_most(MAX_OPERATIONS, "operations", len(operations))
    _at_most(MAX_FRAGMENTS, "fragments", len(fragments))
    for operation in operations:
        _at_most(MAX_VARIABLES, "variables", len(operation.variable_definitions or ()))
    _check_nodes(document)
    measure = _Measure({one.name.value: one for one in fragments})
    for operation in operations:
        size = measure.of(operation.selection_set)
        _at_most(MAX_DEPTH, "levels", size.depth)
        _at_most(MAX_FIELDS, "fields, fragments spread out", size.fields)


def _at_most(most: int, what: str, number: int) -> None:
    if number > most:
        raise LimitExceeded(what, most)


def _check_nodes(document: DocumentNode) -> None:
    aliases = 0
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        _at_most(MAX_DIRECTIVES, "directives in one place", len(getattr(node, "directives", None) or ()))
        if isinstance(node, FieldNode) and node.alias is not None:
            aliases += 1
        elif isinstance(node, SelectionSetNode):
            _check_repeats(node)
        waiting.extend(children(node))
    _at_most(MAX_ALIASES, "aliases", aliases)


def _check_repeats(selection_set: SelectionSetNode) -> None:
    keys = Counter(
        (one.alias or one.name).value for one in selection_set.selections if isinstance(one, FieldNode)
    )
    _at_most(MAX_REPEATS, "fields under the same key", max(keys.values(), default=0))


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    fields: int = 0


class _Measure:
    """Measures selections as if every fragment were spread out, looking into each fragment once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}

    def of(self, selection_set: SelectionSetNode) -> _Size:
        sizes = [self._of_one(one) for one in selection_set.selections]
        return _Size(max(size.depth for size in sizes), sum(size.fields for size in sizes))

    def _of_one(self, selection: SelectionNode) -> _Size:
        if isinstance(selection, FragmentSpreadNode):
            return self._of_fragment(selection.name.value)
        assert isinstance(selection, FieldNode | InlineFragmentNode)
        below = self.of(selection.selection_set) if selection.selection_set else _Size()
        return (
            below if isinstance(selection, InlineFragmentNode) else _Size(below.depth + 1, below.fields + 1)
        )

    def _of_fragment(self, name: str) -> _Size:
        if name not in self._known:
            # A fragment that spreads itself measures nothing here; the standard rules refuse it.
            self._known[name] = _Size()
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.of(fragment.selection_set)
        return self._known[name]
