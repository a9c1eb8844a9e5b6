"""Documents by their hash: a client sends the SHA-256 of a text that came with the console, or that it sent before.

The protocol is that of Apollo's automatic persisted queries. Whoever calls is known, and every check of a document
takes place, whichever way its text came.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import orjson
from graphql import GraphQLError

MOST_BYTES = 4 * 1024 * 1024
"""Of all texts kept. The bytes of a request limit the size of each."""

How = Literal["text", "hash", "registered", "unknown", "refused"]


class UnknownHash(GraphQLError):
    """This process does not keep the text: the client sends it with its hash. Clients know the message."""

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound", extensions={"code": "PERSISTED_QUERY_NOT_FOUND"})


class BadHash(GraphQLError):
    """What a request says about the hash of its text is wrong."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, extensions={"code": "PERSISTED_QUERY_REFUSED"})


def read_operations(file: Path) -> list[str]:
    """Return the texts of the console's operations, which its build leaves; none where it was not built."""
    return list(orjson.loads(file.read_bytes()).values()) if file.exists() else []


class KnownTexts:
    """The `trusted` texts for good, and of those that callers registered the last used, in so many bytes."""

    def __init__(self, trusted: Iterable[str] = (), *, most_bytes: int = MOST_BYTES) -> None:
        self._trusted = {_hash(text): text for text in trusted}
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, str] = OrderedDict()
        self.bytes = 0

    def look_up(
        self, text: str | None, extensions: Mapping[str, Any] | None
    ) -> tuple[str | GraphQLError | None, How]:
        """Return the text that a request asks, and how it was found; or why it is refused.

        Nothing of the text is parsed here. A text that comes with its hash is kept.
        """
        asked = (extensions or {}).get("persistedQuery")
        if asked is None:
            return text, "text"
        if not isinstance(asked, dict) or asked.get("version") != 1:
            return BadHash("Only version 1 of `persistedQuery` is known."), "refused"
        digest = asked.get("sha256Hash")
        if not isinstance(digest, str):
            return BadHash("`sha256Hash` must be a string."), "refused"
        if text is None:
            found = self._find(digest)
            return (UnknownHash(), "unknown") if found is None else (found, "hash")
        if digest != _hash(text):
            return BadHash(
                "`sha256Hash` is not the SHA-256 of `query`, in small hexadecimal digits."
            ), "refused"
        self._keep(digest, text)
        return text, "registered"

    def _find(self, digest: str) -> str | None:
        if (trusted := self._trusted.get(digest)) is not None:
            return trusted
        text = self._kept.get(digest)
        if text is not None:
            self._kept.move_to_end(digest)
        return text

    def _keep(self, digest: str, text: str) -> None:
        if self._find(digest) is not None:
            return
        self._kept[digest] = text
        self.bytes += _size(digest, text)
        while self.bytes > self._most_bytes:
            self.bytes -= _size(*self._kept.popitem(last=False))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _size(digest: str, text: str) -> int:
    # A character takes up to four bytes in memory.
    return len(digest) + 4 * len(text)
