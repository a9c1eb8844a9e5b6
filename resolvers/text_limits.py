"""The limit that every text of a mutation declares, also inside an input object."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

_MOST = "most"

Path = tuple[str, ...]


def text(description: str, most: int) -> Any:
    """The argument of a text with its limit, for an annotation: `Annotated[str, text("Why; kept.", 2000)]`."""
    return strawberry.argument(description=_with_limit(description, most), metadata={_MOST: most})


def text_field(description: str, most: int, **default: Any) -> Any:
    """The same for a field of an input object."""
    return strawberry.field(description=_with_limit(description, most), metadata={_MOST: most}, **default)


def _with_limit(description: str, most: int) -> str:
    return f"{description} At most {most:,} characters."


@dataclass(frozen=True, slots=True)
class TextLimit:
    """The limit of a text, or those of the texts in an input object. Neither: the value is no text."""

    most: int | None = None
    fields: Mapping[str, "TextLimit"] = field(default_factory=dict)

    def too_long(self, value: Any, path: Path) -> Iterator[tuple[Path, int]]:
        """Yield the path of every text that is too long, with its limit."""
        if value is None or value is strawberry.UNSET:
            return
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.too_long(one, (*path, str(index)))
        elif self.most is not None and len(value) > self.most:
            yield path, self.most
        else:
            for name, limit in self.fields.items():
                yield from limit.too_long(getattr(value, name), (*path, to_camel_case(name)))


def text_limit(declared: StrawberryArgument | StrawberryField, owner: str) -> TextLimit:
    """Return the limit that the argument or field of `owner` declares, or its fields.

    Fail where a text declares none. An id needs none: a long one is unknown.
    """
    most, kind = declared.metadata.get(_MOST), _named_type(declared.type)
    if most is None and kind is str:
        raise TypeError(f"The text {declared.python_name!r} of {owner} declares no limit.")
    shape = getattr(kind, "__strawberry_definition__", None)
    fields = {one.python_name: text_limit(one, kind.__name__) for one in shape.fields} if shape else {}
    return TextLimit(most, fields)


def _named_type(kind: Any) -> Any:
    return _named_type(kind.of_type) if hasattr(kind, "of_type") else kind
