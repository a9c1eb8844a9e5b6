"""The words of the domain as GraphQL enumerations, each with what it means."""

from enum import Enum
from typing import Any

import strawberry

from services import events, tickets, vocabulary as words
from services.planning import closure


def _describe(enumeration: type[Enum], description: str, **values: str) -> None:
    """Publish an enumeration; every value must be described, and nothing else may be."""
    names = set(enumeration.__members__)
    if names != set(values):
        raise TypeError(f"{enumeration.__name__}: describe exactly {sorted(names)}, not {sorted(values)}.")
    published: Any = strawberry.enum(enumeration, description=description)
    for value in published.__strawberry_definition__.values:
        value.description = values[value.name]


_describe(
    words.Role,
    "What a caller may do; each role includes the ones before it.",
    VIEWER="Reads.",
    OPERATOR="Works: tasks, tickets and the three actions.",
    ADMIN="Also makes, lists and ends tokens.",
)
_describe(
    words.TicketKind,
    "The two kinds of ticket.",
    PARENT="The sale of one kit, from the CRM's activity to its onboarding.",
    CHILD="The delivery of one service that the kit holds.",
)
_describe(
    words.TicketStatus,
    "How far a ticket has come.",
    OPEN="Nothing was started.",
    IN_PROGRESS="Work was started.",
    CLOSED="All of its own milestones are completed or cancelled, and at least one is completed.",
    CANCELLED="Called off; final.",
)
_describe(
    words.MilestoneStatus,
    "How far a milestone has come.",
    PLANNED="Nothing was started.",
    IN_PROGRESS="Work was started.",
    COMPLETED="Every mandatory task is done and none is left open.",
    CANCELLED="Called off.",
)
_describe(
    words.MilestoneKind,
    "How much a milestone matters.",
    STANDARD="Cancelling it takes a reason.",
    CRITICAL="Cancelling it takes a reason, and everything hangs on it.",
    OPTIONAL="May be cancelled without a reason.",
)
_describe(
    words.TaskStatus,
    "How far a task has come.",
    TODO="Not started.",
    IN_PROGRESS="Started.",
    DONE="Finished.",
    SKIPPED="Left out; only an optional task may be.",
)
_describe(
    words.Priority,
    "How urgent a ticket is.",
    LOW="Can wait.",
    MEDIUM="As usual.",
    HIGH="Before the usual.",
    CRITICAL="Before everything.",
)
_describe(
    words.SlaLight,
    "How work stands against its due date, counted in working days. It changes at the calendar's midnight.",
    GREEN="There is time.",
    YELLOW="The warning days before the due date have begun.",
    ORANGE="The due date has passed, the escalation days have not.",
    RED="The escalation days have passed as well.",
)
_describe(
    words.OpportunityStatus,
    "What the CRM says of an opportunity.",
    OPEN="Not decided.",
    WON="Won.",
    LOST="Lost.",
    UNKNOWN="The CRM's status has no meaning here.",
)
_describe(
    words.CrmActivityRole,
    "What one of the CRM's activities is to us.",
    SOURCE="The sale that a parent ticket came from.",
    SHADOW="What a milestone looks like in the CRM.",
)
_describe(
    words.IntakeStatus,
    "What became of an activity in the inbox.",
    WAITING="Nobody has decided.",
    RESOLVED="It became a ticket.",
    DISMISSED="It never will be a ticket.",
)
_describe(
    words.IntakeReason,
    "Why an activity could not become a ticket by itself.",
    NO_KIT="Its text names no kit.",
    AMBIGUOUS_KIT="Its text names more than one kit.",
    UNKNOWN_COMPANY="The CRM does not say whose it is.",
    NO_OWNER="No operator is mapped to its owner, and the kit's main service names none.",
    KIT_WITHOUT_SERVICES="The kit that it names holds no services.",
    CODE_TAKEN="Its opportunities in the CRM carry codes that another ticket has meanwhile.",
)
_describe(
    words.FlagKind,
    "What became of an opportunity in the CRM that a person must know of.",
    LOST="It was lost after its child ticket was made.",
    DELETED="The CRM no longer has it.",
    MERGED="The CRM merged it into another one.",
    MOVED="It belongs to somebody else now.",
    RENAMED="It no longer carries its code.",
)
_describe(
    words.Repair,
    "What can be done about a flagged opportunity.",
    RELINK="Take another opportunity of the CRM in its place.",
    RECREATE="Make it anew in the CRM, under the next number.",
    CANCEL_CHILD="Cancel its child ticket, for a reason.",
    KEEP="Leave it as it is, for a reason.",
)
_describe(
    words.UnmatchedReason,
    "Why a CRM opportunity waits for an operator to map it.",
    FOREIGN_CODE="It carries a code of ours that no line of its company has.",
    SAME_CODE_TWICE="Another opportunity carries the same code.",
    LINE_FILLED="The line that its code names has another opportunity.",
    NO_SERVICE="Neither its products nor its title name a service.",
    SEVERAL_SERVICES="It names more than one service.",
    NO_FREE_LINE="No ticket of its company waits for its service.",
    SEVERAL_PARENTS="More than one ticket of its company waits for its service.",
    SEVERAL_OPPORTUNITIES="More opportunities name this service than lines wait for it.",
    STATUS_UNKNOWN="The CRM gives it a status that says nothing to us.",
)
_describe(
    words.OwnerSource,
    "What named the owner of a parent ticket.",
    CHOSEN="An operator said so.",
    CRM_OWNER="The activity's owner in the CRM is mapped to this operator.",
    SERVICE_RESPONSIBLE="They answer for the kit's main service.",
)
_describe(
    words.ReplayOutcome,
    "What the intake would do with an activity now.",
    WOULD_CREATE="Make a parent ticket.",
    WOULD_WAIT="Let it wait in the inbox; the reason says why.",
    EXISTS="Nothing: it is a ticket already.",
    DISMISSED="Nothing by itself: an operator put it aside.",
    OWN_ECHO="Nothing: we wrote it ourselves.",
    NOT_A_SALE="Nothing: its sub-type is not the one that records sales.",
)
_describe(
    words.ActionKind,
    "What an action does in the CRM.",
    GENERATE_OPPORTUNITIES="One opportunity for each line of a parent ticket.",
    SYNC_OPPORTUNITIES="Reads the opportunities back and makes the child tickets.",
    GENERATE_ACTIVITIES="One activity for each milestone of an opportunity's child ticket.",
    FOLLOW_MILESTONES="The activities of milestones that changed.",
    REPAIR_OPPORTUNITY="Put an opportunity right that went wrong in the CRM.",
    CREATE_TICKET="The activity of a sale that an operator enters by hand, and its parent ticket.",
    SECOND_LOOK="Looks, some time later, whether the CRM holds anything twice that an action made.",
)
_describe(
    words.ActionStatus,
    "How far an action has come.",
    RUNNING="Some item has no outcome yet.",
    WAITING="What is left needs a person.",
    COMPLETED="Every item has its outcome.",
    CANCELLED="Something of it was stopped or put away; what was done stays done.",
)
_describe(
    words.BreakerState,
    "Whether the CRM is called.",
    CLOSED="It is.",
    OPEN="It could not be reached several times in a row, and is left alone for a while.",
    HALF_OPEN="The while is over: one call tries, the others wait for what comes of it.",
)
_describe(
    words.ItemState,
    "How far one effect has come.",
    PENDING="Nothing was sent.",
    SENDING="Something was sent, or is about to be, and the answer is not known.",
    FINISHED="It has an outcome.",
)
_describe(
    words.ItemOutcome,
    "How one effect ended.",
    CREATED="The record was made in the CRM.",
    ADOPTED="The record was there already and is ours now.",
    UPDATED="The record was brought up to date.",
    UNCHANGED="There was nothing to change.",
    SKIPPED="Left out on purpose; the explanation says why.",
    FAILED="The CRM refused; nothing was written.",
    NEEDS_ATTENTION="Not certain enough to go on without a person.",
    CANCELLED="Stopped before anything was sent.",
)
_describe(
    words.ForeseenOutcome,
    "What the press of a button would do with one thing, were it pressed now.",
    CREATE="Make its record.",
    ADOPT="Take the record that is there already.",
    UPDATE="Bring the record up to date.",
    UNCHANGED="Nothing: it is as it should be.",
    SKIP="Nothing, on purpose; the explanation says why.",
    BLOCKED="A person, or another action, has to be done with it first; the explanation says why.",
)
_describe(
    closure.ClosureReason,
    "Whether a ticket is over, and else why it is not.",
    CLOSED="It is closed.",
    CANCELLED="It is cancelled.",
    MILESTONES_OPEN="Milestones are open.",
    EVERY_MILESTONE_CANCELLED="Every milestone was cancelled, and a ticket closes only on completed work.",
    NO_MILESTONES="There is nothing to complete.",
)
_describe(
    closure.OpenReason,
    "Why a milestone is open.",
    MANDATORY_TASKS="Mandatory tasks are open.",
    OPTIONAL_TASKS="Only optional tasks are open: do or skip them.",
    ALL_SKIPPED="Every task was skipped: complete or cancel it by hand.",
    NO_TASKS="It holds no tasks: complete or cancel it by hand.",
)
_describe(
    tickets.ChildrenChoice,
    "What becomes of the open children of a cancelled parent.",
    CANCEL="They are cancelled too.",
    KEEP="They go on.",
)
_describe(
    events.FollowState,
    "What kind of thing a watcher hears.",
    SNAPSHOT="Everything as it is.",
    CHANGE="What one change touched.",
    LAGGED="You were too slow and missed something; subscribe again after your last cursor.",
    EXPIRED="The log does not know your cursor; subscribe again without one.",
)
_describe(
    words.EffectKind,
    "The kinds of CRM records that we answer for.",
    SALE="The activity that records the sale behind a parent ticket.",
    OPPORTUNITY="The opportunity of a ticket line.",
    ACTIVITY="The activity that shows a milestone.",
)
_describe(
    words.Verdict,
    "What a comparison with the CRM says of one record.",
    MATCHED="The CRM holds it as we believe.",
    MISSING="We believe in it, and the CRM does not hold it.",
    EXTRA="The CRM holds it under a reference of ours, and we do not know it.",
    DIFFERENT="The CRM holds it, and it does not show what we believe.",
)
_describe(
    words.Explanation,
    "Why a record does not match although nothing went wrong unnoticed.",
    UNDER_WAY="An action is at work on it.",
    WAITS_FOR_PERSON="An action came to no end with it and waits for a person.",
    CALLED_OFF="An operator cancelled the action that would have brought it.",
    FLAGGED="A synchronisation has found it so, and a repair is proposed.",
    UNMATCHED="It waits for an operator to say where it belongs.",
    SUPERSEDED="It was made anew under a later number, or a repair had another record take its place.",
    MIRROR_IS_OLDER="The CRM went on since we last looked; a synchronisation takes it over.",
    JUST_MADE="It is so young that the CRM's search may not show it yet.",
)
