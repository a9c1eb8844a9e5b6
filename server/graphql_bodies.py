"""What a request asks, taken from the body before anything is parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_FIELDS = frozenset({"query", "variables", "operationName", "extensions"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a body holds. Its text may be missing, where `extensions` name it by its hash."""

    text: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]


def sent_in(body: bytes) -> Sent | None:
    """Return what a request asks. None: it asks in a way that is not fully understood here.

    The kinds of answers that it accepts make no difference: streams, which clients list beside JSON, are never sent.
    """
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(sent, dict) or not sent.keys() <= _FIELDS:
        return None
    text, name, variables = sent.get("query"), sent.get("operationName"), sent.get("variables")
    extensions = sent.get("extensions")
    if not isinstance(text, str | None) or not isinstance(name, str | None):
        return None
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        return None
    return Sent(text, name, variables or {}, extensions or {})
