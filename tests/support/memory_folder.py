"""Where tests keep databases: in memory where there is room, because a disk takes its time over many small files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3
"""Bytes; a container may have a `/dev/shm` that is no larger than a few files."""


@contextmanager
def quick_folder(prefix: str) -> Iterator[Path]:
    """A fresh folder, gone afterwards. No test pulls the machine's plug, so it need not outlive the machine."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with TemporaryDirectory(prefix=prefix, dir=MEMORY if roomy else None) as folder:
        yield Path(folder)
