"""From a kit to the lines of its ticket, and from the lines to their opportunities in the CRM."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.catalog.types import Kit, Service
from services.errors import Refusal
from services.planning.codes import child_code
from services.planning.workflow import TicketIsCancelled, given_reason
from services.vocabulary import TicketKind, TicketStatus


class KitWithoutServices(Refusal):
    """A kit without lines sells nothing."""

    code = "KIT_WITHOUT_SERVICES"


class UnknownService(Refusal):
    """A kit names a service that the catalog does not have."""

    code = "UNKNOWN_SERVICE"


class TicketNotClosed(Refusal):
    """Opportunities follow the onboarding, unless the operator says why not."""

    code = "TICKET_NOT_CLOSED"


class NotAParent(Refusal):
    """Only parent tickets have lines to sell."""

    code = "NOT_A_PARENT"


class TicketWithoutLines(Refusal):
    """There is nothing to make opportunities of."""

    code = "TICKET_WITHOUT_LINES"


class UnknownLine(Refusal):
    """A chosen line is not one of the ticket."""

    code = "UNKNOWN_LINE"


class MandatoryLinesLeftOut(Refusal):
    """What the kit promises can only be left out with a reason."""

    code = "MANDATORY_LINES_LEFT_OUT"


class ServiceWithoutTemplate(Refusal):
    """Without a workflow no child ticket could ever follow."""

    code = "SERVICE_WITHOUT_TEMPLATE"


@dataclass(frozen=True, slots=True)
class TicketLinePlan:
    """A kit line as the ticket keeps it, whatever becomes of the kit."""

    position: int
    service_code: str
    name: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    mandatory: bool


def expand_kit(kit: Kit, services: Mapping[str, Service]) -> tuple[TicketLinePlan, ...]:
    """Copy a kit's lines for a ticket, with the names and prices of today; `services` are by code."""
    if not kit.lines:
        raise KitWithoutServices(f"The kit {kit.code} has no services.")
    if unknown := sorted({line.service for line in kit.lines} - services.keys()):
        raise UnknownService(
            f"The catalog has no service {', '.join(unknown)}, which the kit {kit.code} names."
        )
    return tuple(
        TicketLinePlan(
            position=position,
            service_code=line.service,
            name=services[line.service].name,
            quantity=line.quantity,
            unit_price=services[line.service].price,
            amount=services[line.service].price * line.quantity,
            mandatory=line.mandatory,
        )
        for position, line in enumerate(kit.lines, start=1)
    )


@dataclass(frozen=True, slots=True)
class ParentFacts:
    kind: TicketKind
    status: TicketStatus
    digits: str
    company_name: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A ticket line, with the opportunity that it already has."""

    id: str
    position: int
    service_code: str
    name: str
    amount: Decimal
    mandatory: bool
    has_template: bool
    opportunity_id: str | None = None


class LineOutcome(StrEnum):
    CREATE = "CREATE"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True)
class OpportunityPlan:
    """What becomes of one line. `reference` is the code that the opportunity carries in the CRM."""

    line_id: str
    outcome: LineOutcome
    reference: str
    title: str
    amount: Decimal
    opportunity_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExpansionPlan:
    """One entry per chosen line, in the order of the ticket. `left_out` are the ids of the other lines."""

    opportunities: tuple[OpportunityPlan, ...]
    left_out: tuple[str, ...] = ()
    override_reason: str | None = None


def plan_opportunities(
    ticket: ParentFacts,
    lines: Sequence[LineFacts],
    chosen: Collection[str] | None = None,
    override_reason: str | None = None,
) -> ExpansionPlan:
    """One opportunity for each line, or for each chosen one; a line that has its opportunity keeps it.

    A given `override_reason` lifts two rules: that the ticket has to be closed, and that mandatory lines are not
    left out. It is kept only where it was needed.
    """
    _refuse_unsuitable(ticket, lines)
    ordered = sorted(lines, key=lambda line: line.position)
    wanted = _wanted(ordered, chosen)
    overridden = [*_rules_to_override(ticket, ordered, wanted)]
    if overridden and override_reason is None:
        raise overridden[0]
    reason = given_reason(override_reason) if overridden else None
    _refuse_without_template(wanted)
    return ExpansionPlan(
        opportunities=tuple(_plan_opportunity(ticket, line) for line in wanted),
        left_out=tuple(line.id for line in ordered if line not in wanted),
        override_reason=reason,
    )


def _refuse_unsuitable(ticket: ParentFacts, lines: Sequence[LineFacts]) -> None:
    if ticket.kind is not TicketKind.PARENT:
        raise NotAParent("Opportunities are made of a parent ticket's lines; this is a child ticket.")
    if ticket.status is TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")
    if not lines:
        raise TicketWithoutLines("The ticket has no lines.")


def _wanted(lines: Sequence[LineFacts], chosen: Collection[str] | None) -> tuple[LineFacts, ...]:
    if chosen is None:
        return tuple(lines)
    if unknown := sorted(set(chosen) - {line.id for line in lines}):
        raise UnknownLine(f"The ticket has no line {', '.join(unknown)}.")
    return tuple(line for line in lines if line.id in chosen)


def _rules_to_override(
    ticket: ParentFacts, lines: Sequence[LineFacts], wanted: Sequence[LineFacts]
) -> Iterator[Refusal]:
    if ticket.status is not TicketStatus.CLOSED:
        yield TicketNotClosed(
            f"The ticket is {ticket.status}; give a reason to go ahead before it is closed."
        )
    left_out = [
        line for line in lines if line.mandatory and line not in wanted and line.opportunity_id is None
    ]
    if left_out:
        names = ", ".join(f"{line.position} {line.service_code}" for line in left_out)
        yield MandatoryLinesLeftOut(f"Mandatory lines would be left out: {names}. Give a reason to go ahead.")


def _refuse_without_template(lines: Sequence[LineFacts]) -> None:
    missing = sorted(
        {line.service_code for line in lines if line.opportunity_id is None and not line.has_template}
    )
    if missing:
        raise ServiceWithoutTemplate(f"No workflow template for {', '.join(missing)}.")


def _plan_opportunity(ticket: ParentFacts, line: LineFacts) -> OpportunityPlan:
    return OpportunityPlan(
        line_id=line.id,
        outcome=LineOutcome.CREATE if line.opportunity_id is None else LineOutcome.UNCHANGED,
        reference=child_code(line.service_code, ticket.digits, line.position),
        title=opportunity_title(line.service_code, line.name, ticket.company_name),
        amount=line.amount,
        opportunity_id=line.opportunity_id,
    )


def opportunity_title(service_code: str, service_name: str, company_name: str) -> str:
    """
    >>> opportunity_title("F40", "Formazione 4.0", "Rossi Srl")
    '[F40] Formazione 4.0 · Rossi Srl'
    """
    return f"[{service_code}] {service_name} · {company_name}"
