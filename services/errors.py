"""What we decline, on purpose.

A `Refusal` is an answer, not a failure: the request was understood, nothing was written, and the code says
why in a way that a program can branch on. Every other exception is a bug and is not caught.
"""

from typing import ClassVar


class Refusal(Exception):
    """The request was understood and declined; callers word it by its code."""

    code: ClassVar[str]

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
