"""Durable runs of the operators' buttons: a ledger of CRM effects, and the engine that carries them out once each."""

from services.actions.costs import Alike, Costs, forget_costs
from services.actions.engine import Engine
from services.actions.health import CrmFailure, CrmHealth
from services.actions.interventions import (
    NothingToCancel,
    NothingToRetry,
    UnknownAction,
    UnknownItem,
    cancel_action,
    retry_action,
)
from services.actions.kinds import CreateKind, Kind, RepeatKind, Result
from services.actions.ledger import (
    ActionRunning,
    PlannedItem,
    actions_at_work,
    enqueue_item,
    open_action,
    running_action,
)
from services.actions.limiter import CallLimiter, CallRate
from services.actions.outlook import Lookout, Outlook
from services.actions.plans import ActionPlan, CreationPlan, open_plan
from services.actions.queue import LocalQueue, Queue, SharedQueue
from services.actions.second_look import SecondLook
from services.actions.timing import Timing
from services.actions.workers import Workers

__all__ = [
    "ActionPlan",
    "ActionRunning",
    "Alike",
    "CallLimiter",
    "CallRate",
    "Costs",
    "CreateKind",
    "CreationPlan",
    "CrmFailure",
    "CrmHealth",
    "Engine",
    "Kind",
    "LocalQueue",
    "Lookout",
    "NothingToCancel",
    "NothingToRetry",
    "Outlook",
    "PlannedItem",
    "Queue",
    "RepeatKind",
    "Result",
    "SecondLook",
    "SharedQueue",
    "Timing",
    "UnknownAction",
    "UnknownItem",
    "Workers",
    "actions_at_work",
    "cancel_action",
    "enqueue_item",
    "forget_costs",
    "open_action",
    "open_plan",
    "retry_action",
    "running_action",
]
