"""Queries answered by one statement whose result is the finished JSON.

A query passes the same checks as in `schema.execute`: its document, its variables, its arguments, its cost, and the
caller's role. Whatever one of them refuses, and whatever is not compiled, is left to `schema.execute` as a whole, which
words every error.
"""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson
import strawberry
import structlog
from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_variable_values

from models.availability import is_unavailable
from resolvers.compiled import (
    Chosen,
    Compiled,
    NotCompilable,
    SelectedRows,
    choose,
    compile_operation,
    is_plain,
    node_types,
)
from resolvers.context import Context
from resolvers.reads.documents import Prepared
from resolvers.viewer import still_valid
from schema.cost import COST_LIMIT, cost_of
from schema.execution import DOCUMENTS
from schema.limits import prepare_document
from schema.operations import cost_report
from services.reads import Meter, ReadExceeded, reading
from services.reads.compiled import NotProvided, Unanswered, answer
from services.reads.reader import end_of_reads

__all__ = ["CompiledReads", "Missed", "Question", "SelectedRows"]

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks."""

    text: str
    operation_name: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Missed:
    """The query has to be executed field by field, for this reason.

    If it was already being read, its reads end when those would have ended.
    """

    reason: str
    reads_end_at: float | None = None


UNKNOWN_CALLER = Missed("caller")
"""The caller's token ended, or its rights changed, since it was looked up."""


class CompiledReads:
    """Answers the queries of a schema that can be compiled. Plans are kept with their documents."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema

    async def answer(self, question: Question, context: Context, *, certain: bool = True) -> bytes | Missed:
        """Return the whole answer, ready to be sent.

        If the caller was not looked up for this request and is not `certain`, the statement that reads the answer also
        finds out whether the caller is still the same; if not, it reads nothing.
        """
        began_at = time.monotonic()
        try:
            prepared, chosen, variables = self._checked(question)
            cost = self._cost(prepared, chosen, question.variables)
            compiled = self._compiled(prepared, chosen, variables, question.operation_name, context)
            asked = compiled.asked(variables, context)
        except NotCompilable as error:
            return Missed(error.reason)
        except GraphQLError:
            return Missed("arguments")
        ends_at, meter = end_of_reads(), Meter()
        try:
            async with reading(meter, ends_at=ends_at, once=True) as reads:
                provided = None if certain else still_valid(context.viewer)
                found = await answer(compiled.statement, asked, context.environment(), reads, provided)
        except NotProvided:
            return UNKNOWN_CALLER
        except Unanswered as error:
            return Missed(error.reason, ends_at)
        except ReadExceeded as error:
            return Missed(error.code.lower(), ends_at)
        except Exception as error:
            if not is_unavailable(error):
                log.warning("compiled_read_failed", exc_info=error)
            return Missed("failed", ends_at)
        extensions = orjson.dumps(cost_report(cost, meter.statements, began_at))
        return b'{"data":' + found + b',"extensions":' + extensions + b"}"

    def _checked(self, question: Question) -> tuple[Prepared, Chosen, VariableValues]:
        prepared = prepare_document(self._schema, question.text)
        if prepared is None or prepared.errors:
            raise NotCompilable("document")
        name = question.operation_name
        chosen = self._kept(prepared, ("chosen", name), partial(choose, prepared.document, name))
        definitions = chosen.operation.variable_definitions or ()
        variables = get_variable_values(
            self._schema._schema, definitions, dict(question.variables), max_errors=1
        )
        if not isinstance(variables, VariableValues) or not is_plain(question.variables):
            raise NotCompilable("variables")
        return prepared, chosen, variables

    def _compiled(
        self,
        prepared: Prepared,
        chosen: Chosen,
        variables: VariableValues,
        operation_name: str | None,
        context: Context,
    ) -> Compiled:
        role = context.viewer.role
        types = node_types(self._schema, chosen, variables)
        key = ("compiled", operation_name, role, prepared.chosen_by(variables.coerced), types)
        make = partial(compile_operation, self._schema, chosen, variables, role)
        return self._kept(prepared, key, make)

    def _kept(self, prepared: Prepared, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept with the document, or make it. That something cannot be compiled is kept, too."""

        def made() -> tuple[Any, int]:
            try:
                found = make()
            except NotCompilable as error:
                return error, 1
            return found, getattr(found, "fields", 1)

        found: T | NotCompilable = DOCUMENTS.plan(prepared, key, made)
        if isinstance(found, NotCompilable):
            raise found.with_traceback(None)
        return found

    def _cost(self, prepared: Prepared, chosen: Chosen, variables: Mapping[str, Any]) -> int:
        """Return the cost of the operation, which the numbers in its variables decide."""
        numbers = tuple((name, _number(value)) for name, value in variables.items())
        if chosen.cost is None or chosen.cost[0] != numbers:
            schema = self._schema._schema
            chosen.cost = (numbers, cost_of(schema, prepared.document, chosen.operation, variables))
        cost = chosen.cost[1]
        if cost > COST_LIMIT:
            raise NotCompilable("cost")
        return cost


def _number(value: object) -> object:
    """Return what a variable can mean for the cost: the size of a page, the length of a list, a condition."""
    if isinstance(value, list):
        return ("list", len(value))
    return value if isinstance(value, int | None) else ...
