"""What a request brings along: who asks, what time it is, and which days are worked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.planning.calendar import WorkCalendar
from services.reads import Environment
from services.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The caller. `role` is what the shown token allows, which may be less than the operator's own."""

    operator_id: str
    name: str
    role: Role


@dataclass(kw_only=True)
class Context:
    viewer: Viewer
    clock: Callable[[], datetime]
    calendar: WorkCalendar

    def environment(self) -> Environment:
        """What computed fields may ask for, taken once for each read."""
        return Environment(today=self.calendar.today(self.clock()), calendar=self.calendar)
