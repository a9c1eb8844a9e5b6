"""Sample work for a new demo: sales of the last weeks in every stage, so that some of the work is late."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from server.clock import utc_now
from server.sample_past import Past, Stories
from services.planning.calendar import WorkCalendar

VALDARNO, TESSITURA, LOGISTICA, PASTIFICIO = 842017, 842230, 842604, 842911
VETRERIA, CANTINA, STUDIO = 843102, 843311, 843720
ELETTROIMPIANTI, VALDARNO_AGAIN, VETRERIA_AGAIN = 833311, 844802, 845020
UNCLEAR = (844018, 844206)
"""One names two kits, the other none: both wait in the inbox."""


LONGEST_AGO = 30


def _steps(past: Past) -> Sequence[tuple[int, Callable[[], Awaitable[None]]]]:
    """Return the steps with their working days ago, the oldest first."""
    return (
        (LONGEST_AGO, past.set_targets),
        (LONGEST_AGO, partial(past.sell, VALDARNO)),
        (27, partial(past.onboard, VALDARNO)),
        (27, partial(past.press_yellow, VALDARNO)),
        (26, partial(past.press_orange, VALDARNO)),
        (26, partial(past.press_violet, VALDARNO)),
        (25, partial(past.sell, ELETTROIMPIANTI)),
        (22, partial(past.onboard, ELETTROIMPIANTI)),
        (22, partial(past.press_yellow, ELETTROIMPIANTI)),
        (21, partial(past.press_orange, ELETTROIMPIANTI)),
        (20, partial(past.deliver, VALDARNO, tasks=8)),
        (20, partial(past.sell, TESSITURA)),
        (18, partial(past.onboard, TESSITURA)),
        (18, partial(past.press_yellow, TESSITURA)),
        (17, partial(past.press_orange, TESSITURA)),
        (17, partial(past.press_violet, TESSITURA, children=2)),
        (14, partial(past.sell, LOGISTICA)),
        (12, partial(past.deliver, TESSITURA, tasks=3)),
        (11, partial(past.deliver, VALDARNO)),
        (11, partial(past.onboard, LOGISTICA)),
        (11, partial(past.press_yellow, LOGISTICA)),
        (10, partial(past.deliver, ELETTROIMPIANTI, tasks=9)),
        (8, partial(past.sell, VETRERIA, PASTIFICIO, VALDARNO_AGAIN)),
        (6, partial(past.onboard, VETRERIA, tasks=2)),
        (6, partial(past.onboard, PASTIFICIO)),
        (3, partial(past.sell, CANTINA)),
        (2, partial(past.onboard, CANTINA, tasks=1)),
        (2, partial(past.start, CANTINA)),
        (1, partial(past.sell, *UNCLEAR)),
        (0, partial(past.press_yellow_and_be_refused, PASTIFICIO)),
        (0, partial(past.sell, STUDIO, VETRERIA_AGAIN)),
    )


class LastWeeks:
    """The sample work as a sample."""

    def begins_at(self, calendar: WorkCalendar) -> datetime:
        return _ago(calendar, LONGEST_AGO)

    async def begin(self, past: Past, stories: Stories) -> None:
        stories.add(partial(self._happen, past, stories))

    async def _happen(self, past: Past, stories: Stories) -> None:
        for working_days_ago, step in _steps(past):
            await stories.until(_ago(past.hub.calendar, working_days_ago))
            await step()


def _ago(calendar: WorkCalendar, working_days: int) -> datetime:
    today = calendar.today(utc_now())
    return utc_now() - (today - calendar.subtract(today, working_days))
