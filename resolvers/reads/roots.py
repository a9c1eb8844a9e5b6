"""The source of each root field that reads rows, in the metadata of the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types.field import StrawberryField

from resolvers.reads.fields import Arguments
from resolvers.reads.operation import ReadContext
from services.reads import Condition, Order

_ROOT = "root"


@dataclass(frozen=True, slots=True)
class RowRoot:
    """The row in which one of these unique columns holds the value of the argument of that name."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeRoot:
    """The row of any type that has the id in the argument `id`."""


@dataclass(frozen=True, slots=True)
class PageRoot:
    """A page of the rows that the arguments ask for, in their order."""

    where: Callable[[ReadContext, Arguments], Condition]
    order: Callable[[Arguments], Order]


RootSource = RowRoot | NodeRoot | PageRoot


def root_metadata(source: RootSource) -> Mapping[str, Any]:
    """Return the metadata of a root field with this source."""
    return {_ROOT: source}


def root_source_of(declared: StrawberryField) -> RootSource | None:
    source: RootSource | None = declared.metadata.get(_ROOT)
    return source
