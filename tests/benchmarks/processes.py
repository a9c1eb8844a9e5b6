"""What processes cost, as the kernel counts it."""

from collections.abc import Iterator
from os import sysconf
from pathlib import Path

MIB = 1024


def cpu_seconds(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")


def cpu_seconds_of_family(pid: int) -> float:
    """Of the process and of those that it started, also where they have ended."""
    fields = _fields(pid)
    ended = (int(fields[13]) + int(fields[14])) / sysconf("SC_CLK_TCK")
    return cpu_seconds(pid) + ended + sum(_cpu_seconds_unless_ended(child) for child in _children(pid))


def memory(pid: int) -> float:
    """MiB that the process holds of its own, without what it shares with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
    return sum(private) / MIB


def _cpu_seconds_unless_ended(pid: int) -> float:
    try:
        return cpu_seconds(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _children(pid: int) -> Iterator[int]:
    yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
