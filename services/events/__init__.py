"""The event log, and the live updates that are read from it."""

from services.events.broadcast import ANY, Broadcast
from services.events.changing import changing, refuse_stale
from services.events.feed import Batch, Feeds, Follow, FollowState, Once, Rhythm
from services.events.log import Change, Derived, EventLog, Follower, WorkQueue, noting_commits
from services.events.notices import SharedBroadcast
from services.events.reading import Commit, LoggedEvent, Place, find_place, last_place, read_stream
from services.events.types import EventType

__all__ = [
    "ANY",
    "Batch",
    "Broadcast",
    "Change",
    "Commit",
    "Derived",
    "EventLog",
    "EventType",
    "Feeds",
    "Follow",
    "FollowState",
    "Follower",
    "LoggedEvent",
    "Once",
    "Place",
    "Rhythm",
    "SharedBroadcast",
    "WorkQueue",
    "changing",
    "find_place",
    "last_place",
    "noting_commits",
    "read_stream",
    "refuse_stale",
]
