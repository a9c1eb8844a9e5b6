"""Refusals as data: a mutation answers with its result or with problems, and only bugs are errors."""

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar, get_type_hints

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types import Info
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

import resolvers
from models.identity import Row
from resolvers.permissions import requires
from resolvers.text_limits import Path, text_limit
from services.errors import Refusal, TextTooLong, refusals_by_code
from services.events import Change, noting_commits
from services.reads.columns import has_column
from services.vocabulary import Role

S = TypeVar("S", bound=type)

PROBLEMS = "problems"
OWN_FIELDS = frozenset({"code", "message", "path"})
"""The fields of a problem that every refusal fills."""

_shapes: dict[str | None, type] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a mutation. It has the attributes of the result, or None for each without a result.

    `changes` are those that the mutation committed.
    """

    result: Any
    problems: list[Any]
    changes: Sequence[Change] = ()

    @property
    def tree_seq(self) -> int | None:
        """How far the log of the result's tree has come with the changes."""
        return max(filter(None, (change.seq_of(self.tree_id) for change in self.changes)), default=None)

    def __getattr__(self, name: str) -> Any:
        return None if self.result is None else getattr(self.result, name)


class AnswersWithProblems(FieldExtension):
    """Answers what the resolver returns, or its refusal as the only problem.

    A path that begins with a field of an input object is completed with the argument. A refusal that names neither is
    about the thing that the first argument names.
    """

    def apply(self, field: StrawberryField) -> None:
        self._limits = {one.python_name: text_limit(one, field.python_name) for one in field.arguments}
        self._fields: dict[str, Path] = {}
        for name, limit in self._limits.items():
            self._fields |= {to_camel_case(below): (to_camel_case(name),) for below in limit.fields}
        self._fields |= {to_camel_case(name): () for name in self._limits}

    async def resolve_async(self, next_: Any, source: Any, info: Info[Any, Any], **arguments: Any) -> Outcome:
        try:
            for name, value in arguments.items():
                for path, most in self._limits[name].too_long(value, (to_camel_case(name),)):
                    raise TextTooLong(path, most=most)
            with noting_commits() as changes:
                return Outcome(await next_(source, info, **arguments), [], changes)
        except Refusal as refusal:
            return Outcome(None, [problem_of(refusal, self._path(refusal, arguments))])

    def _path(self, refusal: Refusal, given: Mapping[str, Any]) -> Path:
        if refusal.path and refusal.path[0] in self._fields:
            return (*self._fields[refusal.path[0]], *refusal.path)
        said = (name for name, value in given.items() if value is not None)
        return (to_camel_case(next(said, next(iter(self._limits)))),)


def answered(
    resolver: Callable[..., Any],
    payload: type,
    description: str,
    *,
    role: Role = Role.OPERATOR,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """A field whose payload shows what its resolver returns, or the problems that prevented it.

    Fails at import if the payload has a field that the annotated result of the resolver cannot fill.
    """
    result = get_type_hints(resolver)["return"]
    for name in _missing(payload, result):
        raise TypeError(f"{payload.__name__} shows {name!r}, which {result.__name__} does not have.")
    return strawberry.field(
        resolver=resolver,
        graphql_type=payload,
        description=description,
        extensions=[requires(role), AnswersWithProblems()],
        metadata=metadata,
    )


def _missing(shape: Any, result: type) -> Iterator[str]:
    for declared in shape.__strawberry_definition__.fields:
        name = declared.metadata.get("by", declared.python_name)
        if name == "result":
            yield from _missing(getattr(declared.type, "of_type", declared.type), result)
        elif name != PROBLEMS and not _has(result, name):
            yield name


def _has(result: type, name: str) -> bool:
    if issubclass(result, Row):
        return has_column(result, name)
    return hasattr(result, name) or any(name in getattr(one, "__annotations__", ()) for one in result.__mro__)


def shows_refusals(code: str | None = None) -> Callable[[S], S]:
    """Declare the Strawberry type that shows refusals with this code, or all others."""

    def declare(shape: S) -> S:
        _shapes[code] = shape
        return shape

    return declare


def problem_of(refusal: Refusal, path: tuple[str, ...]) -> Any:
    """The refusal as its type shows it, with every attribute that it carries."""
    problem: Any = object.__new__(_shapes.get(refusal.code) or _shapes[None])
    problem.__dict__.update(vars(refusal), code=refusal.code, path=list(path))
    return problem


def published_refusals() -> Mapping[str, type[Refusal]]:
    """Return, by code, every refusal of the use cases that the resolvers call."""
    for module in pkgutil.iter_modules(resolvers.__path__):
        import_module(f"{resolvers.__name__}.{module.name}")
    return refusals_by_code()


def check_problems() -> None:
    """Fail at start-up if a type of problem has a field that the refusals of its code do not carry."""
    refusals = refusals_by_code()
    for code, shape in _shapes.items():
        shown: Any = shape
        for declared in shown.__strawberry_definition__.fields:
            name = declared.metadata.get("by", declared.python_name)
            if code is not None and name not in OWN_FIELDS and not _has(refusals[code], name):
                raise TypeError(
                    f"{shape.__name__} shows {name!r}, which {refusals[code].__name__} does not have."
                )
