"""Watches the tokens of all open sockets, with one statement for all of them."""

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from server.auth import Authenticator
from server.limits import Limits
from server.protocol import TRY_AGAIN_LATER
from services.operators import Viewer

log = structlog.get_logger(__name__)

Close = tuple[int, str]
FORBIDDEN: Close = (4403, "Forbidden")
TRY_AGAIN: Close = (TRY_AGAIN_LATER, "Try again later")


@dataclass(eq=False, slots=True)
class Guest:
    """A socket that was let in, and what ends it."""

    viewer: Viewer
    show_out: Callable[[Close], None]


class TokenWatch:
    """Shows out the sockets whose token ended, whose role changed, or whose token cannot be looked up.

    All tokens are looked up together, every `recheck_seconds` and at the moment when the first of them expires.
    """

    def __init__(self, doorkeeper: Authenticator, limits: Limits) -> None:
        self._doorkeeper = doorkeeper
        self._limits = limits
        self._guests: set[Guest] = set()
        self._watch: asyncio.Task[None] | None = None
        self._expires_sooner = asyncio.Event()
        self._asked: set[str] = set()
        self._next_look: asyncio.Task[Mapping[str, Viewer]] | None = None

    @contextmanager
    def over(self, guest: Guest) -> Iterator[None]:
        """Watch the guest's token inside the block."""
        self._guests.add(guest)
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_for_ever())
        elif guest.viewer.expires_at is not None:
            self._expires_sooner.set()
        try:
            yield
        finally:
            self._guests.discard(guest)
            if not self._guests and self._watch is not None:
                self._watch.cancel()
                self._watch = None

    async def is_welcome(self, guest: Guest) -> bool:
        """Look at the guest's token now, and show the guest out if it may not go on.

        Those who ask at the same time share a statement, which begins after each of them asked.
        """
        return self._judge(guest, await self._look_twice({guest.viewer.token_id}))

    async def _look_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._limits.recheck_seconds
            while (seconds := min(due - loop.time(), self._seconds_to_first_end())) > 0:
                self._expires_sooner.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._expires_sooner.wait()
            guests = list(self._guests)
            found = await self._look_twice({one.viewer.token_id for one in guests})
            for guest in guests:
                self._judge(guest, found)

    def _seconds_to_first_end(self) -> float:
        ends = [one.viewer.expires_at for one in self._guests if one.viewer.expires_at is not None]
        return (min(ends) - self._doorkeeper.clock()).total_seconds() if ends else math.inf

    def _judge(self, guest: Guest, found: Mapping[str, Viewer] | None) -> bool:
        viewer = found.get(guest.viewer.token_id) if found is not None else None
        if viewer is not None and viewer.role == guest.viewer.role:
            guest.viewer = viewer
            return True
        self._guests.discard(guest)
        guest.show_out(TRY_AGAIN if found is None else FORBIDDEN)
        return False

    async def _look_twice(self, token_ids: set[str]) -> Mapping[str, Viewer] | None:
        """Return the valid ones among these tokens. None: it cannot be known. One failed read decides nothing."""
        try:
            return await self._look(token_ids)
        except Exception:
            log.info("socket_caller_looked_up_again", exc_info=True)
        await asyncio.sleep(self._limits.look_again_seconds)
        try:
            return await self._look(token_ids)
        except Exception:
            log.warning("socket_caller_unknown", exc_info=True)
            return None

    async def _look(self, token_ids: set[str]) -> Mapping[str, Viewer]:
        self._asked |= token_ids
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look_together())
        return await asyncio.shield(self._next_look)

    async def _look_together(self) -> Mapping[str, Viewer]:
        await asyncio.sleep(0)
        asked, self._asked, self._next_look = self._asked, set(), None
        return await self._doorkeeper.viewers_of(asked)
