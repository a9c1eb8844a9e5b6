"""Processes that end with the tests, however the tests end."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1

LEASH = '"$@" & program=$!; read -r _; kill -INT "$program" 2>/dev/null; wait "$program"'
"""For `sh -c`: runs a program and interrupts it as soon as the shell's own standard input ends."""


def end_with_parent() -> None:
    """Called inside a child: be killed when the thread that started it ends. Only Linux can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
