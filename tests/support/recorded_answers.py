"""Recorded answers, and what the tests of the CRM client say and hold again and again."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import aiohttp
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings
from services.crm.protocol import Priority
from services.crm.records import ActivityChanges, ActivityDetails, OpportunityDraft

NOW = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)

SETTINGS = CrmSettings(
    base_url="https://crm.test",
    auth_mode=AuthMode.KEY,
    username="canary-user@example.it",
    password="canary-pass/word",
    api_key="canary-key",
    application="IntelligenceHub",
    intake_sub_type_id=63705,
    shadow_sub_type_id=63688,
    activity_type=7,
    open_state=1,
    completed_state=2,
    opportunity_phase_id=53002,
    opportunity_category_id=25309,
    default_owner_id=901,
    time_limit=2.0,
)


ACTIVITY_845 = "https://crm.test/api/v1/Activity/845/GetFull"
OURS_845 = {"id": 845, "subject": "[IH:milestone:7] Firma"}
ACTIVITY_UPSERT = "https://crm.test/api/v1/Activity/CreateOrUpdate"
OPPORTUNITY_UPSERT = "https://crm.test/api/v1/Opportunity/CreateOrUpdate"
LOGIN = "https://crm.test/api/v1/Auth/Login"
ME = "https://crm.test/api/v1/Auth/Me"

DRAFT = OpportunityDraft(
    company_id=12, sale_id=845155, reference="TCK-F40-5155-01", title="Formazione", amount=Decimal(900)
)
DETAILS = ActivityDetails(company_id=12, reference="milestone:7", due_on=date(2026, 12, 23))
CHANGES = ActivityChanges(reference="milestone:7", completed=True)

HTML = "<html><h1>Manutenzione</h1></html>"
OWN_ERROR = {"message": "Campo obbligatorio mancante"}
EXPIRED = {"message": "The token has expired."}


@dataclass
class Stopwatch:
    """Monotonic time that passes only when asked to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class RecordedBudget:
    """Grants every call at once, and remembers for whom, and the pauses. Each right is `age` seconds old."""

    taken: list[Priority] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    age: float = 0.0

    async def take(self, priority: Priority) -> float:
        self.taken.append(priority)
        return self.age

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


ClientMaker = Callable[[CrmSettings], CrmInCloudClient]


def dead_end() -> aiohttp.ClientConnectorError:
    """The error for a connection that never opened."""
    nowhere = aiohttp.client_reqrep.ConnectionKey("crm.test", 443, True, True, None, None, None)
    return aiohttp.ClientConnectorError(nowhere, OSError(111, "Connection refused"))


def jwt(lifetime: int = 1200, *, serial: int = 0) -> str:
    """A token of that many seconds; another serial makes it another token."""
    claims = {"UserId": "901", "iat": 1_700_000_000, "exp": 1_700_000_000 + lifetime, "serial": serial}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiAiSFMyNTYifQ.{payload}.c2ln"


def slowly(**answer: object) -> Callable[..., Awaitable[CallbackResult]]:
    """An answer that lets everybody else run first, as one over a network does."""

    async def answer_later(url: URL, **_: object) -> CallbackResult:
        await asyncio.sleep(0)
        return CallbackResult(**answer)

    return answer_later


def credentials(request: dict[str, Any]) -> dict[str, str]:
    """The headers of a request that let it in."""
    names = ("Authorization", "WebApiKey", "ApiKey", "Crm-ApplicationName")
    return {name: request["headers"][name] for name in names if name in request["headers"]}


def sent(crm_http: aioresponses, method: str, url: str) -> list[dict[str, Any]]:
    """The keyword arguments of every request that was sent there."""
    return [call.kwargs for call in crm_http.requests.get((method, URL(url)), [])]
