"""The context of a request: the caller, the time, the calendar and the services."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from resolvers.reads.operation import FinishesRows, Operation
from services.actions import Forecaster
from services.crm.pages import NO_PAGES, CrmPages
from services.crm.protocol import Crm
from services.events import EventLog
from services.intake.imports import Intake
from services.kpis import KeptCells
from services.live import Pulse, Watching
from services.operators import Viewer
from services.planning.calendar import WorkCalendar
from services.previews import Previews
from services.reads import Environment
from services.reads.compiled import State
from services.reconciliation import Reconciler

KeepAnswer = Callable[[State, bytes], None]
"""Is handed the state of the database, and the JSON of `data`."""


@dataclass(kw_only=True)
class Context:
    """`request_id` is in the events that a mutation causes, and in the log. `board` is the pulse of the figures."""

    viewer: Viewer
    request_id: str
    clock: Callable[[], datetime]
    calendar: WorkCalendar
    events: EventLog
    crm: Crm
    intake: Intake
    previews: Previews
    watching: Watching
    pulse: Pulse
    board: Pulse
    reconciler: Reconciler
    forecaster: Forecaster
    crm_pages: CrmPages = NO_PAGES
    finishes_rows: FinishesRows | None = None
    kept_cells: KeptCells = field(default_factory=KeptCells)
    operation: Operation | None = None
    """The running operation; the executor of a document sets it."""
    reads_end_at: float | None = None
    """When its reads have to end, if another executor began them: a time of the monotonic clock."""

    keep_answer: KeepAnswer | None = None
    """Keeps the answer of this query for the state in which it was read."""

    @property
    def actor(self) -> str:
        return self.viewer.operator_id

    def in_operation(self, operation: Operation) -> "Context":
        return replace(self, operation=operation)

    @property
    def running(self) -> Operation:
        assert self.operation is not None, "nothing is executed without an operation"
        return self.operation

    def environment(self) -> Environment:
        """The values that computed fields may use, taken once for each read."""
        return Environment(self.calendar.today(self.clock()), self.calendar, self.crm_pages)
