"""The engine with every kind of effect, its forecast, and the poller."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from server.wiring.crm_access import call_rate, circuit_of, shared_clock
from server.wiring.foundation import Foundation
from services.actions import CreateKind, Engine, Forecaster, SecondLook
from services.activities.generation import ActivityCreation
from services.activities.mirror import ActivityUpdate
from services.activities.verification import ActivityCheck
from services.crm.crm_in_cloud.profile import polls_by_id
from services.crm.protocol import Priority
from services.intake.imports import Intake
from services.intake.manual_entry import SaleCreation
from services.intake.polling import Poller, PollSettings
from services.opportunities.generation import OpportunityCreation
from services.opportunities.repairs import OpportunityRecreation
from services.opportunities.sync import CompanySync
from services.vocabulary import ItemKind


def engine_of(ground: Foundation, creations: Mapping[str, CreateKind]) -> Engine:
    settings, crm = ground.settings, ground.crm.with_priority(Priority.ACTION)
    return Engine(
        kinds={
            **creations,
            ItemKind.SYNC_COMPANY: CompanySync(crm, calendar=ground.calendar, lag_bound=ground.lag_bound),
            ItemKind.UPDATE_ACTIVITY: ActivityUpdate(crm),
            ItemKind.CHECK_ACTIVITIES: ActivityCheck(
                crm,
                calendar=ground.calendar,
                clock=ground.events.clock,
                lag_bound=ground.lag_bound,
                steady_since=ground.steady_since,
            ),
            ItemKind.SECOND_LOOK: SecondLook(
                creations_of(ground, Priority.BACKGROUND),
                delay=ground.timing.second_look_after,
                clock=ground.events.clock,
            ),
        },
        events=ground.events,
        timing=ground.timing,
        costs=ground.costs,
        circuit=circuit_of(settings, ground.events.clock),
        steady_since=ground.steady_since,
    )


def creations_of(ground: Foundation, priority: Priority) -> dict[str, CreateKind]:
    """Return all kinds that create records in the CRM."""
    crm, sub_type_id = ground.crm.with_priority(priority), ground.tenant.intake_sub_type_id
    return {
        ItemKind.CREATE_OPPORTUNITY: OpportunityCreation(crm),
        ItemKind.RECREATE_OPPORTUNITY: OpportunityRecreation(
            crm,
            clock=ground.events.clock,
            lag_bound=ground.lag_bound,
            steady_since=ground.steady_since,
        ),
        ItemKind.CREATE_ACTIVITY: ActivityCreation(crm),
        ItemKind.CREATE_SALE: SaleCreation(crm, calendar=ground.calendar, sub_type_id=sub_type_id),
    }


def forecaster_of(ground: Foundation, creations: Mapping[str, CreateKind]) -> Forecaster:
    return Forecaster(
        call_rate(ground.settings),
        creates=creations.keys(),
        costs=ground.costs,
        timing=ground.timing,
        clock=shared_clock(ground.events.clock),
    )


def poller_of(ground: Foundation, intake: Intake) -> Poller:
    settings = ground.settings
    day, zone = settings.poll_since, ZoneInfo(settings.calendar_zone)
    return Poller(
        crm=ground.crm,
        intake=intake,
        sub_type_id=ground.tenant.intake_sub_type_id,
        settings=PollSettings(
            interval=settings.poll_seconds,
            overlap=max(settings.poll_overlap_seconds, ground.lag_bound),
            since=datetime.combine(day, time.min, zone).astimezone(UTC) if day else None,
        ),
        clock=ground.events.clock,
        circuit=circuit_of(settings, ground.events.clock),
        by_id=polls_by_id(ground.strategy.verdicts),
    )
