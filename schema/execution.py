"""How an operation is parsed, chosen and executed, where Strawberry or graphql-core would do it otherwise."""

from collections.abc import Iterator
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution import Executor
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext

from resolvers.reads.documents import Documents
from resolvers.reads.operation import FinishedRow

DOCUMENTS = Documents()


class KnownDocuments(SchemaExtension):
    """Takes a document that was parsed before.

    All others are left to Strawberry's own parser: over a socket, an error of an extension ends the operation without
    a word to the client.
    """

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if prepared := DOCUMENTS.find(context.schema, context.query or ""):
            context.graphql_document = prepared.document
        yield


class UnnamedOperation(GraphQLError):
    """Strawberry would execute the first operation of several."""

    def __init__(self) -> None:
        super().__init__(
            "The document holds several operations: name one of them in `operationName`.",
            extensions={"code": "BAD_REQUEST"},
        )


def chosen_operation_errors(context: ExecutionContext) -> list[GraphQLError]:
    """The document does not decide which operation to run."""
    assert context.graphql_document is not None
    if context._provided_operation_name is None and _operation_count(context.graphql_document) > 1:
        return [UnnamedOperation()]
    return []


def _operation_count(document: DocumentNode) -> int:
    return sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)


class FreshExecutor(StrawberryGraphQLCoreExecutionContext):
    """Takes rows that are finished as they are, and executes each event of a subscription with a memory of its own.

    graphql-core keeps what it has collected of a selection by the identity of lists that each event creates again. All
    events of a subscription share that memory, so it would grow for as long as the subscription lasts.
    """

    def complete_value(
        self, return_type: Any, field_details: Any, info: Any, path: Any, result: Any, *rest: Any
    ) -> Any:
        if isinstance(result, FinishedRow):
            return orjson.Fragment(result.json)
        return super().complete_value(return_type, field_details, info, path, result, *rest)

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        return executor
