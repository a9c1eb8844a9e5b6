"""Plans a synchronisation, and predicts its result from our mirror, for a preview and for a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import Company, Ticket
from services.actions import ActionPlan, PlannedItem
from services.catalog import store as catalog_store
from services.errors import Refusal
from services.opportunities import mirror as opportunity_mirror
from services.planning.actions.plan_token import Facts
from services.planning.opportunities.facts import SyncDecision
from services.planning.opportunities.preview_expectations import (
    CHILDREN,
    MARKS,
    CompanyStanding,
    children_of,
    within,
)
from services.records import get_company, get_ticket
from services.vocabulary import ActionKind, ItemKind, TicketKind

AT_ONCE = 200
"""The companies of one statement: it takes only so many values."""


NOTHING_TO_SYNC = "There is no parent ticket to synchronise opportunities for."


class NothingToSync(Refusal):
    """The scope holds no parent ticket."""

    code = "NOTHING_TO_SYNC"


class AmbiguousScope(Refusal):
    """The scope is one company, one ticket, or neither for all."""

    code = "AMBIGUOUS_SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan(ActionPlan):
    """The companies to read. `decisions` are the predictions from our mirror, by the company's id."""

    companies: Sequence[Company]
    only_ticket: str | None
    decisions: Mapping[str, Sequence[SyncDecision]] = field(default_factory=dict)

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        if item.key in facts:
            return {MARKS: [*facts[item.key]]}
        return {CHILDREN: children_of(self.decisions[item.key])}


async def get_sync_plan(company_id: str | None, ticket_id: str | None, *, predicted: bool) -> SyncPlan:
    """Return the plan from the current rows, or refuse. It is `predicted` for a preview and a run with its token."""
    only_ticket = (await get_ticket(ticket_id)).tree_id if ticket_id else None
    companies = await _companies(company_id, only_ticket)
    services = await service_names()
    standings = await _standings(companies) if predicted else []
    return SyncPlan(
        kind=ActionKind.SYNC_OPPORTUNITIES,
        scope=sync_scope(company_id, only_ticket),
        items=[
            PlannedItem(ItemKind.SYNC_COMPANY, one.id, str(one.crm_id), one.name, lane=one.id)
            for one in companies
        ],
        grounds=[services, [one.grounds() for one in standings]],
        links={
            "ticket_id": only_ticket,
            "company_id": companies[0].id if company_id or only_ticket else None,
        },
        companies=companies,
        only_ticket=only_ticket,
        decisions={one.company_id: within(one.plan_from_mirror(services), only_ticket) for one in standings},
    )


def sync_scope(company_id: str | None, ticket_id: str | None) -> dict[str, Any]:
    return {"companyId": company_id, "ticketId": ticket_id}


async def _companies(company_id: str | None, ticket_id: str | None) -> list[Company]:
    if company_id and ticket_id:
        raise AmbiguousScope("Give a company or a ticket, not both.", path=("ticketId",))
    parents = Ticket.filter(kind=TicketKind.PARENT)
    if ticket_id:
        parents = parents.filter(id=ticket_id)
    elif company_id:
        parents = parents.filter(company_id=(await get_company(company_id)).id)
    ids = await parents.distinct().values_list("company_id", flat=True)
    if not ids:
        raise NothingToSync(NOTHING_TO_SYNC)
    return await Company.filter(id__in=ids).order_by("id")


async def _standings(companies: Sequence[Company]) -> list[CompanyStanding]:
    ids = [company.id for company in companies]
    some = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    return [one for company_ids in some for one in await opportunity_mirror.list_standings(company_ids)]


async def service_names() -> dict[str, str]:
    return {code: one.name for code, one in (await catalog_store.list_services()).items()}
