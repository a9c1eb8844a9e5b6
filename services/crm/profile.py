"""What a look at one tenant has proven, and how its records are looked up because of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.crm.settings import CrmSettings

ACTIVITY = "Activity"
CATALOG = "Catalog"
COMPANY = "Company"
OPPORTUNITY = "Opportunity"

Filter = tuple[str, tuple[str, ...]]
"""A controller, and the properties that one filter over it names."""

SALES: tuple[Filter, ...] = (
    (ACTIVITY, ("subTypeId", "lastModifiedDate")),
    (ACTIVITY, ("subTypeId",)),
    (ACTIVITY, ("lastModifiedDate",)),
)
"""The filters that can tell what to hear of, best first."""

FILTERS: tuple[Filter, ...] = (
    *SALES,
    (ACTIVITY, ("companyId",)),
    (ACTIVITY, ("opportunityId",)),
    (ACTIVITY, ("id",)),
    (OPPORTUNITY, ("crossId",)),
    (OPPORTUNITY, ("code",)),
    (OPPORTUNITY, ("id",)),
)
"""Every filter whose silence the client believes."""


class Verdict(StrEnum):
    """What the tenant's search makes of a filter.

    SEARCHABLE: it shows a record that is known to fit. IGNORED: it shows records that do not fit as well. REFUSED: it
    says so. BLIND: it answers without the record that must be there. UNPROVEN: no record could prove it yet.
    """

    SEARCHABLE = "SEARCHABLE"
    IGNORED = "IGNORED"
    REFUSED = "REFUSED"
    BLIND = "BLIND"
    UNPROVEN = "UNPROVEN"


class Rows(StrEnum):
    """Whether a search shows records whole, or so little of them that they must be read by id."""

    WHOLE = "WHOLE"
    PARTIAL = "PARTIAL"


@dataclass(frozen=True, kw_only=True)
class SubType:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Phase:
    id: int
    name: str
    status: int | None
    weight: int | None


@dataclass(frozen=True, kw_only=True)
class TenantProfile:
    """What was proven, and when. `filters` and `rows` have keys as `key_of` and the controllers make them.

    `states` are the values of an activity's `state` that were met. `zone` is that of dates written without one, None
    where it could not be told. `page_cap` is how many rows a page has at most, where that is fewer than we ask for.
    `lag_seen` is for how many seconds a record was seen missing from the search: at least so long can it lag.
    """

    probed_at: datetime
    user_id: int | None = None
    sub_types: tuple[SubType, ...] = ()
    phases: tuple[Phase, ...] = ()
    states: tuple[int, ...] = ()
    filters: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    page_cap: int | None = None
    zone: str | None = None
    lag_seen: float | None = None


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How the records of one tenant are looked up.

    Without a profile there are no verdicts: every filter is tried, and its answer is believed.
    """

    zone: ZoneInfo
    page_size: int
    lag_seen: float = 0.0
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)

    @property
    def polls_by_id(self) -> bool:
        """Whether new activities can be told from others by nothing but their ids."""
        verdicts = [self.verdicts.get(key_of(*one)) for one in SALES]
        return all(verdict in (Verdict.REFUSED, Verdict.BLIND, Verdict.IGNORED) for verdict in verdicts)

    def tries(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter may show what it is asked for."""
        return self.verdicts.get(key_of(controller, names)) not in (Verdict.REFUSED, Verdict.BLIND)

    def believes(self, controller: str, names: Sequence[str]) -> bool:
        """Whether nothing found by the filter means that nothing is there."""
        verdict = self.verdicts.get(key_of(controller, names))
        return verdict in (None, Verdict.SEARCHABLE, Verdict.IGNORED)


def strategy_of(profile: TenantProfile | None, settings: CrmSettings) -> Strategy:
    """Follow what was proven; where nothing was, follow the settings.

    >>> from services.crm.settings import AuthMode
    >>> settings = CrmSettings(
    ...     base_url="https://crm.test", auth_mode=AuthMode.KEY, api_key="k", activity_type=7,
    ...     intake_sub_type_id=1, shadow_sub_type_id=2, open_state=0, completed_state=2,
    ... )
    >>> strategy_of(None, settings).page_size
    100
    >>> from datetime import UTC
    >>> proven = TenantProfile(probed_at=datetime(2026, 12, 21, tzinfo=UTC), page_cap=50, zone="UTC")
    >>> strategy_of(proven, settings).page_size, strategy_of(proven, settings).zone.key
    (50, 'UTC')
    """
    if profile is None:
        return Strategy(zone=settings.zone, page_size=settings.page_size)
    return Strategy(
        zone=ZoneInfo(profile.zone) if profile.zone else settings.zone,
        page_size=min(settings.page_size, max(profile.page_cap or settings.page_size, 2)),
        lag_seen=profile.lag_seen or 0.0,
        verdicts=profile.filters,
        rows=profile.rows,
    )


def key_of(controller: str, names: Sequence[str]) -> str:
    """
    >>> key_of("Activity", ("subTypeId", "lastModifiedDate"))
    'Activity.subTypeId+lastModifiedDate'
    """
    return f"{controller}.{'+'.join(names)}"
