"""Runs what `console/e2e` does in a real browser."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

CONSOLE = Path(__file__).parents[2] / "console"
PATIENCE = 540.0


def run_in_browser(spec: str, there: Mapping[str, str], *, results: Path) -> None:
    """Run a file of `console/e2e` against what is `there`, or fail with what it printed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    run = subprocess.run(
        ["node", "node_modules/@playwright/test/cli.js", "test", f"e2e/{spec}"],
        cwd=CONSOLE,
        env={**os.environ, "CHROMIUM": chromium, **there, "CONSOLE_RESULTS": str(results)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
