"""Errors of a request: it is wrong itself, or its caller may not make it."""

from collections.abc import Sequence

from graphql import GraphQLError


class BadUserInput(GraphQLError):
    """An argument has an invalid value."""

    def __init__(self, argument: str, message: str, *, path: Sequence[str] = ()) -> None:
        """`path` leads to the value that is wrong, from the argument itself on; by default that is the argument."""
        where = {"argument": argument, "path": list(path) or [argument]}
        super().__init__(message, extensions={"code": "BAD_USER_INPUT", **where})


class Forbidden(GraphQLError):
    """The caller's role does not permit this."""

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": "FORBIDDEN"})
