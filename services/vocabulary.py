"""The words of the domain: one enumeration per entity, the same words in code, database and API."""

from enum import StrEnum


class Role(StrEnum):
    """What a caller may do; each role includes the ones before it."""

    VIEWER = "VIEWER"
    OPERATOR = "OPERATOR"
    ADMIN = "ADMIN"

    def includes(self, other: "Role") -> bool:
        """
        >>> Role.ADMIN.includes(Role.OPERATOR), Role.VIEWER.includes(Role.OPERATOR)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(other)


class TokenKind(StrEnum):
    """API: shown in a header, by programs. SESSION: a signed-in browser's, in its cookie."""

    API = "API"
    SESSION = "SESSION"


class TicketKind(StrEnum):
    PARENT = "PARENT"
    CHILD = "CHILD"


class TicketStatus(StrEnum):
    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class SearchKind(StrEnum):
    """What a search can find. Of tasks, only those that are not finished; of the inbox, what waits in it."""

    TICKET = "TICKET"
    TASK = "TASK"
    COMPANY = "COMPANY"
    OPPORTUNITY = "OPPORTUNITY"
    OPERATOR = "OPERATOR"
    CATALOG = "CATALOG"
    INTAKE_ITEM = "INTAKE_ITEM"


class TreeScope(StrEnum):
    """How much of a ticket tree is meant: the ticket alone, or everything below it as well."""

    OWN = "OWN"
    TREE = "TREE"


class MilestoneStatus(StrEnum):
    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class MilestoneKind(StrEnum):
    STANDARD = "STANDARD"
    CRITICAL = "CRITICAL"
    OPTIONAL = "OPTIONAL"


class TaskStatus(StrEnum):
    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    SKIPPED = "SKIPPED"


class Priority(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class LinkKind(StrEnum):
    ENGAGEMENT_LETTER = "ENGAGEMENT_LETTER"
    SIGNED_ENGAGEMENT = "SIGNED_ENGAGEMENT"
    DELIVERABLE = "DELIVERABLE"
    FILING = "FILING"
    OTHER = "OTHER"


class SlaLight(StrEnum):
    GREEN = "GREEN"
    YELLOW = "YELLOW"
    ORANGE = "ORANGE"
    RED = "RED"


class CompanyDefect(StrEnum):
    """Why a company's field could not be taken from the CRM as it is."""

    NAME_MISSING = "NAME_MISSING"
    NAME_TOO_LONG = "NAME_TOO_LONG"
    VAT_NUMBER_TOO_LONG = "VAT_NUMBER_TOO_LONG"


class OpportunityDefect(StrEnum):
    """Why an opportunity's field could not be taken from the CRM as it is."""

    TITLE_TOO_LONG = "TITLE_TOO_LONG"
    PHASE_TOO_LONG = "PHASE_TOO_LONG"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"


class OpportunityStatus(StrEnum):
    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"
    UNKNOWN = "UNKNOWN"


class FlagKind(StrEnum):
    """What became of an opportunity in the CRM that a person must know of."""

    LOST = "LOST"
    DELETED = "DELETED"
    MERGED = "MERGED"
    MOVED = "MOVED"
    RENAMED = "RENAMED"


class Repair(StrEnum):
    """What an operator can do about a flagged opportunity."""

    RELINK = "RELINK"
    RECREATE = "RECREATE"
    CANCEL_CHILD = "CANCEL_CHILD"
    KEEP = "KEEP"


class UnmatchedReason(StrEnum):
    """Why a CRM opportunity waits for an operator to map it."""

    FOREIGN_CODE = "FOREIGN_CODE"
    SAME_CODE_TWICE = "SAME_CODE_TWICE"
    LINE_FILLED = "LINE_FILLED"
    NO_SERVICE = "NO_SERVICE"
    SEVERAL_SERVICES = "SEVERAL_SERVICES"
    TITLE_DENIES = "TITLE_DENIES"
    TITLE_UNCLEAR = "TITLE_UNCLEAR"
    BEFORE_SALE = "BEFORE_SALE"
    NO_FREE_LINE = "NO_FREE_LINE"
    SEVERAL_PARENTS = "SEVERAL_PARENTS"
    SEVERAL_OPPORTUNITIES = "SEVERAL_OPPORTUNITIES"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"


class CrmActivityRole(StrEnum):
    """SOURCE: the sale that a parent ticket came from. SHADOW: what a milestone looks like in the CRM."""

    SOURCE = "SOURCE"
    SHADOW = "SHADOW"


class IntakeStatus(StrEnum):
    WAITING = "WAITING"
    RESOLVED = "RESOLVED"
    DISMISSED = "DISMISSED"


class IntakeReason(StrEnum):
    """Why an activity waits in the inbox."""

    NO_KIT = "NO_KIT"
    AMBIGUOUS_KIT = "AMBIGUOUS_KIT"
    NEGATED = "NEGATED"
    UNSURE = "UNSURE"
    PAST = "PAST"
    SEVERAL_SALES = "SEVERAL_SALES"
    QUOTED = "QUOTED"
    NOT_SAID = "NOT_SAID"
    GARBLED = "GARBLED"
    TOO_LONG = "TOO_LONG"
    UNKNOWN_COMPANY = "UNKNOWN_COMPANY"
    NO_OWNER = "NO_OWNER"
    KIT_WITHOUT_SERVICES = "KIT_WITHOUT_SERVICES"
    CODE_TAKEN = "CODE_TAKEN"
    REQUEST_UNSETTLED = "REQUEST_UNSETTLED"
    NOT_TAKEN_IN = "NOT_TAKEN_IN"
    SALE_DELETED = "SALE_DELETED"
    SALE_MOVED = "SALE_MOVED"
    SALE_CHANGED = "SALE_CHANGED"


class MarkKind(StrEnum):
    """What a marked stretch of an activity's text says."""

    KIT = "KIT"
    SALE = "SALE"
    NEGATION = "NEGATION"
    DOUBT = "DOUBT"
    PAST = "PAST"
    SEVERAL = "SEVERAL"
    OTHER_TOPIC = "OTHER_TOPIC"


class OwnerSource(StrEnum):
    """What named the owner of a parent ticket."""

    CHOSEN = "CHOSEN"
    CRM_OWNER = "CRM_OWNER"
    SERVICE_RESPONSIBLE = "SERVICE_RESPONSIBLE"


class ImportPreviewOutcome(StrEnum):
    """What the intake would do with an activity now."""

    WOULD_CREATE = "WOULD_CREATE"
    WOULD_WAIT = "WOULD_WAIT"
    EXISTS = "EXISTS"
    DISMISSED = "DISMISSED"
    OWN_ECHO = "OWN_ECHO"
    NOT_A_SALE = "NOT_A_SALE"


class ActionKind(StrEnum):
    GENERATE_OPPORTUNITIES = "GENERATE_OPPORTUNITIES"
    SYNC_OPPORTUNITIES = "SYNC_OPPORTUNITIES"
    GENERATE_ACTIVITIES = "GENERATE_ACTIVITIES"
    FOLLOW_MILESTONES = "FOLLOW_MILESTONES"
    CREATE_TICKET = "CREATE_TICKET"
    SECOND_LOOK = "SECOND_LOOK"
    REPAIR_OPPORTUNITY = "REPAIR_OPPORTUNITY"


class ActionStatus(StrEnum):
    """RUNNING until every item has its outcome; then WAITING while something needs a person, else CANCELLED where
    something was stopped or put away, else COMPLETED."""

    RUNNING = "RUNNING"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class BreakerState(StrEnum):
    """Whether the CRM is called. HALF_OPEN: the next call is the one that tries."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class ItemKind(StrEnum):
    """What one item does in the CRM."""

    CREATE_SALE = "CREATE_SALE"
    CREATE_OPPORTUNITY = "CREATE_OPPORTUNITY"
    RECREATE_OPPORTUNITY = "RECREATE_OPPORTUNITY"
    REPAIR_OPPORTUNITY = "REPAIR_OPPORTUNITY"
    SYNC_COMPANY = "SYNC_COMPANY"
    SYNC_OPPORTUNITY = "SYNC_OPPORTUNITY"
    CREATE_ACTIVITY = "CREATE_ACTIVITY"
    UPDATE_ACTIVITY = "UPDATE_ACTIVITY"
    CHECK_ACTIVITIES = "CHECK_ACTIVITIES"
    SECOND_LOOK = "SECOND_LOOK"


class ItemState(StrEnum):
    """PENDING: nothing was sent. SENDING: a claim is out and its answer is not known. FINISHED: it has an outcome."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    FINISHED = "FINISHED"


class ItemOutcome(StrEnum):
    CREATED = "CREATED"
    ADOPTED = "ADOPTED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    CANCELLED = "CANCELLED"


class AttemptStep(StrEnum):
    """What one attempt of an item did in the CRM."""

    LOOK_UP = "LOOK_UP"
    SEND = "SEND"
    CALL = "CALL"


class AttemptResult(StrEnum):
    """How one attempt of an item ended: with the item's outcome, with a finding, or with a failure."""

    CREATED = "CREATED"
    ADOPTED = "ADOPTED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    CANCELLED = "CANCELLED"
    ABSENT = "ABSENT"
    SENT_AGAIN = "SENT_AGAIN"
    CRM_UNAVAILABLE = "CRM_UNAVAILABLE"
    LOGIN_REFUSED = "LOGIN_REFUSED"
    WRONG_TENANT = "WRONG_TENANT"
    NOT_CALLED = "NOT_CALLED"
    CRM_REFUSED = "CRM_REFUSED"
    CRM_FORBIDDEN = "CRM_FORBIDDEN"
    NOT_OUR_RECORD = "NOT_OUR_RECORD"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    DECLINED_HERE = "DECLINED_HERE"
    CLAIM_LOST = "CLAIM_LOST"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ItemReason(StrEnum):
    """Why an item of a preview or of an action ends or waits as it does."""

    UP_TO_DATE = "UP_TO_DATE"
    DIFFERS = "DIFFERS"
    ALREADY_THERE = "ALREADY_THERE"
    FOUND_TWICE = "FOUND_TWICE"
    NOT_OURS = "NOT_OURS"
    UNDER_WAY = "UNDER_WAY"
    CALLED_OFF = "CALLED_OFF"
    NOT_STORABLE = "NOT_STORABLE"
    LOST = "LOST"
    DELETED = "DELETED"
    MERGED = "MERGED"
    MOVED = "MOVED"
    RENAMED = "RENAMED"
    ITS_CODE = "ITS_CODE"
    ITS_SERVICE = "ITS_SERVICE"
    MAPPED = "MAPPED"
    FOREIGN_CODE = "FOREIGN_CODE"
    SAME_CODE_TWICE = "SAME_CODE_TWICE"
    LINE_FILLED = "LINE_FILLED"
    SUPERSEDED = "SUPERSEDED"
    NO_SERVICE = "NO_SERVICE"
    SEVERAL_SERVICES = "SEVERAL_SERVICES"
    TITLE_DENIES = "TITLE_DENIES"
    TITLE_UNCLEAR = "TITLE_UNCLEAR"
    BEFORE_SALE = "BEFORE_SALE"
    NO_FREE_LINE = "NO_FREE_LINE"
    SEVERAL_PARENTS = "SEVERAL_PARENTS"
    SEVERAL_OPPORTUNITIES = "SEVERAL_OPPORTUNITIES"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    PARENT_CANCELLED = "PARENT_CANCELLED"
    SERVICE_WITHOUT_TEMPLATE = "SERVICE_WITHOUT_TEMPLATE"
    CRM_UNAVAILABLE = "CRM_UNAVAILABLE"
    LOGIN_REFUSED = "LOGIN_REFUSED"
    WRONG_TENANT = "WRONG_TENANT"
    NOT_CALLED = "NOT_CALLED"
    CRM_REFUSED = "CRM_REFUSED"
    CRM_FORBIDDEN = "CRM_FORBIDDEN"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    REQUESTS_LOST = "REQUESTS_LOST"
    SAID_TO_EXIST = "SAID_TO_EXIST"
    LATE_RECORD = "LATE_RECORD"
    NOT_AS_SHOWN = "NOT_AS_SHOWN"
    SALE_IN_QUESTION = "SALE_IN_QUESTION"
    REPAIR_OVERTAKEN = "REPAIR_OVERTAKEN"
    NOTHING_TO_REPAIR = "NOTHING_TO_REPAIR"
    REPAIR_NOT_PROPOSED = "REPAIR_NOT_PROPOSED"
    OPPORTUNITY_MAPPED = "OPPORTUNITY_MAPPED"
    CODE_TAKEN = "CODE_TAKEN"
    DECLINED_HERE = "DECLINED_HERE"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    STOPPED = "STOPPED"
    DISMISSED = "DISMISSED"


class ForeseenOutcome(StrEnum):
    """What a press of a button would do with one item, were it pressed now."""

    CREATE = "CREATE"
    ADOPT = "ADOPT"
    UPDATE = "UPDATE"
    UNCHANGED = "UNCHANGED"
    SKIP = "SKIP"
    BLOCKED = "BLOCKED"


class EffectKind(StrEnum):
    """The three kinds of CRM records that the hub answers for."""

    SALE = "SALE"
    OPPORTUNITY = "OPPORTUNITY"
    ACTIVITY = "ACTIVITY"


class Verdict(StrEnum):
    """What a comparison with the CRM says of one record."""

    MATCHED = "MATCHED"
    MISSING = "MISSING"
    EXTRA = "EXTRA"
    DIFFERENT = "DIFFERENT"


class Explanation(StrEnum):
    """Why a record does not match although nothing went wrong unnoticed."""

    UNDER_WAY = "UNDER_WAY"
    WAITS_FOR_PERSON = "WAITS_FOR_PERSON"
    CALLED_OFF = "CALLED_OFF"
    FLAGGED = "FLAGGED"
    UNMATCHED = "UNMATCHED"
    SUPERSEDED = "SUPERSEDED"
    MIRROR_IS_OLDER = "MIRROR_IS_OLDER"
    JUST_MADE = "JUST_MADE"
