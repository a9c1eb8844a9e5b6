"""Requests that we decline on purpose.

A `Refusal` is an answer, not a failure: the request was understood, nothing was written, and the code says
why in a way that a program can branch on. Every other exception is a bug and is not caught.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class Refusal(Exception):
    """The request was understood and declined.

    A subclass with a `code` of its own publishes that code; the first paragraph of its docstring describes it.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class InvalidInput(Refusal):
    """A value is not possible here."""

    code = "BAD_USER_INPUT"
    expected: str | None

    def __init__(self, message: str, *, path: tuple[str, ...], expected: str | None = None) -> None:
        """`expected` says what the value should be, where that can be said."""
        super().__init__(message, path=path)
        self.expected = expected


class TextTooLong(InvalidInput):
    """A text is longer than its limit, which its description states."""

    code = "TEXT_TOO_LONG"

    def __init__(self, path: tuple[str, ...], *, most: int) -> None:
        expected = f"at most {most} characters"
        super().__init__(f"This text may have {expected}.", path=path, expected=expected)


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that changed, with its values in JSON form."""

    column: str
    before: Any
    after: Any


class Conflict(Refusal):
    """Somebody changed it after you looked; look again first."""

    code = "CONFLICT"
    entity_id: str
    entity: str
    version: int
    operator_id: str | None
    changes: Sequence[ColumnChange]

    def __init__(
        self,
        entity_id: str,
        *,
        entity: str,
        version: int,
        actor: str | None,
        changes: Sequence[ColumnChange] = (),
    ) -> None:
        """`actor` made the last change, and `changes` is what changed since the version that the caller expects."""
        super().__init__(
            f"Somebody changed this in the meantime; it has version {version} now.", path=("expectedVersion",)
        )
        self.entity_id = entity_id
        self.entity = entity
        self.version = version
        self.operator_id = actor if actor and actor.startswith("opr_") else None
        self.changes = changes


def refusals_by_code() -> dict[str, type[Refusal]]:
    """Return the class of every code among the modules of `services` that are imported."""
    found: dict[str, type[Refusal]] = {}
    for refusal in _subclasses(Refusal):
        if refusal.__module__.startswith("services.") and "code" in vars(refusal):
            other = found.setdefault(refusal.code, refusal)
            if other is not refusal:
                raise TypeError(f"{other.__name__} and {refusal.__name__} both declare {refusal.code}.")
    return dict(sorted(found.items()))


def _subclasses(above: type[Refusal]) -> Iterator[type[Refusal]]:
    for below in above.__subclasses__():
        yield below
        yield from _subclasses(below)
