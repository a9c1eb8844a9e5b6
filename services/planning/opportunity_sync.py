"""Which CRM opportunity belongs to which ticket line: certain, or left to a person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from services.planning.codes import child_code
from services.planning.kit_matcher import Ambiguous, KitNames, Recognised, match_kit
from services.vocabulary import OpportunityStatus, TicketStatus

CODE_PREFIX = "TCK-"
REFRESHED_FIELDS = ("title", "amount", "phase", "status")


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


@dataclass(frozen=True, slots=True)
class SyncDecision:
    """What becomes of one opportunity.

    `changes` names the mirrored fields that differ. `reason` tells how an adopted one was recognised and why an
    unmatched one was not; `no_child` why it should have no child ticket. Where it has one all the same (the sale was
    lost later), a person decides.
    """

    crm_id: int
    outcome: SyncOutcome
    opportunity_id: str | None = None
    ticket_id: str | None = None
    line_id: str | None = None
    position: int | None = None
    code: str | None = None
    changes: tuple[str, ...] = ()
    creates_child: bool = False
    reason: SyncReason | None = None
    no_child: SyncReason | None = None


def plan_sync(
    tickets: Sequence[SaleTicket],
    known: Sequence[KnownOpportunity],
    found: Sequence[FoundOpportunity],
    services: Mapping[str, str],
) -> tuple[SyncDecision, ...]:
    """Decide about every opportunity of one company, known or found, in the order of their CRM ids.

    `tickets` are all parents of the company, also the cancelled ones; `services` are the names of all services of the
    catalog, by code. An unknown opportunity is adopted by the code it carries, else by its service where only one
    parent ticket can be meant; what two opportunities could claim, neither gets.
    """
    found_by_id = {one.crm_id: one for one in found}
    known_ids = {one.crm_id for one in known}
    strangers = [one for crm_id, one in sorted(found_by_id.items()) if crm_id not in known_ids]
    decisions = [
        *(_about_known(one, found_by_id.get(one.crm_id), tickets) for one in known),
        *_about_strangers(strangers, tickets, services),
    ]
    return tuple(sorted(decisions, key=lambda decision: decision.crm_id))


def _about_known(
    known: KnownOpportunity, found: FoundOpportunity | None, tickets: Sequence[SaleTicket]
) -> SyncDecision:
    decision = SyncDecision(
        crm_id=known.crm_id,
        outcome=SyncOutcome.MISSING,
        opportunity_id=known.id,
        ticket_id=known.ticket_id,
        line_id=known.line_id,
        position=known.position,
        code=known.code,
    )
    if found is None:
        return replace(decision, changes=() if known.is_missing else ("is_missing",))
    changes = tuple(name for name in REFRESHED_FIELDS if getattr(known, name) != getattr(found, name))
    if known.is_missing:
        changes += ("is_missing",)
    ticket = next(one for one in tickets if one.id == known.ticket_id)
    no_child = _why_no_child(found.status, ticket, known.has_template)
    return replace(
        decision,
        outcome=SyncOutcome.REFRESH if changes else SyncOutcome.UNCHANGED,
        changes=changes,
        creates_child=no_child is None and not known.has_child,
        no_child=no_child,
    )


def _why_no_child(status: OpportunityStatus, ticket: SaleTicket, has_template: bool) -> SyncReason | None:
    if status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    if ticket.status is TicketStatus.CANCELLED:
        return SyncReason.PARENT_CANCELLED
    return None if has_template else SyncReason.SERVICE_WITHOUT_TEMPLATE


def _about_strangers(
    strangers: Sequence[FoundOpportunity], tickets: Sequence[SaleTicket], services: Mapping[str, str]
) -> Iterator[SyncDecision]:
    coded = [one for one in strangers if _own_code(one)]
    by_code = [*_by_code(coded, tickets)]
    taken = {decision.line_id for decision in by_code if decision.outcome is SyncOutcome.ADOPT}
    yield from by_code
    yield from _by_service([one for one in strangers if not _own_code(one)], tickets, services, taken)


def _own_code(found: FoundOpportunity) -> str:
    """The child's code that an opportunity carries, without the number of a remake; empty when it is none of ours.

    >>> _own_code(FoundOpportunity(1, " tck-f40-5155-03.2", "", None, None, OpportunityStatus.OPEN))
    'TCK-F40-5155-03'
    """
    code = found.code.strip().upper().partition(".")[0]
    return code if code.startswith(CODE_PREFIX) else ""


def _by_code(coded: Sequence[FoundOpportunity], tickets: Sequence[SaleTicket]) -> Iterator[SyncDecision]:
    lines = {
        child_code(line.service_code, ticket.digits, line.position): (ticket, line)
        for ticket in tickets
        for line in ticket.lines
    }
    carriers = Counter(map(_own_code, coded))
    for found in coded:
        code = _own_code(found)
        if code not in lines:
            yield _unmatched(found, SyncReason.FOREIGN_CODE)
        elif carriers[code] > 1:
            yield _unmatched(found, SyncReason.SAME_CODE_TWICE)
        elif lines[code][1].filled:
            yield _unmatched(found, SyncReason.LINE_FILLED)
        else:
            yield _adopted(found, *lines[code], SyncReason.ITS_CODE)


def _by_service(
    uncoded: Sequence[FoundOpportunity],
    tickets: Sequence[SaleTicket],
    services: Mapping[str, str],
    taken: set[str | None],
) -> Iterator[SyncDecision]:
    waiting: dict[str, list[FoundOpportunity]] = {}
    for found in uncoded:
        verdict = _service_of(found, services)
        if isinstance(verdict, SyncReason):
            yield _unmatched(found, verdict)
        else:
            waiting.setdefault(verdict, []).append(found)
    for service_code, claimants in waiting.items():
        yield from _claims(claimants, _free_lines(service_code, tickets, taken))


def _service_of(found: FoundOpportunity, services: Mapping[str, str]) -> str | SyncReason:
    """The code of the one service that an opportunity sells, or why there is no telling."""
    if found.status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if found.status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    products = {code.strip().upper() for code in found.product_codes} & services.keys()
    if products:
        return products.pop() if len(products) == 1 else SyncReason.SEVERAL_SERVICES
    match match_kit(found.title, "", [KitNames(code, name, (code,)) for code, name in services.items()]):
        case Recognised(key):
            return key
        case Ambiguous():
            return SyncReason.SEVERAL_SERVICES
        case _:
            return SyncReason.NO_SERVICE


def _free_lines(
    service_code: str, tickets: Sequence[SaleTicket], taken: set[str | None]
) -> list[tuple[SaleTicket, SaleLine]]:
    return [
        (ticket, line)
        for ticket in tickets
        if ticket.status is not TicketStatus.CANCELLED
        for line in sorted(ticket.lines, key=lambda line: line.position)
        if line.service_code == service_code and not line.filled and line.id not in taken
    ]


def _claims(
    claimants: Sequence[FoundOpportunity], free: Sequence[tuple[SaleTicket, SaleLine]]
) -> Iterator[SyncDecision]:
    """The opportunities of one service against the lines that wait for one."""
    if not free:
        reason = SyncReason.NO_FREE_LINE
    elif len({ticket.id for ticket, _ in free}) > 1:
        reason = SyncReason.SEVERAL_PARENTS
    elif len(claimants) > len(free):
        reason = SyncReason.SEVERAL_OPPORTUNITIES
    else:
        for found, (ticket, line) in zip(claimants, free, strict=False):
            yield _adopted(found, ticket, line, SyncReason.ITS_SERVICE)
        return
    for found in claimants:
        yield _unmatched(found, reason)


def _unmatched(found: FoundOpportunity, reason: SyncReason) -> SyncDecision:
    return SyncDecision(found.crm_id, SyncOutcome.UNMATCHED, reason=reason)


def _adopted(found: FoundOpportunity, ticket: SaleTicket, line: SaleLine, reason: SyncReason) -> SyncDecision:
    no_child = _why_no_child(found.status, ticket, line.has_template)
    return SyncDecision(
        crm_id=found.crm_id,
        outcome=SyncOutcome.ADOPT,
        ticket_id=ticket.id,
        line_id=line.id,
        position=line.position,
        code=child_code(line.service_code, ticket.digits, line.position),
        creates_child=no_child is None,
        reason=reason,
        no_child=no_child,
    )
