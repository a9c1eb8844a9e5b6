"""What is known of a company's opportunities and ticket lines, and what can be decided about them: plain values."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.vocabulary import OpportunityStatus, TicketStatus

CODE_PREFIX = "TCK-"


@dataclass(frozen=True, slots=True)
class FoundOpportunity:
    """An opportunity of one company as the CRM shows it now. `product_codes` are the codes of what it sells."""

    crm_id: int
    code: str
    title: str
    amount: Decimal | None
    phase: str | None
    status: OpportunityStatus
    product_codes: tuple[str, ...] = ()

    @property
    def own_code(self) -> str:
        """The child's code that it carries, without the number of a remake; empty when it is none of ours.

        >>> FoundOpportunity(1, " tck-f40-5155-03.2", "", None, None, OpportunityStatus.OPEN).own_code
        'TCK-F40-5155-03'
        """
        code = self.code.strip().upper().partition(".")[0]
        return code if code.startswith(CODE_PREFIX) else ""


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """An opportunity as we last saw it, and what it belongs to; `line_id` is None when it was mapped without a line."""

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


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A ticket line; it is `filled` when it has its opportunity, or when one is being made."""

    id: str
    position: int
    service_code: str
    has_template: bool = True
    filled: bool = False


@dataclass(frozen=True, slots=True)
class SaleTicket:
    """A parent ticket of the company."""

    id: str
    digits: str
    status: TicketStatus
    lines: tuple[SaleLine, ...]


class SyncOutcome(StrEnum):
    REFRESH = "REFRESH"
    UNCHANGED = "UNCHANGED"
    ADOPT = "ADOPT"
    UNMATCHED = "UNMATCHED"
    MISSING = "MISSING"


class SyncReason(StrEnum):
    """Why an opportunity was adopted, why it was not, or why it gets no child ticket."""

    ITS_CODE = "ITS_CODE"
    ITS_SERVICE = "ITS_SERVICE"
    MAPPED = "MAPPED"
    FOREIGN_CODE = "FOREIGN_CODE"
    SAME_CODE_TWICE = "SAME_CODE_TWICE"
    LINE_FILLED = "LINE_FILLED"
    NO_SERVICE = "NO_SERVICE"
    SEVERAL_SERVICES = "SEVERAL_SERVICES"
    NO_FREE_LINE = "NO_FREE_LINE"
    SEVERAL_PARENTS = "SEVERAL_PARENTS"
    SEVERAL_OPPORTUNITIES = "SEVERAL_OPPORTUNITIES"
    LOST = "LOST"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    PARENT_CANCELLED = "PARENT_CANCELLED"
    SERVICE_WITHOUT_TEMPLATE = "SERVICE_WITHOUT_TEMPLATE"


_SENTENCES = {
    SyncReason.ITS_CODE: "Recognised by the code that it carries.",
    SyncReason.ITS_SERVICE: "Recognised by its service: only one ticket waits for it.",
    SyncReason.MAPPED: "An operator said where it belongs.",
    SyncReason.FOREIGN_CODE: "It carries a code of ours that no line of this company has.",
    SyncReason.SAME_CODE_TWICE: "Another opportunity carries the same code.",
    SyncReason.LINE_FILLED: "The line that its code names has another opportunity.",
    SyncReason.NO_SERVICE: "Neither its products nor its title name a service.",
    SyncReason.SEVERAL_SERVICES: "It names more than one service.",
    SyncReason.NO_FREE_LINE: "No ticket of this company waits for its service.",
    SyncReason.SEVERAL_PARENTS: "More than one ticket of this company waits for its service.",
    SyncReason.SEVERAL_OPPORTUNITIES: "More opportunities name this service than lines wait for it.",
    SyncReason.LOST: "The CRM says that it is lost.",
    SyncReason.STATUS_UNKNOWN: "The CRM gives it a status that says nothing to us.",
    SyncReason.PARENT_CANCELLED: "Its parent ticket is cancelled.",
    SyncReason.SERVICE_WITHOUT_TEMPLATE: "Its service has no workflow.",
}


def explain(reason: str) -> str:
    """The reason in words that an operator understands.

    >>> explain(SyncReason.NO_SERVICE)
    'Neither its products nor its title name a service.'
    """
    return _SENTENCES[SyncReason(reason)]


@dataclass(frozen=True, slots=True)
class SyncDecision:
    """What becomes of one opportunity.

    `service_code` is said of what is adopted, `changes` names the mirrored fields that differ. `reason` tells how an
    adopted one was recognised and why an unmatched one was not; `candidate_line_ids` are the lines that it may be
    meant for. `no_child` tells why it should have no child ticket. Where it has one all the same (the sale was lost
    later), a person decides.
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


def why_no_child(status: OpportunityStatus, ticket: SaleTicket, has_template: bool) -> SyncReason | None:
    """Why an opportunity of this status gets no child below this parent, or None where it gets one."""
    if status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    if ticket.status is TicketStatus.CANCELLED:
        return SyncReason.PARENT_CANCELLED
    return None if has_template else SyncReason.SERVICE_WITHOUT_TEMPLATE
