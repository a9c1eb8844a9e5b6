"""What one look at a tenant has shown, before anybody judges it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from services.crm.answers import Answer
from services.crm.errors import CrmError, CrmForbidden, CrmRefused
from services.crm.profile import FILTERS, TenantProfile, key_of


class Heard:
    """What the CRM's answers say besides their contents. Given to the door, which tells it of each."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.last: Answer | None = None
        self.skew: timedelta | None = None
        self.rate_headers: dict[str, str] = {}

    def __call__(self, answer: Answer) -> None:
        self.last = answer
        # A header may be missing, or hold no instant.
        with suppress(KeyError, TypeError, ValueError):
            self.skew = parsedate_to_datetime(answer.headers["Date"]) - self._clock()
        self.rate_headers |= {
            name: value
            for name, value in answer.headers.items()
            if "ratelimit" in name.lower().replace("-", "")
        }

    @property
    def now(self) -> datetime:
        """The CRM's own time, as far as it was told."""
        return self._clock() + (self.skew or timedelta(0))


@dataclass(kw_only=True)
class Examination:
    """Everything that one look has shown, before anybody judges it.

    `refused` are the reads that the CRM declined, `broken_off` is what ended the look early. By controller:
    `properties` are those of a new record, `page_cap` is how many records a page shows at most where that is fewer than
    we ask for, `hidden_count` how many the list has and no search shows, though they are old. `zoneless` says whether
    dates come without a zone.
    """

    profile: TenantProfile
    heard: Heard
    refused: list[CrmRefused] = field(default_factory=list)
    broken_off: CrmError | None = None
    properties: dict[str, frozenset[str]] = field(default_factory=dict)
    page_cap: dict[str, int] = field(default_factory=dict)
    hidden_count: dict[str, int] = field(default_factory=dict)
    zoneless: bool = False

    @property
    def complete(self) -> bool:
        """Whether what was proven may be kept: nothing was out of our reach."""
        forbidden = any(isinstance(one, CrmForbidden) for one in self.refused)
        proven = all(key_of(*one) in self.profile.filters for one in FILTERS)
        return self.broken_off is None and proven and not forbidden
