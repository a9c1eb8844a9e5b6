"""Plans the CRM opportunities of a ticket's lines."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.errors import Refusal
from services.planning.tickets.codes import child_code
from services.planning.tickets.kit_lines import ServiceWithoutTemplate
from services.planning.tickets.workflow import TicketIsCancelled, given_reason
from services.vocabulary import TicketKind, TicketStatus


class TicketNotClosed(Refusal):
    """The ticket is not closed. Opportunities follow the onboarding, unless the operator gives a reason."""

    code = "TICKET_NOT_CLOSED"


class NotAParent(Refusal):
    """The ticket is not a parent; only parents have lines to sell."""

    code = "NOT_A_PARENT"


class TicketWithoutLines(Refusal):
    """The ticket has no lines."""

    code = "TICKET_WITHOUT_LINES"


class UnknownLine(Refusal):
    """The ticket has no such line."""

    code = "UNKNOWN_LINE"


class MandatoryLinesLeftOut(Refusal):
    """A mandatory line can only be left out with a reason."""

    code = "MANDATORY_LINES_LEFT_OUT"


@dataclass(frozen=True, slots=True)
class ParentFacts:
    kind: TicketKind
    status: TicketStatus
    serial: str
    company_name: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A ticket line and the opportunity that it already has."""

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
    """The plan of one line. `reference` is the code that the opportunity carries in the CRM."""

    line_id: str
    outcome: LineOutcome
    reference: str
    title: str
    amount: Decimal
    opportunity_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExpansionPlan:
    """One entry for each chosen line, in the order of the ticket. `left_out` are the ids of the other lines."""

    opportunities: tuple[OpportunityPlan, ...]
    left_out: tuple[str, ...] = ()
    override_reason: str | None = None


def plan_opportunities(
    ticket: ParentFacts,
    lines: Sequence[LineFacts],
    chosen: Collection[str] | None = None,
    override_reason: str | None = None,
) -> ExpansionPlan:
    """Plan one opportunity for each line, or for each chosen one. A line with an opportunity keeps it.

    An `override_reason` lifts two rules: the ticket has to be closed, and mandatory lines are not left out. It is
    stored only if it was needed.
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
        raise NotAParent("A child ticket has no lines; opportunities come from the lines of its parent.")
    if ticket.status is TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")
    if not lines:
        raise TicketWithoutLines("The ticket has no lines.")


def _wanted(lines: Sequence[LineFacts], chosen: Collection[str] | None) -> tuple[LineFacts, ...]:
    if chosen is None:
        return tuple(lines)
    if unknown := sorted(set(chosen) - {line.id for line in lines}):
        raise UnknownLine(f"The ticket has no line {', '.join(unknown)}.", path=("ticketLineIds",))
    return tuple(line for line in lines if line.id in chosen)


def _rules_to_override(
    ticket: ParentFacts, lines: Sequence[LineFacts], wanted: Sequence[LineFacts]
) -> Iterator[Refusal]:
    if ticket.status is not TicketStatus.CLOSED:
        yield TicketNotClosed(
            f"The ticket is {ticket.status}; give a reason to go ahead before it is closed.",
            path=("override",),
        )
    left_out = [
        line for line in lines if line.mandatory and line not in wanted and line.opportunity_id is None
    ]
    if left_out:
        names = ", ".join(f"{line.position} {line.service_code}" for line in left_out)
        yield MandatoryLinesLeftOut(
            f"Mandatory lines would be left out: {names}. Give a reason to go ahead.", path=("override",)
        )


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
        reference=child_code(line.service_code, ticket.serial, line.position),
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
