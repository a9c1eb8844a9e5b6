"""The queries of requests that one compiled statement may answer, taken from the body before anything is parsed."""

from typing import Any

import orjson

from schema.compiled import Question

_FIELDS = frozenset({"query", "variables", "operationName", "extensions"})


def question_in(body: bytes) -> Question | None:
    """Return what a request asks. None: it asks in a way that is not fully understood here.

    The kinds of answers that it accepts make no difference: streams, which clients list beside JSON, are never sent.
    """
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(sent, dict) or not sent.keys() <= _FIELDS:
        return None
    query, name, variables = sent.get("query"), sent.get("operationName"), sent.get("variables")
    if not isinstance(query, str) or not isinstance(name, str | None):
        return None
    if not isinstance(variables, dict | None) or not isinstance(sent.get("extensions"), dict | None):
        return None
    return Question(query, name, variables or {})
