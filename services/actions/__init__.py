"""Durable runs of the operators' buttons: a ledger of CRM effects, and the engine that carries each out once."""

from services.actions.budget.limiter import CallLimiter, CallRate
from services.actions.budget.lookup_costs import Alike, Costs, forget_costs
from services.actions.engine.duplicate_check import SecondLook
from services.actions.engine.runner import Engine
from services.actions.engine.timing import Timing
from services.actions.forecast.forecaster import Forecast, Forecaster
from services.actions.forecast.health import CrmFailure, CrmHealth
from services.actions.handlers import Created, CreateKind, Kind, RepeatKind, Result
from services.actions.ledger import (
    ActionRunning,
    Opening,
    PlannedItem,
    actions_running_on,
    effect_of,
    enqueue_effects,
    open_action,
    running_action,
)
from services.actions.plans import ActionPlan, CreationPlan, open_plan
from services.actions.retry_and_cancel import (
    NothingToCancel,
    NothingToRetry,
    UnknownItem,
    cancel_action,
    retry_action,
)
from services.actions.workers.pool import Workers
from services.actions.workers.queue import LocalQueue, Queue, SharedQueue

__all__ = [
    "ActionPlan",
    "ActionRunning",
    "Alike",
    "CallLimiter",
    "CallRate",
    "Costs",
    "CreateKind",
    "Created",
    "CreationPlan",
    "CrmFailure",
    "CrmHealth",
    "Engine",
    "Forecast",
    "Forecaster",
    "Kind",
    "LocalQueue",
    "NothingToCancel",
    "NothingToRetry",
    "Opening",
    "PlannedItem",
    "Queue",
    "RepeatKind",
    "Result",
    "SecondLook",
    "SharedQueue",
    "Timing",
    "UnknownItem",
    "Workers",
    "actions_running_on",
    "cancel_action",
    "effect_of",
    "enqueue_effects",
    "forget_costs",
    "open_action",
    "open_plan",
    "retry_action",
    "running_action",
]
