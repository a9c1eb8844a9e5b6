"""Plain values: a company's opportunities and ticket lines, and the decisions about them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.planning.tickets.codes import own_code
from services.vocabulary import FlagKind, OpportunityStatus, TicketStatus


@dataclass(frozen=True, slots=True)
class FoundOpportunity:
    """An opportunity of one company as the CRM shows it now. `product_codes` are the codes of what it sells.

    `dated_on` is the day it was created, or closed if that is earlier. None: the CRM shows neither. It is `being_made`
    while an action of ours creates the one that carries its code.
    """

    crm_id: int
    code: str
    title: str
    amount: Decimal | None
    phase: str | None
    status: OpportunityStatus
    product_codes: tuple[str, ...] = ()
    being_made: bool = False
    dated_on: date | None = None

    @property
    def own_code(self) -> str:
        """Return the child code that it carries, or an empty text if the code is not ours."""
        return own_code(self.code)


@dataclass(frozen=True, slots=True)
class Flag:
    """A problem of an opportunity that we mirror.

    `crm_id` is the CRM's record in its place: what it was merged into, or another that carries its code.
    `crm_company_id` is the company that it moved to.
    """

    kind: FlagKind
    crm_id: int | None = None
    crm_company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """The answer of an id that its company's list lacks: nothing, another record, or another owner."""

    merged_into: int | None = None
    moved: bool = False
    crm_company_id: int | None = None


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """An opportunity as we last saw it and the place it belongs to. `line_id` is None if it was mapped without a line.

    `carried_code` is our code in the CRM's record while all was well. A `kept` flag is one that an operator has seen
    and wants to leave as it is.
    """

    id: str
    crm_id: int
    code: str | None
    title: str
    amount: Decimal | None
    phase: str | None
    status: OpportunityStatus
    ticket_id: str
    position: int
    line_id: str | None = None
    has_child: bool = False
    has_template: bool = True
    is_missing: bool = False
    carried_code: str = ""
    child_cancelled: bool = False
    flag: Flag | None = None
    kept: bool = False

    @property
    def own_code(self) -> str:
        """Return the code of its child."""
        return own_code(self.code)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A ticket line. It is `filled` if it has an opportunity, or one is being created."""

    id: str
    position: int
    service_code: str
    has_template: bool = True
    filled: bool = False


@dataclass(frozen=True, slots=True)
class SaleTicket:
    """A parent ticket of the company and the day of its sale."""

    id: str
    serial: str
    status: TicketStatus
    lines: tuple[SaleLine, ...]
    sold_on: date | None = None


class SyncOutcome(StrEnum):
    REFRESH = "REFRESH"
    UNCHANGED = "UNCHANGED"
    ADOPT = "ADOPT"
    UNMATCHED = "UNMATCHED"
    MISSING = "MISSING"
    UNDER_WAY = "UNDER_WAY"
    SUPERSEDED = "SUPERSEDED"


class SyncReason(StrEnum):
    """Why an opportunity was adopted, was not adopted, or gets no child ticket."""

    ITS_CODE = "ITS_CODE"
    ITS_SERVICE = "ITS_SERVICE"
    MAPPED = "MAPPED"
    FOREIGN_CODE = "FOREIGN_CODE"
    SAME_CODE_TWICE = "SAME_CODE_TWICE"
    LINE_FILLED = "LINE_FILLED"
    UNDER_WAY = "UNDER_WAY"
    SUPERSEDED = "SUPERSEDED"
    NO_SERVICE = "NO_SERVICE"
    SEVERAL_SERVICES = "SEVERAL_SERVICES"
    TITLE_DENIES = "TITLE_DENIES"
    TITLE_UNCLEAR = "TITLE_UNCLEAR"
    BEFORE_SALE = "BEFORE_SALE"
    NO_FREE_LINE = "NO_FREE_LINE"
    SEVERAL_PARENTS = "SEVERAL_PARENTS"
    SEVERAL_OPPORTUNITIES = "SEVERAL_OPPORTUNITIES"
    LOST = "LOST"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    PARENT_CANCELLED = "PARENT_CANCELLED"
    SERVICE_WITHOUT_TEMPLATE = "SERVICE_WITHOUT_TEMPLATE"


_SENTENCES = {
    SyncReason.ITS_CODE: "Recognised by the code that it carries.",
    SyncReason.ITS_SERVICE: "Recognised by its service: only one ticket needs an opportunity of it.",
    SyncReason.MAPPED: "An operator mapped it.",
    SyncReason.FOREIGN_CODE: "It carries a code of ours that no line of this company has.",
    SyncReason.SAME_CODE_TWICE: "Another opportunity carries the same code.",
    SyncReason.LINE_FILLED: "The line that its code names has another opportunity.",
    SyncReason.UNDER_WAY: "An action is creating it.",
    SyncReason.SUPERSEDED: "It was created again under a later number.",
    SyncReason.NO_SERVICE: "Neither its products nor its title name a service.",
    SyncReason.SEVERAL_SERVICES: "It names more than one service.",
    SyncReason.TITLE_DENIES: "Its title denies the service that it names.",
    SyncReason.TITLE_UNCLEAR: "Its title has the words of a service among others, and may mean something else.",
    SyncReason.BEFORE_SALE: "It is older than every sale of its service that still needs an opportunity.",
    SyncReason.NO_FREE_LINE: "No ticket of this company needs an opportunity of its service.",
    SyncReason.SEVERAL_PARENTS: "More than one ticket of this company needs an opportunity of its service.",
    SyncReason.SEVERAL_OPPORTUNITIES: "More opportunities name this service than lines need one.",
    SyncReason.LOST: "It is lost in the CRM.",
    SyncReason.STATUS_UNKNOWN: "The CRM gives it a status that we cannot interpret.",
    SyncReason.PARENT_CANCELLED: "Its parent ticket is cancelled.",
    SyncReason.SERVICE_WITHOUT_TEMPLATE: "Its service has no workflow.",
}


def explain(reason: str) -> str:
    """Return the reason in words for an operator.

    >>> explain(SyncReason.NO_SERVICE)
    'Neither its products nor its title name a service.'
    """
    return _SENTENCES[SyncReason(reason)]


def phase_name(phase: str | None) -> str | None:
    """The phase by its name; None where only its number is known.

    >>> phase_name("Proposta"), phase_name("53001"), phase_name(None)
    ('Proposta', None, None)
    """
    return None if phase is None or phase.isdigit() else phase


def phase_number(phase: str | None) -> str | None:
    """The CRM's number of a phase whose name is not known.

    >>> phase_number("53001"), phase_number("Proposta"), phase_number(None)
    ('53001', None, None)
    """
    return phase if phase is not None and phase.isdigit() else None


@dataclass(frozen=True, slots=True)
class SyncDecision:
    """The decision about one opportunity.

    `service_code` is set for an adopted one; `changes` names what differs from our mirror. `reason` says how an adopted
    one was recognised, or why an unmatched one was not; `candidate_line_ids` are the lines that it may be meant for.
    `no_child` says why it gets no child ticket. `flag` is the problem of a mirrored one; `needs_person` says that no
    operator has decided about it yet.
    """

    crm_id: int
    outcome: SyncOutcome
    opportunity_id: str | None = None
    ticket_id: str | None = None
    line_id: str | None = None
    position: int | None = None
    code: str | None = None
    service_code: str | None = None
    changes: tuple[str, ...] = ()
    creates_child: bool = False
    reason: SyncReason | None = None
    no_child: SyncReason | None = None
    candidate_line_ids: tuple[str, ...] = ()
    carried_code: str = ""
    flag: Flag | None = None
    needs_person: bool = False


def why_no_child(status: OpportunityStatus, ticket: SaleTicket, has_template: bool) -> SyncReason | None:
    """Return why an opportunity of this status gets no child below this parent. None: it gets one."""
    if status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    if ticket.status is TicketStatus.CANCELLED:
        return SyncReason.PARENT_CANCELLED
    return None if has_template else SyncReason.SERVICE_WITHOUT_TEMPLATE
