"""Callers as they were when their secret was last looked up."""

import hashlib
from collections import OrderedDict
from datetime import datetime

from services.operators.tokens import Viewer

MOST = 10_000


class Remembered:
    """The last callers, by a hash of their secret.

    A token may have ended since, on any process. So nothing is done or shown for them before a statement finds that it
    has not.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._viewers: OrderedDict[bytes, Viewer] = OrderedDict()

    def find(self, secret: str, now: datetime) -> Viewer | None:
        """Return the caller with this secret. None: unknown here, or expired."""
        viewer = self._viewers.get(_key(secret))
        return viewer if viewer is not None and viewer.is_alive(now) else None

    def keep(self, secret: str, viewer: Viewer | None) -> None:
        """Remember who was found by a secret; None: nobody is, any more."""
        key = _key(secret)
        self._viewers.pop(key, None)
        if viewer is not None:
            self._viewers[key] = viewer
        if len(self._viewers) > self._most:
            self._viewers.popitem(last=False)


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
