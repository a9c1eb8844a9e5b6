"""Declines a request before it reaches GraphQL or a service."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response

RETRY_AFTER = "5"
"""Seconds after which an unreachable database may be back."""


class Refused(Exception):
    """The request is declined. The caller gets the status, the code and the sentence."""

    def __init__(
        self, status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


Wording = Callable[[Refused], Response]
"""Words a refusal for one kind of client."""


def as_graphql(refused: Refused) -> Response:
    """Return a GraphQL error, for a GraphQL client."""
    body = {"errors": [{"message": refused.message, "extensions": {"code": refused.code}}]}
    return Response(orjson.dumps(body), refused.status, refused.headers, "application/json")


def as_problem(refused: Refused) -> Response:
    """Return a problem of RFC 9457, for REST."""
    body = {
        "type": "about:blank",
        "title": refused.status.phrase,
        "status": refused.status.value,
        "detail": refused.message,
        "code": refused.code,
    }
    return Response(orjson.dumps(body), refused.status, refused.headers, "application/problem+json")


def unauthenticated() -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHENTICATED",
        "Show a token: Authorization: Bearer ihub_...",
        {"WWW-Authenticate": 'Bearer realm="IntelligenceHub"'},
    )


def over_budget(seconds: float) -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "This token has used up its requests for now.",
        {"Retry-After": str(int(seconds) + 1)},
    )


def unavailable() -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        "The database does not answer; try again in a moment.",
        {"Retry-After": RETRY_AFTER},
    )
