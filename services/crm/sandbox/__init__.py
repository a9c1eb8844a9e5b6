"""A local CRM in Cloud: a real HTTP server over one SQLite file, faithful to docs/crm-in-cloud.md.

It imports nothing else of the project. References such as §2.3 point into that page.
"""

from services.crm.sandbox.access import Account
from services.crm.sandbox.running import run_sandbox
from services.crm.sandbox.sandbox import Addresses, Sandbox, create_sandbox

__all__ = ["Account", "Addresses", "Sandbox", "create_sandbox", "run_sandbox"]
