"""What a synchronisation would read, and what our mirror foretells of it: for its preview and for its run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models import Company, Ticket
from services import catalog_store, opportunity_mirror, tickets
from services.actions import ActionPlan, PlannedItem
from services.errors import Refusal
from services.planning.opportunity_facts import SyncDecision
from services.planning.plan_token import Facts
from services.planning.sync_shown import CHILDREN, MARKS, CompanyStanding, children_of, within
from services.vocabulary import ActionKind, TicketKind

SYNC = "SYNC_COMPANY"
AT_ONCE = 200
"""Companies that are read together: a statement takes only so many values."""


class UnknownCompany(Refusal):
    """There is no such company."""

    code = "UNKNOWN_COMPANY"


class NothingToSync(Refusal):
    """No parent ticket lies within the scope."""

    code = "NOTHING_TO_SYNC"


class AmbiguousScope(Refusal):
    """A scope is one company, one ticket, or neither for all."""

    code = "AMBIGUOUS_SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan(ActionPlan):
    """The companies to be read. What our mirror foretells of each are its `decisions`, by the company's id."""

    companies: Sequence[Company]
    only_ticket: str | None
    decisions: Mapping[str, Sequence[SyncDecision]] = field(default_factory=dict)

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        if item.key in facts:
            return {MARKS: [*facts[item.key]]}
        return {CHILDREN: children_of(self.decisions[item.key])}


async def get_sync_plan(company_id: str | None, ticket_id: str | None, *, foretold: bool) -> SyncPlan:
    """The plan as things stand here, or why there is none. It is `foretold` where somebody is, or was, shown it."""
    only_ticket = (await tickets.get_ticket(ticket_id)).tree_id if ticket_id else None
    companies = await _companies(company_id, only_ticket)
    services = await service_names()
    standings = await _standings(companies) if foretold else []
    return SyncPlan(
        kind=ActionKind.SYNC_OPPORTUNITIES,
        scope={"companyId": company_id, "ticketId": only_ticket},
        items=[PlannedItem(SYNC, one.id, str(one.crm_id), one.name, lane=one.id) for one in companies],
        grounds=[services, [one.grounds() for one in standings]],
        links={
            "ticket_id": only_ticket,
            "company_id": companies[0].id if company_id or only_ticket else None,
        },
        companies=companies,
        only_ticket=only_ticket,
        decisions={one.company_id: within(one.plan_from_mirror(services), only_ticket) for one in standings},
    )


async def _companies(company_id: str | None, ticket_id: str | None) -> list[Company]:
    if company_id and ticket_id:
        raise AmbiguousScope("Give a company or a ticket, not both.", path=("ticketId",))
    parents = Ticket.filter(kind=TicketKind.PARENT)
    if ticket_id:
        parents = parents.filter(id=ticket_id)
    elif company_id:
        if not await Company.filter(id=company_id).exists():
            raise UnknownCompany(f"There is no company {company_id!r}.", path=("companyId",))
        parents = parents.filter(company_id=company_id)
    ids = await parents.distinct().values_list("company_id", flat=True)
    if not ids:
        raise NothingToSync("There is no parent ticket here to bring opportunities back to.")
    return await Company.filter(id__in=ids).order_by("id")


async def _standings(companies: Sequence[Company]) -> list[CompanyStanding]:
    ids = [company.id for company in companies]
    some = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    return [one for company_ids in some for one in await opportunity_mirror.list_standings(company_ids)]


async def service_names() -> dict[str, str]:
    return {code: one.name for code, one in (await catalog_store.list_services()).items()}
