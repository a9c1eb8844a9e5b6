"""Matches unknown opportunities to ticket lines: with certainty, or not at all. The rest is left to a person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.planning.intake.kit_matcher import Ambiguous, KitNames, Mention, Recognised, match_kit
from services.planning.opportunities.facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    SyncReason,
    why_no_child,
)
from services.planning.opportunities.titles import Naming, judge_title
from services.planning.tickets.codes import child_code, making, numbered_code
from services.vocabulary import OpportunityStatus, TicketStatus

Place = tuple[SaleTicket, SaleLine]


def match_strangers(
    strangers: Sequence[FoundOpportunity],
    known: Sequence[KnownOpportunity],
    tickets: Sequence[SaleTicket],
    services: Mapping[str, str],
    company: str = "",
) -> Iterator[SyncDecision]:
    """Adopt each by the code it carries, else by its service if only one parent ticket can be meant.

    A person has to map one that is older than the sale, or whose title of everyday words may mean something else.
    `company` is the company's name, which identifies nothing in a title. A line that two opportunities could claim goes
    to neither. One that is being created is left to its action; one that was created again since is ignored.
    """
    for one in strangers:
        if one.being_made:
            yield SyncDecision(one.crm_id, SyncOutcome.UNDER_WAY, reason=SyncReason.UNDER_WAY)
    strangers = [one for one in strangers if not one.being_made]
    making_of = {one.own_code: making(one.code) for one in known if one.own_code}
    superseded = {one.crm_id for one in strangers if making(one.code) < making_of.get(one.own_code, 0)}
    for crm_id in superseded:
        yield SyncDecision(crm_id, SyncOutcome.SUPERSEDED, reason=SyncReason.SUPERSEDED)
    strangers = [one for one in strangers if one.crm_id not in superseded]
    by_code = [*_by_code([one for one in strangers if one.own_code], tickets)]
    taken = _taken(by_code)
    by_service = [
        *_by_service([one for one in strangers if not one.own_code], tickets, services, company, taken)
    ]
    taken |= _taken(by_service)
    found = {one.crm_id: one for one in strangers}
    for decision in (*by_code, *by_service):
        if decision.outcome is SyncOutcome.ADOPT:
            yield decision
        else:
            named = named_services(found[decision.crm_id], services)
            lines = _candidates(named, tickets, taken)
            yield replace(decision, candidate_line_ids=tuple(line.id for _, line in lines))


def named_services(found: FoundOpportunity, services: Mapping[str, str]) -> frozenset[str]:
    """Return the codes of the services that an opportunity names: by its products, else by its title.

    >>> record = FoundOpportunity(1, "", "Bandi e F40", None, None, OpportunityStatus.OPEN, ("bnd", "SCONTO"))
    >>> sorted(named_services(record, {"F40": "Formazione 4.0", "BND": "Bandi"}))
    ['BND']
    """
    by_product = _product_services(found, services)
    return by_product or frozenset(mention.key for mention in _mentions(found, services))


def _product_services(found: FoundOpportunity, services: Mapping[str, str]) -> frozenset[str]:
    return frozenset({code.strip().upper() for code in found.product_codes} & services.keys())


def _mentions(found: FoundOpportunity, services: Mapping[str, str]) -> Sequence[Mention]:
    """Return the places where the title names a service."""
    match match_kit(found.title, "", [KitNames(code, name, (code,)) for code, name in services.items()]):
        case Recognised(_, evidence) | Ambiguous(_, evidence):
            return evidence
        case _:
            return ()


def _taken(decisions: Sequence[SyncDecision]) -> frozenset[str | None]:
    return frozenset(one.line_id for one in decisions if one.outcome is SyncOutcome.ADOPT)


def _by_code(coded: Sequence[FoundOpportunity], tickets: Sequence[SaleTicket]) -> Iterator[SyncDecision]:
    lines = {
        child_code(line.service_code, ticket.serial, line.position): (ticket, line)
        for ticket in tickets
        for line in ticket.lines
    }
    carriers = Counter(found.own_code for found in coded)
    for found in coded:
        code = found.own_code
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
    company: str,
    taken: frozenset[str | None],
) -> Iterator[SyncDecision]:
    waiting: dict[str, list[FoundOpportunity]] = {}
    for found in uncoded:
        verdict = _service_of(found, services, company)
        if isinstance(verdict, SyncReason):
            yield _unmatched(found, verdict)
        else:
            waiting.setdefault(verdict, []).append(found)
    for service_code, claimants in waiting.items():
        yield from _claims(claimants, [*_free_lines(frozenset({service_code}), tickets, taken)])


def _service_of(found: FoundOpportunity, services: Mapping[str, str], company: str) -> str | SyncReason:
    """Return the code of the one service that an opportunity sells, or why that is not clear."""
    if found.status is OpportunityStatus.LOST:
        return SyncReason.LOST
    if found.status is OpportunityStatus.UNKNOWN:
        return SyncReason.STATUS_UNKNOWN
    match sorted(named_services(found, services)):
        case []:
            return SyncReason.NO_SERVICE
        case [code]:
            return _doubt_about_title(found, services, company) or code
        case _:
            return SyncReason.SEVERAL_SERVICES


def _doubt_about_title(
    found: FoundOpportunity, services: Mapping[str, str], company: str
) -> SyncReason | None:
    """Return why the named service may not be what it sells. A product counts more than any word but a denial."""
    naming = judge_title(found.title, _mentions(found, services), company=company)
    if naming is Naming.BY_THE_WAY and not _product_services(found, services):
        return SyncReason.TITLE_UNCLEAR
    return SyncReason.TITLE_DENIES if naming is Naming.DENIED else None


def _candidates(
    named: frozenset[str], tickets: Sequence[SaleTicket], taken: frozenset[str | None]
) -> list[Place]:
    """Return the free lines of the services that it names, or of all services if no line waits for a named one."""
    every_service = frozenset(line.service_code for ticket in tickets for line in ticket.lines)
    return [*_free_lines(named, tickets, taken)] or [*_free_lines(every_service, tickets, taken)]


def _free_lines(
    service_codes: frozenset[str], tickets: Sequence[SaleTicket], taken: frozenset[str | None]
) -> Iterator[Place]:
    for ticket in sorted(tickets, key=lambda ticket: ticket.id):
        if ticket.status is not TicketStatus.CANCELLED:
            for line in sorted(ticket.lines, key=lambda line: line.position):
                if line.service_code in service_codes and not line.filled and line.id not in taken:
                    yield ticket, line


def _claims(claimants: Sequence[FoundOpportunity], free: Sequence[Place]) -> Iterator[SyncDecision]:
    """Match the opportunities of one service to the lines that wait for one.

    An opportunity from before a sale belongs to none of its lines. The demand of other sales decides about the rest.
    """
    older = [one for one in claimants if free and all(_is_older(one, ticket) for ticket, _ in free)]
    for found in older:
        yield _unmatched(found, SyncReason.BEFORE_SALE)
    claimants = [one for one in claimants if one not in older]
    free = [place for place in free if not any(_is_older(one, place[0]) for one in claimants)]
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


def _is_older(found: FoundOpportunity, ticket: SaleTicket) -> bool:
    return found.dated_on is not None and ticket.sold_on is not None and found.dated_on < ticket.sold_on


def _unmatched(found: FoundOpportunity, reason: SyncReason) -> SyncDecision:
    return SyncDecision(found.crm_id, SyncOutcome.UNMATCHED, reason=reason)


def _adopted(found: FoundOpportunity, ticket: SaleTicket, line: SaleLine, reason: SyncReason) -> SyncDecision:
    no_child = why_no_child(found.status, ticket, line.has_template)
    code = child_code(line.service_code, ticket.serial, line.position)
    return SyncDecision(
        crm_id=found.crm_id,
        outcome=SyncOutcome.ADOPT,
        ticket_id=ticket.id,
        line_id=line.id,
        position=line.position,
        code=numbered_code(code, making(found.code)) if reason is SyncReason.ITS_CODE else code,
        service_code=line.service_code,
        carried_code=found.own_code,
        creates_child=no_child is None,
        reason=reason,
        no_child=no_child,
    )
