"""What an examination of one tenant has proven, and how its records are looked up accordingly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from services.crm.crm_in_cloud.settings import CrmSettings

ACTIVITY = "Activity"
CATALOG = "Catalog"
COMPANY = "Company"
OPPORTUNITY = "Opportunity"

Filter = tuple[str, tuple[str, ...]]
"""A controller, and the properties in one filter over it."""

PART_OF_CODE = "contains(code)"
"""A filter for a part of the property. A search for the whole property is another question."""

ONE_OF = "in(id)"
"""A filter for several ids at once. A search for greater ids is another question."""

SALES: tuple[Filter, ...] = (
    (ACTIVITY, ("subTypeId", "lastModifiedDate")),
    (ACTIVITY, ("subTypeId",)),
    (ACTIVITY, ("lastModifiedDate",)),
)
"""The filters that can find new and changed activities, best first."""

FILTERS: tuple[Filter, ...] = (
    *SALES,
    (ACTIVITY, ("companyId",)),
    (ACTIVITY, ("opportunityId",)),
    (ACTIVITY, ("id",)),
    (ACTIVITY, (ONE_OF,)),
    (OPPORTUNITY, ("crossId",)),
    (OPPORTUNITY, (PART_OF_CODE,)),
    (OPPORTUNITY, ("id",)),
    (CATALOG, (ONE_OF,)),
)
"""Every filter that the client uses."""


RELIED_ON = {
    ACTIVITY: (
        "subject", "description", "subTypeId", "companyId", "opportunityId", "ownerId", "state",
        "activityDate", "createdDate", "lastModifiedDate",
    ),
    OPPORTUNITY: (
        "code", "title", "description", "crossId", "crossType", "amount", "phase", "status", "ownerId", "products",
        "lastModifiedDate",
    ),
}  # fmt: skip
"""The properties without which a row of a search cannot become a record."""


ROUND = (10, 25)
"""A limit on page sizes is usually a multiple of one of these."""


class Verdict(StrEnum):
    """What the tenant's search does with a filter.

    SEARCHABLE: it shows a record that is known to match. IGNORED: it also shows records that do not match. REFUSED:
    it rejects the filter. BLIND: it answers without a record that must match. UNPROVEN: no record could prove it yet.
    """

    SEARCHABLE = "SEARCHABLE"
    IGNORED = "IGNORED"
    REFUSED = "REFUSED"
    BLIND = "BLIND"
    UNPROVEN = "UNPROVEN"


class Rows(StrEnum):
    """Whether a search shows whole records, or so little of them that they must be read by id."""

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
    """What was proven, and when. The keys of `filters` and `rows` are those of `key_of` and the controllers.

    `states` are the values of an activity's `state` that were seen. `longest_page` is how many rows a search has
    shown at once: a page of that length need not be the last. `zone` is the zone of dates written without one, None
    if it could not be determined. `lag_seen` is for how many seconds a record was missing from the search: it can lag
    that long or longer. `held` is how many records the CRM had, by controller.
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
    """How the records of one tenant are looked up, and the names of its `phases`.

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

    def may_try(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter may show the records that it should."""
        return self.verdicts.get(key_of(controller, names)) not in (Verdict.REFUSED, Verdict.BLIND)

    def is_exact(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter shows the records that it should and no others, as far as is known."""
        return self.verdicts.get(key_of(controller, names)) in (None, Verdict.SEARCHABLE)

    def reduces(self, controller: str, names: Sequence[str]) -> bool:
        """Whether the filter may show the records that it should without showing all."""
        return (
            self.may_try(controller, names)
            and self.verdicts.get(key_of(controller, names)) is not Verdict.IGNORED
        )

    def empty_is_proof(self, controller: str, names: Sequence[str]) -> bool:
        """Whether an empty answer of the filter proves that there is no such record."""
        verdict = self.verdicts.get(key_of(controller, names))
        return verdict in (None, Verdict.SEARCHABLE, Verdict.IGNORED)

    def lag_bound(self, believed: float) -> float:
        """For how many seconds a record may be missing from a search: at least as long as one was seen to be."""
        return max(believed, self.lag_seen)

    def ends_with(self, page: Sequence[object]) -> bool:
        """Whether a page is the last, because it could have been longer.

        Only an examination of the tenant shows how long a page can be. Without one, a round number of rows may be the
        limit.
        """
        may_be_full = not self.examined and any(len(page) % cap == 0 for cap in ROUND)
        return len(page) < min(self.page_size, self.longest_page) and not may_be_full

    def likely_calls(self, controller: str, name: str) -> int:
        """Return how many calls a look-up of the few records with one value takes, as far as was proven.

        >>> proven = {"Activity.companyId": Verdict.REFUSED, "Activity.id": Verdict.SEARCHABLE}
        >>> held = {"Activity": 120}
        >>> lost = Strategy(zone=ZoneInfo("UTC"), page_size=51, longest_page=51, verdicts=proven, held=held)
        >>> [lost.likely_calls("Activity", name) for name in ("opportunityId", "companyId")]
        [1, 123]
        >>> from dataclasses import replace
        >>> replace(lost, rows={"Activity": Rows.WHOLE}).likely_calls("Activity", "companyId")
        3
        """
        if self.is_exact(controller, (name,)):
            return 1
        held = self.held.get(controller, 0)
        searched = self.verdicts[key_of(controller, (name,))] is Verdict.IGNORED or self.empty_is_proof(
            controller, ("id",)
        )
        # Each page begins with the last row of the one before.
        page = max(min(self.page_size, self.longest_page) - 1, 1)
        pages = max(ceil(held / page), 1) if searched else 1
        by_id = 0 if searched and self.rows.get(controller) is Rows.WHOLE else held
        return self.reduces(controller, (name,)) + pages + by_id

    def is_whole(self, controller: str, row: Mapping[str, object], *, showing: str) -> bool:
        """Whether a row of a search can stand for its record."""
        if not self.examined:
            return showing in row
        proven = self.rows.get(controller)
        relied_on = (showing, *RELIED_ON.get(controller, ()))
        return proven is Rows.WHOLE or (proven is None and all(name in row for name in relied_on))


def strategy_of(profile: TenantProfile | None, settings: CrmSettings) -> Strategy:
    """Return the strategy that was proven, or the one of the settings if nothing was.

    >>> from services.crm.crm_in_cloud.settings import AuthMode
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
    """Return, by variable, the settings that differ from all sub-types or phases seen in the tenant."""
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
    """Whether new activities can be found only by their ids."""
    useless = (Verdict.REFUSED, Verdict.BLIND, Verdict.IGNORED)
    return all(verdicts.get(key_of(*one)) in useless for one in SALES)


def key_of(controller: str, names: Sequence[str]) -> str:
    """
    >>> key_of("Activity", ("subTypeId", "lastModifiedDate"))
    'Activity.subTypeId+lastModifiedDate'
    """
    return f"{controller}.{'+'.join(names)}"
