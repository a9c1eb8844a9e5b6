"""Queries answered by one statement: its result is the finished JSON, or says that an answer that is kept still holds.

A query passes the same checks as in `schema.execute`: its document, its variables, its arguments, its cost, and the
caller's role. Whatever one of them refuses, and whatever is not compiled, is left to `schema.execute` as a whole, which
words every error.
"""

import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
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
    lasts,
    node_roots,
    node_types,
)
from resolvers.context import Context
from resolvers.reads.documents import Prepared
from resolvers.viewer import still_valid
from schema.cost import COST_LIMIT, cost_of
from schema.execution import DOCUMENTS
from schema.kept_answers import KeptAnswers, Place
from schema.limits import prepare_document
from schema.operations import cost_report
from services.reads import Meter, ReadExceeded, Reads, reading
from services.reads.compiled import Exists, NotProvided, State, Unanswered, answer, state_of
from services.reads.reader import end_of_reads

__all__ = ["Answered", "CompiledReads", "Missed", "Question", "SelectedRows"]

T = TypeVar("T")
Read = Callable[[Reads, Exists | None], Awaitable[bytes]]
"""Reads the JSON of `data`, if a condition holds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks."""

    text: str
    operation_name: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """The whole answer, ready to be sent, and who gave it: `compiled` or `kept`."""

    json: bytes
    by: str


@dataclass(frozen=True, slots=True)
class Missed:
    """The query has to be executed field by field, for this reason.

    If it was already being read, its reads end when those would have ended. Its answer can be kept at `place`.
    """

    reason: str
    reads_end_at: float | None = None
    place: Place | None = None


UNKNOWN_CALLER = Missed("caller")
"""The caller's token ended, or its rights changed, since it was looked up."""


class CompiledReads:
    """Answers queries that can be compiled, or whose answer is kept. Plans are kept with their documents."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self.answers = KeptAnswers()

    async def answer(
        self, question: Question, context: Context, *, certain: bool = True
    ) -> Answered | Missed:
        """Return the whole answer.

        If the caller was not looked up for this request and is not `certain`, the statement that reads the answer also
        finds out whether the caller is still the same; if not, it reads nothing.
        """
        began_at = time.monotonic()
        place = None
        try:
            prepared, chosen, variables = self._checked(question)
            cost = self._cost(prepared, chosen, question.variables)
            if self._lasts(prepared):
                place = self._place(question, context)
                read: Read = partial(self._kept_answer, place)
            else:
                compiled = self._compiled(prepared, chosen, variables, question.operation_name, context)
                asked = compiled.asked(variables, context)
                read = partial(answer, compiled.statement, asked, context.environment())
        except NotCompilable as error:
            return Missed(error.reason)
        except GraphQLError:
            return Missed("arguments")
        ends_at, meter = end_of_reads(), Meter()
        try:
            async with reading(meter, ends_at=ends_at, once=True) as reads:
                found = await read(reads, None if certain else still_valid(context.viewer))
        except NotProvided:
            return UNKNOWN_CALLER
        except Unanswered as error:
            return Missed(error.reason, ends_at, place)
        except ReadExceeded as error:
            return Missed(error.code.lower(), ends_at)
        except Exception as error:
            if not is_unavailable(error):
                log.warning("compiled_read_failed", exc_info=error)
            return Missed("failed", ends_at)
        extensions = orjson.dumps(cost_report(cost, meter.statements, began_at))
        json = b'{"data":' + found + b',"extensions":' + extensions + b"}"
        return Answered(json, "compiled" if place is None else "kept")

    def keep(self, place: Place, context: Context, state: State, data: bytes) -> None:
        """Keep the JSON of `data` that was read in a state, unless another day began meanwhile."""
        if context.environment().today == place.today:
            self.answers.keep(place, state, data)

    async def _kept_answer(self, place: Place, reads: Reads, provided: Exists | None) -> bytes:
        data = self.answers.find(place, await state_of(reads, provided))
        if data is None:
            raise Unanswered("function")
        return data

    def _place(self, question: Question, context: Context) -> Place:
        return Place(
            question.text,
            question.operation_name,
            orjson.dumps(question.variables, option=orjson.OPT_SORT_KEYS),
            context.viewer.role,
            context.environment().today,
        )

    def _lasts(self, prepared: Prepared) -> bool:
        found: bool = DOCUMENTS.plan(prepared, "lasts", lambda: (lasts(self._schema, prepared.document), 0))
        return found

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
        role, conditions = context.viewer.role, prepared.chosen_by(variables.coerced)
        roots = self._kept(
            prepared,
            ("nodes", operation_name, conditions),
            partial(node_roots, self._schema, chosen, variables),
        )
        types = node_types(self._schema, roots, variables)
        key = ("compiled", operation_name, role, conditions, types)
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
