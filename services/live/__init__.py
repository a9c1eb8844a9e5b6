"""What watchers of a stream are shown: whole rows, read again after each change, and the events themselves."""

from services.live.actions import ActionScope, logged_status, runs_at
from services.live.progress import ProgressScope
from services.live.pulse import Beat, ListTopic, Pulse
from services.live.rows import RowIds, Rows, Wanted, read_wanted
from services.live.tree import TreeScope, touched_rows
from services.live.watch import PART, LiveItem, Scope, Watching

__all__ = [
    "PART",
    "ActionScope",
    "Beat",
    "ListTopic",
    "LiveItem",
    "ProgressScope",
    "Pulse",
    "RowIds",
    "Rows",
    "Scope",
    "TreeScope",
    "Wanted",
    "Watching",
    "logged_status",
    "read_wanted",
    "runs_at",
    "touched_rows",
]
