"""What every part of a hub is built on, and what follows from its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.settings import Settings
from services.actions import Alike, Costs, Timing
from services.activities.following import follow_milestones
from services.crm.crm_in_cloud.profile import ACTIVITY, OPPORTUNITY, Strategy, TenantProfile, strategy_of
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.protocol import Crm
from services.crm_tenant import Binding
from services.events import EventLog, Follower
from services.planning.actions.preview import CALLS_OF_AN_UPDATE
from services.planning.calendar import WorkCalendar
from services.reads import Environment
from services.tickets.facts import FactsKeeper
from services.vocabulary import ItemKind


def calendar_of(settings: Settings) -> WorkCalendar:
    return WorkCalendar(ZoneInfo(settings.calendar_zone), settings.calendar_country)


def followers_of_changes(facts: FactsKeeper) -> tuple[Follower, ...]:
    """Return what follows from a change of rows, whichever process makes the change."""
    # The facts come first: they are written with the rows that they belong to.
    return (facts.follow, follow_milestones)


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What every part is built on."""

    settings: Settings
    tenant: CrmSettings
    profile: TenantProfile | None
    binding: Binding
    crm: Crm
    events: EventLog
    facts: FactsKeeper
    calendar: WorkCalendar
    steady_since: Callable[[], datetime]

    @property
    def strategy(self) -> Strategy:
        return strategy_of(self.profile, self.tenant)

    @property
    def lag_bound(self) -> float:
        return self.strategy.lag_bound(self.settings.lag_bound_seconds)

    def today(self) -> date:
        return self.calendar.today(self.events.clock())

    def environment(self) -> Environment:
        return Environment(today=self.today(), calendar=self.calendar)

    @property
    def timing(self) -> Timing:
        return Timing(
            time_limit=self.tenant.time_limit,
            settle=self.settings.settle_seconds,
            lag_bound=self.lag_bound,
            backoff=self.settings.backoff_seconds,
            second_look=self.settings.second_look_seconds,
        )

    @property
    def costs(self) -> Costs:
        """Return the expected costs of looking up a company's opportunities or an opportunity's activities."""
        likely = self.strategy.likely_calls
        return Costs(
            [
                Alike(
                    (ItemKind.CREATE_OPPORTUNITY, ItemKind.RECREATE_OPPORTUNITY),
                    likely(OPPORTUNITY, "crossId"),
                ),
                # A synchronisation reads the company itself as well.
                Alike((ItemKind.SYNC_COMPANY,), 1 + likely(OPPORTUNITY, "crossId")),
                Alike(
                    (ItemKind.CREATE_ACTIVITY, ItemKind.CHECK_ACTIVITIES), likely(ACTIVITY, "opportunityId")
                ),
                Alike((ItemKind.UPDATE_ACTIVITY,), CALLS_OF_AN_UPDATE),
            ]
        )
