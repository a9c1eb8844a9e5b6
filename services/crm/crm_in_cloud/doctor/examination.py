"""What one examination of a tenant has shown, before any judgement."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from services.crm.crm_in_cloud.profile import FILTERS, TenantProfile, key_of
from services.crm.crm_in_cloud.responses import Answer
from services.crm.errors import CrmError, CrmForbidden, CrmRefused


class ObservedAnswers:
    """What the CRM's answers show in addition to their contents. The gateway calls it with each answer."""

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
        """The CRM's own time, as far as it is known."""
        return self._clock() + (self.skew or timedelta(0))


@dataclass(kw_only=True)
class Examination:
    """Everything that one examination has shown, before any judgement.

    `refused` are the reads that the CRM declined, `broken_off` is what ended the examination early. By controller:
    `properties` are those of a new record. `page_cap` is the largest number of records on a page, if that is less
    than we ask for. `hidden_count` is how many old records the list has that no search shows. `zoneless` says whether
    dates come without a zone.
    """

    profile: TenantProfile
    observed: ObservedAnswers
    refused: list[CrmRefused] = field(default_factory=list)
    broken_off: CrmError | None = None
    properties: dict[str, frozenset[str]] = field(default_factory=dict)
    page_cap: dict[str, int] = field(default_factory=dict)
    hidden_count: dict[str, int] = field(default_factory=dict)
    zoneless: bool = False

    @property
    def complete(self) -> bool:
        """Whether the proven facts may be stored: nothing was out of our reach."""
        forbidden = any(isinstance(one, CrmForbidden) for one in self.refused)
        proven = all(key_of(*one) in self.profile.filters for one in FILTERS)
        return self.broken_off is None and proven and not forbidden
