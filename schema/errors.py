"""What a caller learns of an error: everything about their own mistake, and of our bugs only an id."""

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.types import ExecutionContext

from models.identity import new_id
from services.errors import Refusal

log = structlog.get_logger(__name__)

_LONGEST = 200


class HubSchema(strawberry.Schema):
    """A schema whose errors all carry a code, take one line in the log, and give nothing away."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        for index, error in enumerate(errors):
            errors[index] = _as_shown(error)


def _as_shown(error: GraphQLError) -> GraphQLError:
    code = _code(error)
    if code is None:
        return _masked(error)
    error.extensions = {**(error.extensions or {}), "code": code}
    log.info("graphql_refused", code=code, path=_path(error), message=error.message[:_LONGEST])
    return error


def _code(error: GraphQLError) -> str | None:
    """The code of an error that is the caller's to mend; None for a bug of ours."""
    designed = (error.extensions or {}).get("code")
    if designed is not None:
        return str(designed)
    if isinstance(error.original_error, Refusal):
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
