"""A hub whose clock a test moves, while it runs and between its runs."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server import clock
from server.commands import main

VARIABLE = "TEST_CLOCK_AHEAD"


class ClockAhead:
    """How many seconds the clock of a hub is ahead of the machine's, in a file that the hub reads."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(0)

    def set(self, seconds: float) -> None:
        written = self.file.with_suffix(".new")
        written.write_text(str(seconds))
        # The hub may read at any moment.
        written.replace(self.file)


def main_ahead() -> None:
    """The program, with the machine's time moved by what the file says."""
    file = Path(os.environ[VARIABLE])
    clock.utc_now = lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))
    main()
