"""The demo's own CRM tenant and folder, for the demo and the tour."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.crm.crm_in_cloud.settings import AuthMode

FOLDER = Path("var/demo")
DATABASE_URL = f"sqlite://{FOLDER / 'hub.sqlite3'}"
NOTE = FOLDER / "tour.json"
"""Exists while a demo runs. It holds the demo's addresses and a token."""

# The sandbox's own account and numbers; the real CRM has others (see the README).
TENANT: dict[str, Any] = {
    "auth_mode": AuthMode.LOGIN_AND_KEY,
    "username": "integrazione@sandbox.example",
    "password": SecretStr("sandbox-password"),
    "api_key": SecretStr("sandbox-key"),
    "intake_sub_type_id": 63705,
    "shadow_sub_type_id": 63706,
    "activity_type": 7,
    "open_state": 1,
    "completed_state": 2,
    "opportunity_phase_id": 53001,
}
