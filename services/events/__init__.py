"""The log of what happened, and how those who watch hear of it."""

from services.events.broadcast import WORK, Broadcast
from services.events.feed import Feeds, Follow, FollowState, Projection
from services.events.log import Change, EventLog, LoggedEvent, read_stream

__all__ = [
    "WORK",
    "Broadcast",
    "Change",
    "EventLog",
    "Feeds",
    "Follow",
    "FollowState",
    "LoggedEvent",
    "Projection",
    "read_stream",
]
