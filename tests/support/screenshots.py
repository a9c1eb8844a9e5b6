"""Takes a picture of every screen of the console, in both languages and themes: `make screenshots`."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.browser import run_in_browser
from tests.support.demo import NOTE, demo_in
from tests.support.running_hub import PROJECT

FOLDER = PROJECT / "var" / "screenshots"


def main() -> None:
    with TemporaryDirectory() as folder, demo_in(Path(folder)):
        note = json.loads(Path(folder, NOTE).read_text())
        there = {
            "HUB_ADDRESS": note["url"],
            "HUB_OPERATOR_TOKEN": note["token"],
            "CRM_CONTROL": note["control"],
            "SCREENSHOTS": str(FOLDER),
        }
        run_in_browser("screenshots/take.spec.ts", there, results=Path(folder, "results"))


if __name__ == "__main__":
    main()
