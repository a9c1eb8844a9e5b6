"""The words of the figures: what can be asked for, of what, in which unit, and taken apart by what."""

from enum import StrEnum


class KpiKey(StrEnum):
    ON_TIME = "ON_TIME"
    SLIP = "SLIP"
    REDATED = "REDATED"
    FINISHED = "FINISHED"
    DUE = "DUE"
    LEAD_TIME = "LEAD_TIME"
    CYCLE_TIME = "CYCLE_TIME"
    FLOW_EFFICIENCY = "FLOW_EFFICIENCY"
    TIME_TO_ONBOARDED = "TIME_TO_ONBOARDED"
    TIME_TO_FIRST_VALUE = "TIME_TO_FIRST_VALUE"
    TIME_TO_DELIVERED = "TIME_TO_DELIVERED"
    ONBOARDED = "ONBOARDED"
    REOPENED = "REOPENED"
    BACKLOG = "BACKLOG"
    IN_PROGRESS = "IN_PROGRESS"
    OPEN = "OPEN"
    AGE = "AGE"
    STANDSTILL = "STANDSTILL"
    LATE = "LATE"
    PROGRESS = "PROGRESS"
    AT_RISK = "AT_RISK"
    LOAD = "LOAD"
    LOAD_SHARE = "LOAD_SHARE"
    OPPORTUNITIES = "OPPORTUNITIES"
    OPPORTUNITY_VALUE = "OPPORTUNITY_VALUE"
    VALUE_OPEN = "VALUE_OPEN"
    VALUE_AT_RISK = "VALUE_AT_RISK"
    VALUE_DELIVERED = "VALUE_DELIVERED"
    RECOGNISED = "RECOGNISED"
    INBOX = "INBOX"
    CRM_PENDING = "CRM_PENDING"
    CRM_ATTENTION = "CRM_ATTENTION"


class KpiSubject(StrEnum):
    PARENTS = "PARENTS"
    CHILDREN = "CHILDREN"
    TICKETS = "TICKETS"
    MILESTONES = "MILESTONES"
    TASKS = "TASKS"
    OPPORTUNITIES = "OPPORTUNITIES"
    SALES = "SALES"
    EFFECTS = "EFFECTS"


class KpiNature(StrEnum):
    """FLOW: of what happened in a period. STATE: of how things stand at the end of a day, or now.

    FORECAST: of what is foreseen from now on. Like a state it is as of a day.
    """

    FLOW = "FLOW"
    STATE = "STATE"
    FORECAST = "FORECAST"


class KpiUnit(StrEnum):
    COUNT = "COUNT"
    SHARE = "SHARE"
    WORKING_DAYS = "WORKING_DAYS"
    WORK_HOURS = "WORK_HOURS"
    EUR = "EUR"


class KpiDirection(StrEnum):
    """Where a figure should go."""

    UP = "UP"
    DOWN = "DOWN"
    NONE = "NONE"


class KpiTrend(StrEnum):
    BETTER = "BETTER"
    WORSE = "WORSE"
    SAME = "SAME"


class KpiDimension(StrEnum):
    """What a figure can be taken apart by. The first eight are also what it can be filtered by."""

    KIT = "KIT"
    SERVICE = "SERVICE"
    TEMPLATE = "TEMPLATE"
    MILESTONE = "MILESTONE"
    OPERATOR = "OPERATOR"
    COMPANY = "COMPANY"
    TICKET_KIND = "TICKET_KIND"
    PRIORITY = "PRIORITY"
    LIGHT = "LIGHT"
    OPPORTUNITY_STATUS = "OPPORTUNITY_STATUS"
    COHORT = "COHORT"
    REASON = "REASON"


class KpiExclusionReason(StrEnum):
    """Why a row was left out."""

    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    NEVER_STARTED = "NEVER_STARTED"
    NOTHING_TO_DO = "NOTHING_TO_DO"
    NO_CAPACITY = "NO_CAPACITY"
    DISMISSED = "DISMISSED"


class DueBasis(StrEnum):
    """Against which due date work is measured."""

    ORIGINAL = "ORIGINAL"
    CURRENT = "CURRENT"


class CloseBasis(StrEnum):
    """Which close counts, of work that was closed more than once."""

    LATEST = "LATEST"
    FIRST = "FIRST"


class KpiStatisticName(StrEnum):
    MIN = "MIN"
    MEDIAN = "MEDIAN"
    P85 = "P85"
    MAX = "MAX"


class KpiInterval(StrEnum):
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
