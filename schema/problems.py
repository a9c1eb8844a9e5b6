"""What prevented a mutation, as data that a caller can branch on."""

from enum import Enum
from typing import Any

import strawberry

from resolvers.problems import shows_refusals
from resolvers.rows import loaded
from schema.actions import Action
from schema.nodes import Node


def _code(name: str, description: str) -> Any:
    return strawberry.enum_value(name, description=description)


@strawberry.enum(description="Why a mutation did nothing.")
class ProblemCode(Enum):
    ACTION_RUNNING = _code("ACTION_RUNNING", "Another action is at work on the same records.")
    ALREADY_EXPIRED = _code("ALREADY_EXPIRED", "The token would end before it begins.")
    ALREADY_FINISHED = _code("ALREADY_FINISHED", "Finished work keeps its dates.")
    AMBIGUOUS_SCOPE = _code("AMBIGUOUS_SCOPE", "Name one company, one ticket, or neither for all.")
    BAD_USER_INPUT = _code("BAD_USER_INPUT", "A value that cannot be one.")
    CODE_TAKEN = _code(
        "CODE_TAKEN", "The sale's opportunities carry codes that another ticket has meanwhile."
    )
    CONFLICT = _code("CONFLICT", "Somebody changed it after you looked.")
    CRM_PAUSED = _code(
        "CRM_PAUSED", "The CRM asked for a pause; the message says until when. Nothing was written."
    )
    CRM_REFUSED = _code("CRM_REFUSED", "The CRM declined; nothing was written.")
    CRM_UNAVAILABLE = _code("CRM_UNAVAILABLE", "The CRM does not answer; nothing was written.")
    INACTIVE_OPERATOR = _code("INACTIVE_OPERATOR", "The operator no longer works here.")
    INACTIVE_KIT = _code("INACTIVE_KIT", "The kit is no longer sold.")
    INTAKE_ITEM_SETTLED = _code("INTAKE_ITEM_SETTLED", "Somebody has already resolved or dismissed it.")
    KIT_WITHOUT_SERVICES = _code("KIT_WITHOUT_SERVICES", "The kit holds no services.")
    LAST_ADMIN = _code("LAST_ADMIN", "It is the last active administrator.")
    LINE_FILLED = _code("LINE_FILLED", "The line has its opportunity, or one is being made.")
    MANDATORY_LINES_LEFT_OUT = _code(
        "MANDATORY_LINES_LEFT_OUT", "Mandatory lines are left out only with a reason."
    )
    MILESTONE_CANCELLED = _code("MILESTONE_CANCELLED", "The milestone is cancelled.")
    MILESTONE_COMPLETED = _code("MILESTONE_COMPLETED", "The milestone is completed.")
    MILESTONE_HAS_OPEN_TASKS = _code("MILESTONE_HAS_OPEN_TASKS", "The milestone still has open tasks.")
    NOTHING_TO_CANCEL = _code(
        "NOTHING_TO_CANCEL", "Everything of the action is sent or finished; nothing waits."
    )
    NOTHING_TO_REPAIR = _code("NOTHING_TO_REPAIR", "Nothing is wrong with the opportunity.")
    NOTHING_TO_RETRY = _code("NOTHING_TO_RETRY", "Nothing of the action failed or waits for a person.")
    NOTHING_TO_SYNC = _code("NOTHING_TO_SYNC", "No parent ticket lies within the scope.")
    NOT_A_PARENT = _code("NOT_A_PARENT", "Only a parent ticket has lines.")
    NOT_A_SALE = _code("NOT_A_SALE", "The activity is not of the sub-type that records sales.")
    NO_OWNER = _code("NO_OWNER", "Say who answers for the ticket.")
    OPEN_CHILDREN = _code("OPEN_CHILDREN", "Say what becomes of the open children.")
    OPERATOR_EXISTS = _code("OPERATOR_EXISTS", "Another operator has this address or CRM user.")
    OPPORTUNITY_MAPPED = _code("OPPORTUNITY_MAPPED", "The opportunity belongs to another place already.")
    OPPORTUNITY_MISSING = _code("OPPORTUNITY_MISSING", "The CRM no longer has the opportunity.")
    OPPORTUNITY_WITHOUT_CHILD = _code("OPPORTUNITY_WITHOUT_CHILD", "The opportunity has no child ticket yet.")
    OWN_ECHO = _code("OWN_ECHO", "The activity is one that we wrote ourselves.")
    PLAN_STALE = _code("PLAN_STALE", "What the preview showed no longer holds.")
    REASON_REQUIRED = _code("REASON_REQUIRED", "Say why.")
    RECONCILIATION_RUNNING = _code(
        "RECONCILIATION_RUNNING", "Another company is being compared; try again when that is over."
    )
    REPAIR_NOT_PROPOSED = _code("REPAIR_NOT_PROPOSED", "This repair does not fit what is wrong.")
    REQUEST_KEY_REUSED = _code("REQUEST_KEY_REUSED", "The same key came with another request before.")
    ROLE_ABOVE_OPERATOR = _code("ROLE_ABOVE_OPERATOR", "A token can do no more than its operator.")
    SERVICE_UNCLEAR = _code("SERVICE_UNCLEAR", "Say which service it sells.")
    SERVICE_WITHOUT_TEMPLATE = _code("SERVICE_WITHOUT_TEMPLATE", "The service has no workflow.")
    TASK_IS_MANDATORY = _code("TASK_IS_MANDATORY", "Only an optional task can be skipped.")
    TASK_NOT_IN_STATE = _code("TASK_NOT_IN_STATE", "The task is finished in another way; reopen it first.")
    TICKET_CANCELLED = _code("TICKET_CANCELLED", "The ticket is cancelled.")
    TICKET_CLOSED = _code("TICKET_CLOSED", "The ticket is closed.")
    TICKET_NOT_CLOSED = _code("TICKET_NOT_CLOSED", "The onboarding is not over; say why you go ahead.")
    TICKET_WITHOUT_LINES = _code("TICKET_WITHOUT_LINES", "The ticket has no lines.")
    UNKNOWN_ACTION = _code("UNKNOWN_ACTION", "There is no such action.")
    UNKNOWN_ACTIVITY = _code("UNKNOWN_ACTIVITY", "The CRM has no such activity.")
    UNKNOWN_COMPANY = _code("UNKNOWN_COMPANY", "There is no such company.")
    UNKNOWN_INTAKE_ITEM = _code("UNKNOWN_INTAKE_ITEM", "There is no such item in the inbox.")
    UNKNOWN_ITEM = _code("UNKNOWN_ITEM", "The action has no such item.")
    UNKNOWN_KIT = _code("UNKNOWN_KIT", "There is no such kit.")
    UNKNOWN_LINE = _code("UNKNOWN_LINE", "The ticket has no such line.")
    UNKNOWN_MILESTONE = _code("UNKNOWN_MILESTONE", "There is no such milestone.")
    UNKNOWN_OPERATOR = _code("UNKNOWN_OPERATOR", "There is no such operator, or they no longer work here.")
    UNKNOWN_OPPORTUNITY = _code("UNKNOWN_OPPORTUNITY", "There is no such opportunity.")
    UNKNOWN_SERVICE = _code("UNKNOWN_SERVICE", "There is no such service.")
    UNKNOWN_TASK = _code("UNKNOWN_TASK", "There is no such task.")
    UNKNOWN_TICKET = _code("UNKNOWN_TICKET", "There is no such ticket.")
    UNKNOWN_TOKEN = _code("UNKNOWN_TOKEN", "There is no such token.")
    WRONG_COMPANY = _code("WRONG_COMPANY", "The opportunity is of another company.")


@strawberry.interface(description="What prevented a mutation. Nothing was written.")
class Problem:
    code: ProblemCode = strawberry.field(description="What a program branches on.")
    message: str = strawberry.field(description="The same in a sentence for people who read logs.")
    path: list[str] | None = strawberry.field(
        description="The argument that it is about, where it is about one."
    )


@shows_refusals()
@strawberry.type(description="A problem that its code says all about.")
class RefusalProblem(Problem):
    pass


@shows_refusals("CONFLICT")
@strawberry.type(description="Somebody changed it after you looked.")
class ConflictProblem(Problem):
    entity_id: strawberry.Private[str | None] = None
    current: Node | None = loaded("What it is now, where it is still there.", by="entity_id")


@shows_refusals("ACTION_RUNNING")
@strawberry.type(description="Another action is at work on the same records.")
class ActionRunningProblem(Problem):
    action: Action = loaded("The action to wait for.", by="action_id")


def problems() -> Any:
    """The field of every payload that says what prevented it."""
    return strawberry.field(description="What prevented it; empty when it worked.")
