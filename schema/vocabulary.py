"""The words of the domain as GraphQL enumerations, each with what it means."""

from enum import Enum
from typing import Any

import strawberry

from services import events, live, vocabulary as words
from services.kpis import KpiPopulationOrder
from services.planning.kpis import words as kpis
from services.planning.tickets import closure
from services.planning.tickets.date_moves import RescheduleWarning
from services.tickets import cancellation


def describe(enumeration: type[Enum], description: str, **values: str) -> None:
    """Publish an enumeration; every value must be described, and nothing else may be."""
    names = set(enumeration.__members__)
    if names != set(values):
        raise TypeError(f"{enumeration.__name__}: describe exactly {sorted(names)}, not {sorted(values)}.")
    published: Any = strawberry.enum(enumeration, description=description)
    for value in published.__strawberry_definition__.values:
        value.description = values[value.name]


describe(
    words.Role,
    "What a caller may do; each role includes the ones before it.",
    VIEWER="Reads.",
    OPERATOR="Also works on tasks and tickets and starts the three actions.",
    ADMIN="Also creates, lists and revokes tokens.",
)
describe(
    words.TokenKind,
    "Who uses a token.",
    API="A program, in a header.",
    SESSION="A signed-in browser, in its cookie.",
)
describe(
    words.OpportunityDefect,
    "Why a field of an opportunity could not be taken from the CRM as it is.",
    TITLE_TOO_LONG="Its title is too long; it is kept shortened.",
    PHASE_TOO_LONG="The name of its phase is too long; it is kept shortened.",
    AMOUNT_TOO_LARGE="Its amount is too large, so it is not kept.",
)
describe(
    words.CompanyDefect,
    "What of a company's record in the CRM could not be stored as it is.",
    NAME_MISSING="Its name is blank: it keeps the name that it had, or is called by its id in the CRM.",
    NAME_TOO_LONG="Its name is longer than 280 characters: it is kept shortened.",
    VAT_NUMBER_TOO_LONG="Its VAT number is longer than 32 characters, which is no VAT number: it is not kept.",
)
describe(
    words.TicketKind,
    "The kinds of ticket.",
    PARENT="The sale of one kit, from the CRM's activity to its onboarding.",
    CHILD="The delivery of one service of the kit.",
)
describe(
    words.TicketStatus,
    "The status of a ticket.",
    OPEN="Nothing was started.",
    IN_PROGRESS="Work was started.",
    CLOSED="All of its own milestones are completed or cancelled, and at least one is completed.",
    CANCELLED="Cancelled for good.",
)
describe(
    words.SearchKind,
    "What a search can find.",
    TICKET="Tickets.",
    TASK="Tasks that are not finished.",
    COMPANY="Companies.",
    OPPORTUNITY="Opportunities.",
    OPERATOR="Operators.",
    CATALOG="Kits and services.",
    INTAKE_ITEM="Activities that wait in the inbox.",
)
describe(
    words.TreeScope,
    "How much of a ticket tree is meant.",
    OWN="The ticket alone.",
    TREE="The ticket and its children.",
)
describe(
    words.MilestoneStatus,
    "The progress of a milestone.",
    PLANNED="Nothing was started.",
    IN_PROGRESS="Work was started.",
    COMPLETED="Every mandatory task is done and none is left open.",
    CANCELLED="Cancelled.",
)
describe(
    words.MilestoneKind,
    "The kinds of milestone.",
    STANDARD="Cancelling it takes a reason.",
    CRITICAL="Cancelling it takes a reason; the delivery depends on it.",
    OPTIONAL="May be cancelled without a reason.",
)
describe(
    words.TaskStatus,
    "The status of a task.",
    TODO="Not started.",
    IN_PROGRESS="Started.",
    DONE="Finished.",
    SKIPPED="Skipped; only an optional task can be.",
)
describe(
    words.Priority,
    "How urgent a ticket is.",
    LOW="Can wait.",
    MEDIUM="As usual.",
    HIGH="Before medium ones.",
    CRITICAL="Before all others.",
)
describe(
    RescheduleWarning,
    "What one should know before a date is moved.",
    NOT_A_WORKING_DAY="The day asked for is not a working day; the next one is taken.",
    IN_THE_PAST="It would be due before today.",
    BEFORE_ITS_START="It would be due before it can start, because what it follows is due later.",
    MOVES_THE_TICKET="The ticket would be due later.",
    FAR_FROM_THE_PLAN="It would be due later than its original due date by more than its own SLA days.",
)
describe(
    words.LinkKind,
    "What a link leads to.",
    ENGAGEMENT_LETTER="The letter of engagement, as sent.",
    SIGNED_ENGAGEMENT="The letter of engagement, signed.",
    DELIVERABLE="Something that is delivered to the customer.",
    FILING="A receipt, filing number or answer of an office.",
    OTHER="Anything else.",
)
describe(
    words.SlaLight,
    "How work compares with its due date, in working days. It changes at midnight of the calendar's zone.",
    GREEN="The warning days have not begun.",
    YELLOW="The warning days before the due date have begun.",
    ORANGE="The due date has passed, the escalation days have not.",
    RED="The escalation days have passed as well.",
)
describe(
    words.OpportunityStatus,
    "The status of an opportunity in the CRM.",
    OPEN="Not decided.",
    WON="Won.",
    LOST="Lost.",
    UNKNOWN="A status of the CRM that we cannot interpret.",
)
describe(
    words.CrmActivityRole,
    "What a CRM activity represents.",
    SOURCE="The sale that a parent ticket came from.",
    SHADOW="A milestone, as shown in the CRM.",
)
describe(
    words.IntakeStatus,
    "The status of an activity in the inbox.",
    WAITING="Not decided yet.",
    RESOLVED="It became a ticket.",
    DISMISSED="It will not become a ticket.",
)
describe(
    words.IntakeReason,
    "Why an activity did not become a ticket automatically.",
    NO_KIT="Its text names no kit.",
    AMBIGUOUS_KIT="Its text names more than one kit.",
    NEGATED="Its text says that the kit is refused, cancelled or not sold.",
    UNSURE="Its text is about a possible sale: a doubt, a condition, an offer, a question, a plan.",
    PAST="Its text is about an earlier sale.",
    SEVERAL_SALES="Its text says that the same kit is sold more than once.",
    QUOTED="The kit is named only in quoted or forwarded mail, in a signature, or in struck-out words.",
    NOT_SAID="Its text names a kit, but does not say that it is sold.",
    GARBLED="Its text has the wrong encoding, and a kit can be read only after repairing it.",
    TOO_LONG="Its text is too long for the note of a sale.",
    UNKNOWN_COMPANY="The CRM does not name its company.",
    NO_OWNER="No operator is mapped to its owner, and no one is responsible for the kit's main service.",
    KIT_WITHOUT_SERVICES="The kit that it names has no services.",
    CODE_TAKEN="Its opportunities in the CRM carry codes that now belong to another ticket.",
    REQUEST_UNSETTLED="It carries the marker of a request of ours whose outcome is not known yet.",
    NOT_TAKEN_IN="It or its company cannot be read. It is retried automatically, less and less often.",
    SALE_DELETED="The CRM no longer has it. If it has a ticket, decide what happens to that ticket.",
    SALE_MOVED="It belongs to another company than its ticket.",
    SALE_CHANGED="It no longer names the kit of its ticket.",
)
describe(
    words.MarkKind,
    "What the marked words of an activity's text mean.",
    KIT="The name of a kit.",
    SALE="That something is sold.",
    NEGATION="That it is not sold.",
    DOUBT="That it may be sold, or is yet to be sold.",
    PAST="That it was sold some time ago.",
    SEVERAL="That it is sold more than once.",
    OTHER_TOPIC="That the text is about something else.",
)
describe(
    words.FlagKind,
    "What went wrong with an opportunity in the CRM.",
    LOST="It was lost after its child ticket was created.",
    DELETED="The CRM no longer has it.",
    MERGED="The CRM merged it into another one.",
    MOVED="It belongs to another company, or to none.",
    RENAMED="It no longer carries its code.",
)
describe(
    words.Repair,
    "What can be done about a flagged opportunity.",
    RELINK="Use another opportunity of the CRM instead.",
    RECREATE="Create it again in the CRM, under the next number.",
    CANCEL_CHILD="Cancel its child ticket, for a reason.",
    KEEP="Leave it as it is, for a reason.",
)
describe(
    words.UnmatchedReason,
    "Why a CRM opportunity waits for an operator to map it.",
    FOREIGN_CODE="It carries a code of ours that no line of its company has.",
    SAME_CODE_TWICE="Another opportunity carries the same code.",
    LINE_FILLED="The line that its code names has another opportunity.",
    NO_SERVICE="Neither its products nor its title name a service.",
    SEVERAL_SERVICES="It names more than one service.",
    TITLE_DENIES="Its title denies the service that it names.",
    TITLE_UNCLEAR="Its title has the words of a service among others, and may mean something else.",
    BEFORE_SALE="It is older than every sale of its service that still needs an opportunity.",
    NO_FREE_LINE="No ticket of its company needs an opportunity of its service.",
    SEVERAL_PARENTS="More than one ticket of its company needs an opportunity of its service.",
    SEVERAL_OPPORTUNITIES="More opportunities name this service than lines need one.",
    STATUS_UNKNOWN="The CRM gives it a status that we cannot interpret.",
)
describe(
    words.OwnerSource,
    "How the owner of a parent ticket was determined.",
    CHOSEN="An operator chose them.",
    CRM_OWNER="The activity's owner in the CRM is mapped to this operator.",
    SERVICE_RESPONSIBLE="They are responsible for the kit's main service.",
)
describe(
    words.ImportPreviewOutcome,
    "What an import would do with an activity now.",
    WOULD_CREATE="Make a parent ticket.",
    WOULD_WAIT="Put it into the inbox; the reason says why.",
    EXISTS="Nothing: it is a ticket already.",
    DISMISSED="Nothing automatically: an operator dismissed it.",
    OWN_ECHO="Nothing: we wrote it ourselves.",
    NOT_A_SALE="Nothing: its sub-type is not the one that records sales.",
)
describe(
    words.ActionKind,
    "What an action does in the CRM.",
    GENERATE_OPPORTUNITIES="Creates one opportunity for each line of a parent ticket.",
    SYNC_OPPORTUNITIES="Reads the opportunities and creates the child tickets.",
    GENERATE_ACTIVITIES="Creates one activity for each milestone of an opportunity's child ticket.",
    FOLLOW_MILESTONES="Updates the activities of milestones that changed.",
    REPAIR_OPPORTUNITY="Repairs an opportunity that went wrong in the CRM.",
    CREATE_TICKET="Creates the activity of a sale that an operator enters by hand, and its parent ticket.",
    SECOND_LOOK="Checks some time later whether the CRM holds duplicates of an action's records.",
)
describe(
    words.ActionStatus,
    "The status of an action.",
    RUNNING="Some item has no outcome yet.",
    WAITING="The remaining items need a person.",
    COMPLETED="Every item has its outcome.",
    CANCELLED="Some items were cancelled or put away; finished ones stay finished.",
)
describe(
    words.BreakerState,
    "Whether the CRM is being called.",
    CLOSED="It is called.",
    OPEN="It could not be reached several times in a row, and is not called for a while.",
    HALF_OPEN="One call tries whether it can be reached; the others wait for the result.",
)
describe(
    words.ItemState,
    "The state of one effect.",
    PENDING="Nothing was sent.",
    SENDING="A request was sent, or is about to be; its outcome is not known.",
    FINISHED="It has an outcome.",
)
describe(
    words.ItemOutcome,
    "How one effect ended.",
    CREATED="The record was created in the CRM.",
    ADOPTED="The record already existed and is now ours.",
    UPDATED="The record was updated.",
    UNCHANGED="There was nothing to change.",
    SKIPPED="Left out on purpose; the explanation says why.",
    FAILED="The CRM refused; nothing was written.",
    NEEDS_ATTENTION="A person has to decide.",
    CANCELLED="Stopped before anything was sent.",
)
describe(
    words.ItemReason,
    "Why one effect ends or waits as it does, in a preview and in an action.",
    UP_TO_DATE="It is as it should be.",
    DIFFERS="It differs from what it should show; `changes` says how.",
    ALREADY_THERE="The CRM already holds it.",
    FOUND_TWICE="The CRM holds more than one record with its reference.",
    NOT_OURS="The record does not carry its reference, so it is left alone.",
    UNDER_WAY="An action is working on it.",
    CALLED_OFF="Its milestone or its ticket is cancelled.",
    NOT_STORABLE="A value in the CRM cannot be stored as it is.",
    LOST="It is lost in the CRM.",
    DELETED="The CRM no longer has it.",
    MERGED="The CRM merged it into another one.",
    MOVED="In the CRM it belongs to another company now, or to none.",
    RENAMED="It no longer carries its code in the CRM.",
    ITS_CODE="It is recognised by the code that it carries.",
    ITS_SERVICE="It is recognised by its service, which only one ticket needs an opportunity of.",
    MAPPED="An operator mapped it.",
    FOREIGN_CODE="It carries a code of ours that no line of this company has.",
    SAME_CODE_TWICE="Another opportunity carries the same code.",
    LINE_FILLED="The line that its code names has another opportunity.",
    SUPERSEDED="It was created again under a later number.",
    NO_SERVICE="Neither its products nor its title name a service.",
    SEVERAL_SERVICES="It names more than one service.",
    TITLE_DENIES="Its title denies the service that it names.",
    TITLE_UNCLEAR="Its title has the words of a service among others, and may mean something else.",
    BEFORE_SALE="It is older than every sale of its service that still needs an opportunity.",
    NO_FREE_LINE="No ticket of this company needs an opportunity of its service.",
    SEVERAL_PARENTS="More than one ticket of this company needs an opportunity of its service.",
    SEVERAL_OPPORTUNITIES="More opportunities name this service than lines need one.",
    STATUS_UNKNOWN="The CRM gives it a status that cannot be interpreted.",
    PARENT_CANCELLED="Its parent ticket is cancelled.",
    SERVICE_WITHOUT_TEMPLATE="Its service has no workflow.",
    CRM_UNAVAILABLE="The CRM could not be reached, or asked for a pause; it is tried again.",
    LOGIN_REFUSED="The CRM does not accept the hub's credentials; it is tried again.",
    WRONG_TENANT="Another tenant of the CRM answers, so nothing is sent to it.",
    NOT_CALLED="The call was not sent, because of an earlier failure; it is tried again.",
    CRM_REFUSED="The CRM declined; `crmWords` is what it said.",
    CRM_FORBIDDEN="The hub's credentials do not permit it; `crmWords` is what the CRM said.",
    OUTCOME_UNKNOWN="The CRM gave no clear answer, so the request may have been carried out.",
    REQUESTS_LOST="The CRM was asked several times to create it, and holds none.",
    SAID_TO_EXIST="The CRM says that it holds it already, but does not show exactly one.",
    LATE_RECORD="A delayed process created one more record for it.",
    NOT_AS_SHOWN="The CRM does not hold what the preview showed, so nothing was done; preview again.",
    SALE_IN_QUESTION="The sale changed in the CRM, and an item in the inbox waits for a decision about it.",
    REPAIR_OVERTAKEN="Another repair came after this one.",
    NOTHING_TO_REPAIR="Nothing is wrong with the opportunity any more.",
    REPAIR_NOT_PROPOSED="The repair no longer fits what the CRM holds.",
    OPPORTUNITY_MAPPED="The opportunity already belongs to another place.",
    CODE_TAKEN="The CRM shows opportunities of this sale under codes that another ticket has here.",
    DECLINED_HERE="A rule of the hub refused it; the explanation says which.",
    INTERNAL_ERROR="Something unexpected went wrong; the log has the details.",
    STOPPED="An operator stopped the action before it was sent.",
    DISMISSED="An operator put it away; the explanation says how it had ended.",
)
describe(
    words.ForeseenOutcome,
    "What a button would do with one record if it were pressed now.",
    CREATE="Create its record.",
    ADOPT="Adopt the existing record.",
    UPDATE="Update the record.",
    UNCHANGED="Nothing: it is up to date.",
    SKIP="Nothing, on purpose; the explanation says why.",
    BLOCKED="It waits for a person or another action; the explanation says why.",
)
describe(
    closure.ClosureReason,
    "Why a ticket is, or is not, closed.",
    CLOSED="It is closed.",
    CANCELLED="It is cancelled.",
    MILESTONES_OPEN="Milestones are open.",
    EVERY_MILESTONE_CANCELLED="Every milestone was cancelled; closing a ticket takes completed work.",
    NO_MILESTONES="There is nothing to complete.",
)
describe(
    closure.OpenReason,
    "Why a milestone is open.",
    MANDATORY_TASKS="Mandatory tasks are open.",
    OPTIONAL_TASKS="Only optional tasks are open: do or skip them.",
    ALL_SKIPPED="Every task was skipped: complete or cancel it by hand.",
    NO_TASKS="It has no tasks: complete or cancel it by hand.",
)
describe(
    cancellation.ChildrenChoice,
    "What happens to the open children of a cancelled parent.",
    CANCEL="They are cancelled too.",
    KEEP="They stay open.",
)
describe(
    events.FollowState,
    "The kind of a live item.",
    SNAPSHOT="The current state of everything.",
    CHANGE="What one change affected.",
    ALIVE="Nothing new, and the log was read just now: every 15 seconds, and when the calendar's day changes.",
    LAGGED="You were too slow and missed changes; subscribe again after your last cursor.",
    EXPIRED="The log does not contain your cursor; subscribe again without one.",
)
describe(
    live.ListTopic,
    "Lists that a screen may show.",
    TICKETS="Tickets, with everything that their rows show.",
    TASKS="Tasks and milestones.",
    INTAKE="The intake inbox.",
    ACTIONS="Actions and their effects.",
    OPPORTUNITIES="Opportunities, matched or not.",
    CATALOG="Kits, services and workflow templates.",
)
describe(
    words.EffectKind,
    "The kinds of CRM records that we are responsible for.",
    SALE="The activity that records the sale behind a parent ticket.",
    OPPORTUNITY="The opportunity of a ticket line.",
    ACTIVITY="The activity of a milestone.",
)
describe(
    words.Verdict,
    "The result of comparing one record with the CRM.",
    MATCHED="The CRM has it, as we expect.",
    MISSING="We expect it, and the CRM does not have it.",
    EXTRA="The CRM has it with a reference of ours, and we do not know it.",
    DIFFERENT="The CRM has it with other content than we expect.",
)
describe(
    words.Explanation,
    "Why a record differs for a known reason.",
    UNDER_WAY="An action is working on it.",
    WAITS_FOR_PERSON="An action could not finish it and waits for a person.",
    CALLED_OFF="An operator cancelled the action that would have written it.",
    FLAGGED="A synchronisation has flagged it, and a repair is proposed.",
    UNMATCHED="It waits for an operator to map it.",
    SUPERSEDED="It was created again under a later number, or a repair replaced it with another record.",
    MIRROR_IS_OLDER="The CRM changed after our last read; a synchronisation takes it over.",
    JUST_MADE="It is too new for the CRM's search to show it.",
)
describe(
    words.ItemKind,
    "What one effect is.",
    CREATE_SALE="Create the activity of a sale that an operator entered by hand.",
    CREATE_OPPORTUNITY="Create the opportunity of a line.",
    RECREATE_OPPORTUNITY="Create an opportunity again, under the next number, for a repair.",
    REPAIR_OPPORTUNITY="A repair of an opportunity that needed no new record.",
    SYNC_COMPANY="Read the opportunities of a company.",
    SYNC_OPPORTUNITY="An opportunity that was read, and what followed from it.",
    CREATE_ACTIVITY="Create the activity of a milestone.",
    UPDATE_ACTIVITY="Update the activity of a milestone.",
    CHECK_ACTIVITIES="Compare the activities of an opportunity with its milestones.",
    SECOND_LOOK="Check again whether the CRM holds duplicates.",
)
describe(
    words.AttemptStep,
    "What one attempt did in the CRM.",
    LOOK_UP="It looked the record up.",
    SEND="It sent the request that creates the record.",
    CALL="It read or updated a record, which can safely be repeated.",
)
describe(
    words.AttemptResult,
    "How one attempt ended: with the effect's outcome, with a finding, or with a failure.",
    CREATED="The record was created.",
    ADOPTED="The record was already there and was adopted.",
    UPDATED="The record was updated.",
    UNCHANGED="There was nothing to change.",
    SKIPPED="It was left out on purpose.",
    FAILED="The CRM refused; nothing was written.",
    NEEDS_ATTENTION="It found something that a person has to decide.",
    CANCELLED="It was cancelled.",
    ABSENT="The record does not exist, so the earlier request had no effect.",
    SENT_AGAIN="The CRM did not accept the login; the same request was sent again after a new one.",
    CRM_UNAVAILABLE="The CRM could not be reached, or asked for a pause; nothing was written.",
    LOGIN_REFUSED="The CRM did not accept our credentials; nothing was written.",
    WRONG_TENANT="Another tenant of the CRM answered; nothing was sent to it.",
    NOT_CALLED="The call was not sent, because of an earlier failure.",
    CRM_REFUSED="The CRM understood and declined; nothing was written.",
    CRM_FORBIDDEN="Our credentials do not permit the call; nothing was written.",
    NOT_OUR_RECORD="The record to update is gone or does not carry our reference; nothing was sent.",
    OUTCOME_UNKNOWN="The request may have been carried out; a look-up decides.",
    DECLINED_HERE="The CRM answered, and a rule of ours refused its answer.",
    CLAIM_LOST="Another process has the effect, or it was cancelled; nothing was sent.",
    INTERNAL_ERROR="A bug of ours; the log has the details.",
)
describe(
    kpis.KpiKey,
    "A figure.",
    ON_TIME="The share of what was finished in the period that was finished by its due date.",
    FINISHED="How many were finished in the period.",
    DUE="How many were due in the period, whatever became of them.",
    LEAD_TIME="From creation to close, in working days.",
    SLIP="By how many working days what was finished in the period missed its due date; early is 0.",
    REDATED="The share of what was finished in the period whose due date had been moved.",
    CYCLE_TIME="From the first task started to close, in working days.",
    FLOW_EFFICIENCY="The working days with a task in progress as a share of the lead time.",
    TIME_TO_ONBOARDED="From the sale's date in the CRM to the first close of the parent, in working days.",
    TIME_TO_FIRST_VALUE="From the sale's date to the first milestone completed in any child, in working days.",
    TIME_TO_DELIVERED="From the sale's date in the CRM to the close of the last child, in working days.",
    ONBOARDED="Of the sales of the period, the share whose onboarding is closed.",
    REOPENED="The share of what was first closed in the period that was reopened since.",
    BACKLOG="How many are open and not started.",
    IN_PROGRESS="How many are started and not finished.",
    AGE="How long open tickets have been open, in working days.",
    STANDSTILL="How long nothing has changed in what is open, in working days.",
    LOAD="The estimated hours of open tasks that are late or due within ten working days.",
    LOAD_SHARE="The same hours over those that their operators give in two weeks.",
    OPPORTUNITIES="The opportunities made or adopted in the period.",
    OPPORTUNITY_VALUE="What the opportunities made or adopted in the period are worth.",
    VALUE_OPEN="What is sold and not delivered: the lines whose child is open, or that have none.",
    VALUE_AT_RISK="Of what is sold and not delivered, what is late, at risk or flagged.",
    VALUE_DELIVERED="What was delivered in the period: the lines whose child was closed.",
    RECOGNISED="The share of the sales that became a ticket without a person.",
    INBOX="The sales that wait in the inbox.",
    CRM_PENDING="The effects in the CRM that are not finished.",
    CRM_ATTENTION="The effects in the CRM that failed or need a person.",
    OPEN="How many are open, started or not.",
    LATE="How many are open and past their due date.",
    PROGRESS="Finished tasks as a share of those that count, over the milestones in progress.",
    AT_RISK="How many are open, not late, and foreseen to end after their due date.",
)
describe(
    kpis.KpiSubject,
    "What is counted.",
    PARENTS="Parent tickets.",
    CHILDREN="Child tickets.",
    TICKETS="Tickets of both kinds.",
    MILESTONES="Milestones.",
    TASKS="Tasks.",
    OPPORTUNITIES="Opportunities.",
    SALES="Sales in the inbox.",
    EFFECTS="Effects in the CRM.",
)
describe(
    kpis.KpiNature,
    "Whether a figure is of a period or of an instant.",
    FLOW="Of what happened in the period.",
    STATE="Of how things stand at the end of a day, or now.",
    FORECAST="Of what is foreseen from now on.",
)
describe(
    kpis.KpiUnit,
    "The unit of a number.",
    COUNT="Things.",
    SHARE="A share, from 0 to 1.",
    WORKING_DAYS="Working days: how many lie after the first instant's day, up to and with the last one's.",
    WORK_HOURS="Hours of work.",
    EUR="Euro, with cents.",
)
describe(
    kpis.KpiDirection,
    "Where a figure should go.",
    UP="Higher is better.",
    DOWN="Lower is better.",
    NONE="Neither is better.",
)
describe(
    kpis.KpiTrend,
    "How a figure went.",
    BETTER="Towards where it should go.",
    WORSE="Away from it.",
    SAME="It did not change, or it has no direction.",
)
describe(
    kpis.KpiDimension,
    "What a figure can be taken apart by.",
    KIT="The kit of the tree.",
    SERVICE="The service that a child delivers.",
    TEMPLATE="The workflow, in all its versions.",
    MILESTONE="The title of the milestone.",
    OPERATOR="The operator: a task's assignee, otherwise the ticket's owner. Of finished work, who it was then.",
    COMPANY="The company.",
    TICKET_KIND="Parent or child.",
    PRIORITY="The priority of the ticket.",
    LIGHT="Today's light of open work.",
    OPPORTUNITY_STATUS="What the CRM says of the opportunity.",
    COHORT="The month of the sale, such as 2026-11.",
    REASON="Why it waits, or how it ended.",
)
describe(
    kpis.KpiExclusionReason,
    "Why a row was left out.",
    CANCELLED="It was cancelled.",
    SKIPPED="It was skipped.",
    NEVER_STARTED="Nobody said when its work was started.",
    NOTHING_TO_DO="It has nothing to do.",
    NO_CAPACITY="The weekly hours of its operator are unknown.",
    DISMISSED="It was dismissed: it is no sale.",
)
describe(
    kpis.DueBasis,
    "Which due date work is measured against.",
    ORIGINAL="The one that was planned first. Moving a date makes nothing punctual.",
    CURRENT="The one that holds now.",
)
describe(
    kpis.CloseBasis,
    "Which close counts, of work that was closed more than once.",
    LATEST="The latest: a reopened ticket leaves the period in which it was first closed.",
    FIRST="The first: what was once reported stays so.",
)
describe(
    kpis.KpiStatisticName,
    "Ways to sum up durations.",
    MIN="The shortest.",
    MEDIAN="Half are no longer than this.",
    P85="85 in a hundred are no longer than this: what one can promise.",
    MAX="The longest.",
)
describe(
    kpis.KpiInterval,
    "The length of a stretch.",
    DAY="A day.",
    WEEK="From Monday to Sunday.",
    MONTH="A month of the calendar.",
)
describe(
    KpiPopulationOrder,
    "How the rows behind a number may be ordered; the id decides among equals.",
    WEIGHT_DESC="Those first that contribute most.",
    WEIGHT_ASC="Those first that contribute least.",
    AT_DESC="The latest first.",
    DUE_ON_ASC="The most urgent due date first.",
)
