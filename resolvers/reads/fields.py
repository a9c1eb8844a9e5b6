"""A field that reads with its own selection, once its arguments are known."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import get_named_type
from strawberry.annotation import StrawberryAnnotation
from strawberry.types import Info
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers.reads.operation import ReadContext

Arguments = Mapping[str, Any]
Read = Callable[[Any, "Info[Any, Any]", Arguments], Awaitable[Any]]


_ENTRIES = "entries"
_ASKS_CRM = "asks_crm"
_LASTING = "lasting"

ASKS_CRM: Mapping[str, Any] = {_ASKS_CRM: True}
"""For a field's `metadata=`: its resolver waits for the CRM."""


LASTING: Mapping[str, Any] = {_LASTING: True}
"""For the `metadata=` of a field with a function.

Its value depends on its arguments, the database, the caller's role and the calendar's day, and on nothing else.
"""


def asks_crm(declared: StrawberryField) -> bool:
    return _ASKS_CRM in declared.metadata


def is_lasting(declared: StrawberryField) -> bool:
    return _LASTING in declared.metadata


def shows_entries(count: Callable[[Mapping[str, Any]], int]) -> Mapping[str, Any]:
    """Return field metadata with the largest number of entries that the field shows, by its arguments."""
    return {_ENTRIES: count}


def entries_of(declared: StrawberryField | None, arguments: Mapping[str, Any]) -> int:
    """Return how many entries a field shows at most; one if it does not say."""
    count = declared.metadata.get(_ENTRIES) if declared else None
    return 1 if count is None else count(arguments)


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
    """A field that a read fills. `arguments` gives the type and description of each argument; all are optional.

    `shape` is the field's type if no annotation gives it.
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


def type_name(info: "Info[ReadContext, Any]") -> str:
    """Return the name of the type that a field leads to, without list and non-null."""
    return str(get_named_type(info._raw_info.return_type).name)
