"""What is known of a company's opportunities and ticket lines, and what can be decided about them: plain values."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.vocabulary import FlagKind, OpportunityStatus, TicketStatus

CODE_PREFIX = "TCK-"
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class FoundOpportunity:
    """An opportunity of one company as the CRM shows it now. `product_codes` are the codes of what it sells.

    It is `being_made` while an action of ours makes the one that carries its code.
    """

    crm_id: int
    code: str
    title: str
    amount: Decimal | None
    phase: str | None
    status: OpportunityStatus
    product_codes: tuple[str, ...] = ()
    being_made: bool = False

    @property
    def own_code(self) -> str:
        """The child's code that it carries; empty when it is none of ours."""
        return own_code(self.code)


def own_code(code: str | None) -> str:
    """The child's code within a code, without the number of a remake; empty when it is none of ours.

    >>> own_code(" tck-f40-5155-03.2"), own_code("2027/14"), own_code(None)
    ('TCK-F40-5155-03', '', '')
    """
    plain = (code or "").strip().upper().partition(".")[0]
    return plain[:LONGEST_CODE] if plain.startswith(CODE_PREFIX) else ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What is wrong with an opportunity that we know.

    `crm_id` is the CRM's record that stands in its place: what it was merged into, or another that carries its code.
    `crm_company_id` is whose it is now, where it moved.
    """

    kind: FlagKind
    crm_id: int | None = None
    crm_company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """What the id of one answered that its company's list lacks: nothing, another record, or another owner."""

    merged_into: int | None = None
    moved: bool = False
    crm_company_id: int | None = None


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """An opportunity as we last saw it, and what it belongs to; `line_id` is None when it was mapped without a line.

    `carried_code` is what the CRM's record carried of our codes while all was well. A `kept` flag is one that an
    operator has looked at and wants to stay as it is.
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
        """The code of its child."""
        return own_code(self.code)


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
    UNDER_WAY = "UNDER_WAY"
    SUPERSEDED = "SUPERSEDED"


class SyncReason(StrEnum):
    """Why an opportunity was adopted, why it was not, or why it gets no child ticket."""

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
    SyncReason.UNDER_WAY: "An action is making it right now.",
    SyncReason.SUPERSEDED: "It was made anew under a later number.",
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

    `service_code` is said of what is adopted, `changes` names what differs from our mirror. `reason` tells how an
    adopted one was recognised and why an unmatched one was not; `candidate_line_ids` are the lines that it may be
    meant for. `no_child` tells why it should have no child ticket. `flag` is what is wrong with one that we know;
    `needs_person` says that no operator has decided about that yet.
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
    """Why an opportunity of this status gets no child below this parent, or None where it gets one."""
    if status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    if ticket.status is TicketStatus.CANCELLED:
        return SyncReason.PARENT_CANCELLED
    return None if has_template else SyncReason.SERVICE_WITHOUT_TEMPLATE
