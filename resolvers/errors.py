"""What ends up beside the data: the request itself was wrong, or its caller was not allowed to make it."""

from graphql import GraphQLError


class BadUserInput(GraphQLError):
    """An argument that cannot mean anything here."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message, extensions={"code": "BAD_USER_INPUT", "argument": argument})


class Forbidden(GraphQLError):
    """The caller's role does not reach this far."""

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": "FORBIDDEN"})
