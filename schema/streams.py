"""Subscriptions: an item that many watch is executed and written once for all who selected the same of it.

A subscription passes the same checks as any other operation. What one of them refuses is left to Strawberry as a whole,
which words every error.
"""

from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, cast

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    OperationType as GraphQLOperationType,
    VariableNode,
    create_source_event_stream,
    get_operation_ast,
)
from strawberry.schema.schema import DEFAULT_ALLOWED_OPERATION_TYPES, StreamResult
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.utils.await_maybe import await_maybe

from resolvers.reads.documents import Prepared
from resolvers.reads.selections import children
from schema.errors import HubSchema
from schema.execution import DOCUMENTS, FreshExecutor
from schema.limits import prepare_document
from services.events import Once
from services.operators import Viewer

T = TypeVar("T")


@dataclass
class ReadyResult(ExecutionResult):
    """The result of an item, and the same as `json`, ready to be sent to all who get it."""

    json: bytes = b""
    _made: dict[str, Any] = field(default_factory=dict)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return what is made of the result for everybody with this key."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made


class AnyOfRole:
    """Stands for every caller of a role. `personal`: more than the role was asked of it."""

    def __init__(self, viewer: Viewer) -> None:
        self.role = viewer.role
        self.personal = False
        self._viewer = viewer

    def __getattr__(self, name: str) -> Any:
        self.personal = True
        return getattr(self._viewer, name)


class LiveSchema(HubSchema):
    """A schema that executes the items of subscriptions as few times as possible."""

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> StreamResult:
        """Execute an operation. The items of subscriptions are `ReadyResult`s."""
        begun = await self._begin(query or "", variable_values, context_value, operation_name)
        if begun is not None:
            return begun.results()
        return await super().stream(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            operation_extensions,
            allowed_operation_types,
        )

    async def _begin(
        self,
        query: str,
        variable_values: dict[str, Any] | None,
        context_value: Any,
        operation_name: str | None,
    ) -> "_Subscription | None":
        """Begin a subscription. None: this is none, or it is refused."""
        prepared = prepare_document(self, query)
        chosen = prepared and get_operation_ast(prepared.document, operation_name)
        if not prepared or not chosen or chosen.operation is not GraphQLOperationType.SUBSCRIPTION:
            return None
        execution = self._create_execution_context(
            query, DEFAULT_ALLOWED_OPERATION_TYPES, variable_values, context_value, None, operation_name
        )
        extensions = self.get_extensions()
        for one in extensions:
            one.execution_context = execution
        runner = self.create_extensions_runner(execution, extensions)
        try:
            async with runner.operation():
                if await self._prepare_operation_async(execution, runner):
                    return None
                async with runner.executing():
                    executor = FreshExecutor.build(
                        self._schema,
                        prepared.document,
                        None,
                        execution.context,
                        execution.variables,
                        operation_name,
                    )
                    if not isinstance(executor, FreshExecutor):
                        return None
                    begun: Any = create_source_event_stream(executor)
                    source = await await_maybe(begun)
        except GraphQLError:
            return None
        if not isinstance(source, AsyncGenerator):
            return None
        values = executor.variable_values.coerced
        seen = tuple((name, values.get(name)) for name in _names_below(prepared, chosen))
        return _Subscription(self, execution, executor, source, (prepared, operation_name, repr(seen)))


@dataclass(slots=True)
class _Subscription:
    """A subscription that runs. Equal `selected` see the same in an item, if their callers may."""

    schema: LiveSchema
    execution: ExecutionContext
    executor: FreshExecutor
    source: AsyncGenerator[Any]
    selected: Hashable

    async def results(self) -> AsyncGenerator[ExecutionResult]:
        async with aclosing(self.source) as items:
            try:
                async for item in items:
                    yield await self._result_of(item)
                    del item
            except Exception as error:  # noqa: BLE001 - it is shown as an error of the operation.
                yield self._result(None, [_located(error)])

    async def _result_of(self, item: Any) -> ExecutionResult:
        context = self.executor.context_value
        shared: Once | None = getattr(item, "shared", None)
        if shared is None:
            return await self._execute(item, context)
        viewer: Viewer = context.viewer
        key = (self.selected, viewer.role)
        found = await shared.once(key, partial(self._execute_for_all, item))
        if found is not None:
            return found
        return await shared.once((key, viewer.operator_id), partial(self._execute, item, context))

    async def _execute_for_all(self, item: Any) -> ExecutionResult | None:
        """Execute an item for all callers of the role. None: it is not the same for all of them."""
        context = self.executor.context_value
        viewer = AnyOfRole(context.viewer)
        result = await self._execute(item, replace(context, viewer=viewer))
        return None if viewer.personal else result

    async def _execute(self, item: Any, context: Any) -> ExecutionResult:
        executor = self.executor.build_per_event_executor(item)
        executor.context_value = context
        executed: Any = await await_maybe(executor.execute_operation(False))
        return self._result(executed.data, executed.errors)

    def _result(self, data: Any, errors: list[GraphQLError] | None) -> ExecutionResult:
        if errors:
            self.schema.process_errors(errors, self.execution)
        if data is None:
            return ExecutionResult(data=None, errors=errors)
        told = {"data": data, **({"errors": [one.formatted for one in errors]} if errors else {})}
        return ReadyResult(data=data, errors=errors, json=orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS))


def _located(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)


def _names_below(prepared: Prepared, operation: OperationDefinitionNode) -> tuple[str, ...]:
    """Return the variables that decide what is shown of an item, and not only which items come."""

    def make() -> tuple[tuple[str, ...], int]:
        return tuple(sorted(set(_variables(prepared.document, operation)))), 1

    name = operation.name and operation.name.value
    return cast(tuple[str, ...], DOCUMENTS.plan(prepared, ("variables below", name), make))


def _variables(document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    waiting: list[Node] = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    for root in operation.selection_set.selections:
        arguments = root.arguments or () if isinstance(root, FieldNode) else ()
        waiting.extend(one for one in children(root) if one not in arguments)
    while waiting:
        node = waiting.pop()
        if isinstance(node, VariableNode):
            yield node.name.value
        waiting.extend(children(node))
