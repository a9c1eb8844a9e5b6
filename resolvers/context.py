"""What a request brings along: who asks, what time it is, which days are worked, and the doors to the services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.actions import Lookout
from services.crm.protocol import Crm
from services.events import EventLog, Feeds
from services.intake import Intake
from services.operators import Viewer
from services.planning.calendar import WorkCalendar
from services.previews import Previews
from services.progress import TreeProgress
from services.reads import Environment
from services.reconciliation import Reconciler


@dataclass(kw_only=True)
class Context:
    """`request_id` stands in the events that a mutation causes, and in the log."""

    viewer: Viewer
    request_id: str
    clock: Callable[[], datetime]
    calendar: WorkCalendar
    events: EventLog
    crm: Crm
    intake: Intake
    previews: Previews
    progress: Feeds[TreeProgress]
    reconciler: Reconciler
    lookout: Lookout

    @property
    def actor(self) -> str:
        return self.viewer.operator_id

    def environment(self) -> Environment:
        """What computed fields may ask for, taken once for each read."""
        return Environment(today=self.calendar.today(self.clock()), calendar=self.calendar)
