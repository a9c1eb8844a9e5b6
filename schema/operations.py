"""The reads of an operation: refused beforehand if they cost too much, and all of one state."""

import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from graphql import OperationType, get_operation_ast
from strawberry.extensions import SchemaExtension

from resolvers.reads.operation import Operation
from resolvers.reads.sharing import sharing_of
from schema.cost import COST_LIMIT, CostExceeded, cost_of
from schema.execution import DOCUMENTS


def cost_report(requested: int, statements: int, began_at: float) -> dict[str, Any]:
    """Return what an answer says about its cost."""
    milliseconds = round((time.monotonic() - began_at) * 1000)
    cost = {
        "requested": requested,
        "limit": COST_LIMIT,
        "statements": statements,
        "milliseconds": milliseconds,
    }
    return {"cost": cost}


class BoundedReads(SchemaExtension):
    """Reports the cost of an operation, and provides its reads."""

    def __init__(self) -> None:
        super().__init__()
        self._began_at = time.monotonic()
        self._operation: Operation | None = None
        self._cost: int | None = None
        self._is_subscription = False

    async def on_operation(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if self._operation is not None:
                await self._operation.close()

    async def on_execute(self) -> AsyncIterator[None]:
        context = self.execution_context
        prepared = DOCUMENTS.find(context.schema, context.query or "")
        assert prepared is not None, "kept when it was validated, just now"
        document, schema = prepared.document, context.schema._schema
        chosen = get_operation_ast(document, context.operation_name)
        if chosen is not None:
            self._is_subscription = chosen.operation is OperationType.SUBSCRIPTION
            self._cost = cost_of(schema, document, chosen, context.variables or {})
            if self._cost > COST_LIMIT:
                raise CostExceeded(self._cost)
        sharing = sharing_of(context.schema, document, chosen)
        ends_at, keep = context.context.reads_end_at, context.context.keep_answer
        self._operation = Operation(
            DOCUMENTS, prepared, sharing, reads_end_at=ends_at, notes_state=keep is not None
        )
        context.context = context.context.in_operation(self._operation)
        yield
        result, state = context.result, self._operation.state
        if keep is not None and state is not None and result is not None and not result.errors:
            keep(state, orjson.dumps(result.data, option=orjson.OPT_NON_STR_KEYS))

    def get_results(self) -> dict[str, Any]:
        if self._cost is None or self._is_subscription:
            return {}
        statements = self._operation.meter.statements if self._operation else 0
        return cost_report(self._cost, statements, self._began_at)
