"""Checks for system programs that we cannot install ourselves. Needs only the Python standard library.

python3 tools/require.py node chromium                 stops unless they are here or apt can install them
python3 tools/require.py --report --without chromium   says which tests were left out
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NODE_FLOOR = (20, 19)


@dataclass(frozen=True)
class Program:
    """A system program that some tests need: the names it goes by, and the Debian package that has it."""

    commands: tuple[str, ...]
    package: str
    hidden: str = "-"  # Where its package keeps it, out of the path.

    def is_here(self) -> bool:
        return any(shutil.which(command) for command in self.commands) or any(Path("/").glob(self.hidden))


PROGRAMS = {
    "chromium": Program(("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "pgbouncer": Program(("pgbouncer",), "pgbouncer", hidden="usr/sbin/pgbouncer"),
    "postgres": Program(("initdb",), "postgresql", hidden="usr/lib/postgresql/*/bin/initdb"),
}


def require_node() -> None:
    needed = "Building the console needs Node {}.{} or later".format(*NODE_FLOOR)
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        sys.exit(f"{needed} with npm, and this machine has none: install it from https://nodejs.org.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < NODE_FLOOR:
        sys.exit(f"{needed}, and this machine has {version}: install it from https://nodejs.org.")


def require(name: str) -> None:
    program = PROGRAMS[name]
    if program.is_here():
        return
    can_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if can_install:
        print(f"Installing {program.package} with apt-get.", flush=True)
    if not (can_install and installed(program.package)):
        sys.exit(
            f"The tests need {name}, and this machine has none. Nothing was tested.\n"
            f"Install it:         sudo apt-get update && sudo apt-get install -y {program.package}\n"
            f"Or leave it out:    make test WITHOUT={name}"
        )


def installed(package: str) -> bool:
    """Install the package with apt; show its output only if it fails."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        run = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode:
            print(run.stdout, run.stderr, sep="\n", file=sys.stderr)
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("needed", nargs="*", metavar="PROGRAM")
    parser.add_argument("--without", default="", metavar="PROGRAM,...", help="do not ask for these")
    parser.add_argument("--report", action="store_true", help="only say what was left out")
    arguments = parser.parse_args()
    left_out = [name for name in arguments.without.split(",") if name]
    for name in left_out:
        if name not in PROGRAMS:
            sys.exit(
                f"WITHOUT={name} is unknown; the programs are {', '.join(PROGRAMS)}. Nothing was tested."
            )
    if arguments.report:
        if left_out:
            print(f"Left out, because WITHOUT asked for it: the tests that need {' and '.join(left_out)}.")
        return
    for name in arguments.needed:
        if name == "node":
            require_node()
        elif name not in left_out:
            require(name)


if __name__ == "__main__":
    main()
