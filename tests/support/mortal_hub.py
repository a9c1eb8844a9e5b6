"""A hub that may be killed as by a power cut, started again at its address, and moved in time, also from a browser."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.support.moved_clock import VARIABLE, ClockAhead, main_ahead
from tests.support.running_hub import Files, ForkedCommand, RunningHub, Sandbox, kill, running_hub


class MortalHub:
    """One hub process at a time. `address` stays the same."""

    def __init__(self, files: Files, sandbox: Sandbox, stack: ExitStack) -> None:
        self._files = files
        self._sandbox = sandbox
        self._stack = stack
        self.clock_ahead = ClockAhead(files.folder / "clock-ahead.txt")
        self._running = self._started("0")
        self.address = self._running.address

    def kill(self) -> None:
        kill(self._running.command)

    def start(self) -> None:
        self._running = self._started(self.address.rpartition(":")[2])

    def _started(self, port: str) -> RunningHub:
        settings = {"HUB_PORT": port, VARIABLE: str(self.clock_ahead.file)}
        start = partial(ForkedCommand, run=main_ahead)
        return self._stack.enter_context(running_hub(self._files, self._sandbox, start=start, **settings))


@contextmanager
def mortal_hub(files: Files, sandbox: Sandbox) -> Iterator[MortalHub]:
    with ExitStack() as stack:
        yield MortalHub(files, sandbox, stack)


@contextmanager
def switch_of(hub: MortalHub) -> Iterator[str]:
    """An address at which `POST /kill`, `/start` and `/clock-ahead/<seconds>` are obeyed before they are answered."""

    def obey(order: str, seconds: str = "0") -> None:
        orders = {
            "kill": hub.kill,
            "start": hub.start,
            "clock-ahead": lambda: hub.clock_ahead.set(float(seconds)),
        }
        orders[order]()

    class Switch(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            obey(*self.path.removeprefix("/").split("/"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Switch) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
