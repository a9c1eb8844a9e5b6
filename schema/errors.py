"""What a caller sees of an error: everything about their own mistake, and only an id of our bugs."""

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext

from models.availability import is_unavailable
from models.identity import new_id
from services.errors import Refusal
from services.reads import ReadExceeded

log = structlog.get_logger(__name__)

_LONGEST = 200

UNAVAILABLE = "UNAVAILABLE"

NO_OPERATION = (MissingQueryError, CannotGetOperationTypeError)
"""Strawberry's message for a request without an operation."""


class HubSchema(strawberry.Schema):
    """A schema whose errors carry a code, take one line in the log, and reveal nothing."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        for index, error in enumerate(errors):
            errors[index] = _as_shown(error)


def _as_shown(error: GraphQLError) -> GraphQLError:
    if is_unavailable(error.original_error):
        return _unavailable(error)
    code = _code(error)
    if code is None:
        return _masked(error)
    error.extensions = {**(error.extensions or {}), "code": code}
    log.info("graphql_refused", code=code, path=_path(error), message=error.message[:_LONGEST])
    return error


def _unavailable(error: GraphQLError) -> GraphQLError:
    log.warning("database_unavailable", path=_path(error), exc_info=error.original_error)
    return GraphQLError(
        "The database does not answer; try again in a moment.",
        path=error.path,
        extensions={"code": UNAVAILABLE},
    )


def _code(error: GraphQLError) -> str | None:
    """The code of an error of the caller; None for a bug of ours."""
    designed = (error.extensions or {}).get("code")
    if designed is not None:
        return str(designed)
    if isinstance(error.original_error, NO_OPERATION):
        return "BAD_REQUEST"
    if isinstance(error.original_error, Refusal | ReadExceeded):
        return error.original_error.code
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if error.path is None and isinstance(error.original_error, GraphQLError | None):
        # What graphql-core refuses between validation and the first field is a variable's value.
        return "BAD_USER_INPUT"
    return None


def _masked(error: GraphQLError) -> GraphQLError:
    error_id = new_id("err")
    log.error(
        "graphql_failed",
        error_id=error_id,
        path=_path(error),
        exc_info=error.original_error or error,
    )
    return GraphQLError(
        "Something went wrong here; it is logged under this id.",
        path=error.path,
        extensions={"code": "INTERNAL", "id": error_id},
    )


def _path(error: GraphQLError) -> str | None:
    return ".".join(map(str, error.path)) if error.path else None
