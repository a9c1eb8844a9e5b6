"""The log of what happened, and how those who watch hear of it."""

from services.events.broadcast import Broadcast
from services.events.feed import Feeds, Follow, FollowState, Projection
from services.events.log import Change, EventLog, LoggedEvent, WorkQueue, read_stream
from services.events.notices import SharedBroadcast

__all__ = [
    "Broadcast",
    "Change",
    "EventLog",
    "Feeds",
    "Follow",
    "FollowState",
    "LoggedEvent",
    "Projection",
    "SharedBroadcast",
    "WorkQueue",
    "read_stream",
]
