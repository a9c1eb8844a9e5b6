"""The fields that say what can be done now, and why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.problems import problem_of
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import ComputedSource, source_metadata
from services.availability import Availability
from services.operators.refusals import RoleRequired
from services.reads import Expression
from services.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Shown:
    """An availability as the API shows it."""

    allowed: bool
    needs_reason: bool
    problem: Any


@dataclass(frozen=True, slots=True)
class ShownTogether:
    """Several availabilities of one row, by their names."""

    together: Any
    may_press: bool

    def __getattr__(self, name: str) -> Shown | None:
        return _shown(getattr(self.together, name), self.may_press)


def available(description: str, function: Callable[..., Any], expressions: Mapping[str, Expression]) -> Any:
    """Declare a field of a row: what the function says about presses, for callers who may press."""

    async def read(row: Any, info: Info[Context, Any], _arguments: Arguments) -> Any:
        found = row.__dict__[info.python_name]
        may_press = info.context.viewer.role.includes(Role.OPERATOR)
        return (_shown if isinstance(found, Availability) else ShownTogether)(found, may_press)

    return read_field(description, read, metadata=source_metadata(ComputedSource(function, expressions)))


def _shown(available: Availability | None, may_press: bool) -> Shown | None:
    if available is None:
        return None
    if not may_press:
        available = Availability(available.subject, RoleRequired(Role.OPERATOR))
    refusal = available.refusal
    problem = problem_of(refusal, refusal.path or (available.subject,)) if refusal else None
    return Shown(available.allowed, available.needs_reason, problem)
