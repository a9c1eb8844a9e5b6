"""Refusals as data: a mutation answers with its result or with problems, and only bugs are errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from services.errors import Refusal

S = TypeVar("S", bound=type)

_shapes: dict[str | None, type] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation answers. The attributes of the result are its own, and None where there is no result."""

    result: Any
    problems: list[Any]

    def __getattr__(self, name: str) -> Any:
        return None if self.result is None else getattr(self.result, name)


async def outcome(work: Awaitable[Any]) -> Outcome:
    """Wait for a use case: its result without problems, or its refusal as the only problem."""
    try:
        return Outcome(await work, [])
    except Refusal as refusal:
        return Outcome(None, [problem_of(refusal)])


def shows_refusals(code: str | None = None) -> Callable[[S], S]:
    """Declare the Strawberry type that shows refusals with this code, or all those for which there is none."""

    def declare(shape: S) -> S:
        _shapes[code] = shape
        return shape

    return declare


def problem_of(refusal: Refusal) -> Any:
    """The refusal as its type shows it, with every attribute that it carries."""
    problem: Any = object.__new__(_shapes.get(refusal.code) or _shapes[None])
    problem.__dict__.update(vars(refusal), code=refusal.code, path=list(refusal.path) or None)
    return problem
