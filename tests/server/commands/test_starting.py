"""What a command takes before it begins."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

# In a process of its own: what is imported stays.
ALONE = """
import sys
import server.commands
print([name for name in ("schema", "strawberry", "uvicorn") if name in sys.modules])
import server.application
print([name for name in ("schema", "strawberry", "uvicorn") if name in sys.modules])
"""


def test_only_a_command_that_runs_the_application_makes_the_schema():
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, cwd=ROOT)

    assert run.stderr == ""
    assert run.stdout.splitlines() == ["[]", "['schema', 'strawberry', 'uvicorn']"]
