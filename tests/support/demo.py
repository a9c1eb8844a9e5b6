"""A demo as `make demo` starts it, in a folder of its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.running_hub import Command

ANY_PORT = {"HUB_PORT": "0"}
DEMO = Path("var/demo")
NOTE = DEMO / "tour.json"


@contextmanager
def demo_in(folder: Path, *options: str, stopped_by: signal.Signals = signal.SIGINT) -> Iterator[Command]:
    """A demo that says that it is running, stopped as by somebody at the keyboard; it must go by itself."""
    demo = Command("demo", *options, environment=ANY_PORT, log=folder / "demo.log", folder=folder)
    try:
        said = [demo.stdout.readline()]
        while said[-1] and "The CRM sandbox" not in said[-1]:
            said.append(demo.stdout.readline())
        assert said[-1], f"The demo did not start: {said} {demo.log.read_text()}"
        yield demo
        assert not demo.ends_within(0), "It has ended by itself."
        demo.send(stopped_by)
        assert demo.ends_within(10), "It is still running."
    except AssertionError as error:
        error.add_note(demo.log.read_text())
        error.add_note((folder / DEMO / "hub.log").read_text())
        raise
    finally:
        demo.send(signal.SIGKILL)
        demo.stdout.close()
    assert "Traceback" not in demo.log.read_text()
