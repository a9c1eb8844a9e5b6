"""A field that reads with its own selection, once its arguments are known."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import get_named_type
from strawberry.annotation import StrawberryAnnotation
from strawberry.types import Info
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers.context import Context

Arguments = Mapping[str, Any]
Read = Callable[[Any, "Info[Context, Any]", Arguments], Awaitable[Any]]


class ReadField(StrawberryField):
    """A field whose value comes from the read in its metadata."""

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return self.metadata["read"](source, info, kwargs)


def read_field(
    description: str,
    read: Read,
    *,
    shape: Any = None,
    arguments: Mapping[str, tuple[Any, str]] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """A field that a read fills. `arguments` gives each one's type and description; all may be left out.

    `shape` is the field's type where no annotation says it.
    """
    field = ReadField(
        description=description,
        type_annotation=StrawberryAnnotation.from_annotation(shape) if shape is not None else None,
        metadata={"read": read, **(metadata or {})},
    )
    field.arguments = [argument(name, kind, words) for name, (kind, words) in (arguments or {}).items()]
    return field


def argument(name: str, kind: Any, description: str, **rest: Any) -> StrawberryArgument:
    return StrawberryArgument(name, None, StrawberryAnnotation(kind), description=description, **rest)


def type_name(info: "Info[Context, Any]") -> str:
    """The name of the type that a field leads to, without list and non-null."""
    return str(get_named_type(info._raw_info.return_type).name)
