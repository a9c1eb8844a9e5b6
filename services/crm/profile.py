"""What a look at one tenant has proven, and how its records are looked up because of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from services.crm.settings import CrmSettings

ACTIVITY = "Activity"
CATALOG = "Catalog"
COMPANY = "Company"
OPPORTUNITY = "Opportunity"

Filter = tuple[str, tuple[str, ...]]
"""A controller, and the properties that one filter over it names."""

PART_OF_CODE = "contains(code)"
"""A filter for a part of the property; to search for the whole of it is another question."""

ONE_OF = "in(id)"
"""A filter for several ids at once; to search beyond an id is another question."""

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
    (ACTIVITY, (ONE_OF,)),
    (OPPORTUNITY, ("crossId",)),
    (OPPORTUNITY, ("code",)),
    (OPPORTUNITY, (PART_OF_CODE,)),
    (OPPORTUNITY, ("id",)),
    (CATALOG, (ONE_OF,)),
)
"""Every filter that the client uses."""


RELIED_ON = {
    ACTIVITY: (
        "subject", "description", "subTypeId", "companyId", "opportunityId", "ownerId", "idCompanion", "state",
        "activityDate", "createdDate", "lastModifiedDate",
    ),
    OPPORTUNITY: (
        "code", "title", "description", "crossId", "crossType", "amount", "phase", "status", "ownerId", "products",
        "lastModifiedDate",
    ),
}  # fmt: skip
"""The properties without which a row of a search is not worth a record."""


ROUND = (10, 25)
"""Whoever caps pages takes a multiple of one of these."""


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

    `states` are the values of an activity's `state` that were met. `longest_page` is how many rows a search has shown
    at once: a page as long as that need not be the last. `zone` is that of dates written without one, None where it
    could not be told. `lag_seen` is for how many seconds a record was missing from the search: so long can it lag, or
    longer. `held` is how many records the CRM had, by controller.
    """

    probed_at: datetime
    user_id: int | None = None
    sub_types: tuple[SubType, ...] = ()
    phases: tuple[Phase, ...] = ()
    states: tuple[int, ...] = ()
    filters: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    longest_page: int = 0
    zone: str | None = None
    lag_seen: float | None = None
    held: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How the records of one tenant are looked up, and what its `phases` are called.

    Without a profile there are no verdicts: every filter is tried, and its answer is believed.
    """

    zone: ZoneInfo
    page_size: int
    longest_page: int
    examined: bool = False
    lag_seen: float = 0.0
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    phases: Mapping[int, str] = field(default_factory=dict)

    def tries(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter may show what it is asked for."""
        return self.verdicts.get(key_of(controller, names)) not in (Verdict.REFUSED, Verdict.BLIND)

    def singles_out(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter shows what it is asked for and nothing else, as far as anybody knows."""
        return self.verdicts.get(key_of(controller, names)) in (None, Verdict.SEARCHABLE)

    def narrows(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter may show what it is asked for without showing everything."""
        return (
            self.tries(controller, names)
            and self.verdicts.get(key_of(controller, names)) is not Verdict.IGNORED
        )

    def believes(self, controller: str, names: Sequence[str]) -> bool:
        """Whether nothing found by the filter means that nothing is there."""
        verdict = self.verdicts.get(key_of(controller, names))
        return verdict in (None, Verdict.SEARCHABLE, Verdict.IGNORED)

    def lag_bound(self, believed: float) -> float:
        """For how many seconds a record may be missing from a search: as long as one was seen to, if not longer."""
        return max(believed, self.lag_seen)

    def ends_with(self, page: Sequence[object]) -> bool:
        """Whether nothing comes after a page because it could have been longer.

        How long one can be at most, only a look at the tenant tells. Where nobody looked, a round number of rows may be
        all that fits.
        """
        may_be_full = not self.examined and any(len(page) % cap == 0 for cap in ROUND)
        return len(page) < min(self.page_size, self.longest_page) and not may_be_full

    def likely_calls(self, controller: str, name: str) -> int:
        """How many calls it takes to look up the few records of one value, as far as was proven.

        >>> proven = {"Activity.companyId": Verdict.REFUSED, "Activity.id": Verdict.SEARCHABLE}
        >>> held = {"Activity": 120}
        >>> lost = Strategy(zone=ZoneInfo("UTC"), page_size=51, longest_page=51, verdicts=proven, held=held)
        >>> [lost.likely_calls("Activity", name) for name in ("opportunityId", "companyId")]
        [1, 123]
        >>> from dataclasses import replace
        >>> replace(lost, rows={"Activity": Rows.WHOLE}).likely_calls("Activity", "companyId")
        3
        """
        if self.singles_out(controller, (name,)):
            return 1
        held = self.held.get(controller, 0)
        searched = self.verdicts[key_of(controller, (name,))] is Verdict.IGNORED or self.believes(
            controller, ("id",)
        )
        # Each page begins with the last row of the one before.
        page = max(min(self.page_size, self.longest_page) - 1, 1)
        pages = max(ceil(held / page), 1) if searched else 1
        by_id = 0 if searched and self.rows.get(controller) is Rows.WHOLE else held
        return self.narrows(controller, (name,)) + pages + by_id

    def is_whole(self, controller: str, row: Mapping[str, object], *, showing: str) -> bool:
        """Whether a row of a search may stand for its record."""
        if not self.examined:
            return showing in row
        proven = self.rows.get(controller)
        relied_on = (showing, *RELIED_ON.get(controller, ()))
        return proven is Rows.WHOLE or (proven is None and all(name in row for name in relied_on))


def strategy_of(profile: TenantProfile | None, settings: CrmSettings) -> Strategy:
    """Follow what was proven; where nothing was, follow the settings.

    >>> from services.crm.settings import AuthMode
    >>> settings = CrmSettings(
    ...     base_url="https://crm.test", auth_mode=AuthMode.KEY, api_key="k", activity_type=7,
    ...     intake_sub_type_id=1, shadow_sub_type_id=2, open_state=0, completed_state=2,
    ... )
    >>> from datetime import UTC
    >>> proven = TenantProfile(probed_at=datetime(2026, 12, 21, tzinfo=UTC), longest_page=50, zone="UTC")
    >>> [strategy_of(one, settings).ends_with([1] * 61) for one in (None, proven)]
    [True, False]
    >>> strategy_of(None, settings).ends_with([1] * 60)
    False
    >>> strategy_of(proven, settings).zone.key
    'UTC'
    """
    if profile is None:
        return Strategy(zone=settings.zone, page_size=settings.page_size, longest_page=settings.page_size)
    return Strategy(
        zone=ZoneInfo(profile.zone) if profile.zone else settings.zone,
        page_size=settings.page_size,
        longest_page=profile.longest_page,
        examined=True,
        lag_seen=profile.lag_seen or 0.0,
        verdicts=profile.filters,
        rows=profile.rows,
        held=profile.held,
        phases={phase.id: phase.name for phase in profile.phases},
    )


def unknown_numbers(profile: TenantProfile, settings: CrmSettings) -> dict[str, int]:
    """By variable, what is set although the tenant was seen to have other sub-types or phases only."""
    sub_types = {sub_type.id for sub_type in profile.sub_types}
    chosen = {
        "CRM_INTAKE_SUB_TYPE_ID": (settings.intake_sub_type_id, sub_types),
        "CRM_SHADOW_SUB_TYPE_ID": (settings.shadow_sub_type_id, sub_types),
        "CRM_OPPORTUNITY_PHASE_ID": (settings.opportunity_phase_id, {phase.id for phase in profile.phases}),
    }
    return {
        variable: number
        for variable, (number, there) in chosen.items()
        if number is not None and there and number not in there
    }


def polls_by_id(verdicts: Mapping[str, Verdict]) -> bool:
    """Whether new activities can be told from others by nothing but their ids."""
    useless = (Verdict.REFUSED, Verdict.BLIND, Verdict.IGNORED)
    return all(verdicts.get(key_of(*one)) in useless for one in SALES)


def key_of(controller: str, names: Sequence[str]) -> str:
    """
    >>> key_of("Activity", ("subTypeId", "lastModifiedDate"))
    'Activity.subTypeId+lastModifiedDate'
    """
    return f"{controller}.{'+'.join(names)}"
