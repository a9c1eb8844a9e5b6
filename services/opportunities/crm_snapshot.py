"""Reads a company's opportunities from the CRM: one complete look-up, and a few calls for what it leaves open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models import Company, Opportunity
from services.crm.protocol import Crm
from services.crm.records import CompanyRecord, OpportunityRecord
from services.opportunities.mirror import found_of
from services.planning.opportunities.facts import Absence, FoundOpportunity


@dataclass(frozen=True, slots=True)
class CompanySnapshot:
    """A company's opportunities by CRM id, and the ids of our opportunities that the CRM no longer has.

    `product_codes` belong to unknown opportunities that their products may identify. `absences` hold what the ids of
    newly absent opportunities answered; for the others, our rows hold it. `company` is what the company's own id
    answered: itself, the one that it was merged into, or None if the CRM no longer has it.
    """

    records: Mapping[int, OpportunityRecord]
    absent: frozenset[int]
    company: CompanyRecord | None
    product_codes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    absences: Mapping[int, Absence] = field(default_factory=dict)

    def found(self) -> list[FoundOpportunity]:
        """Return all opportunities as planning sees them."""
        return [found_of(one, self.product_codes.get(one.id, ())) for one in self.records.values()]


async def read_company(
    crm: Crm, company: Company, *, asked_at: datetime, lag_bound: timedelta
) -> CompanySnapshot:
    """Read all opportunities of a company, as of `asked_at`.

    Our mirror is read first: a row that appears later was not looked for, and is not absent. `lag_bound` is how long a
    new record may be missing from the CRM's search. A newly absent opportunity is read by its id, once.
    """
    mirrored = await Opportunity.filter(company_id=company.id).order_by("id")
    answered = await crm.get_company(company.crm_id, or_its_successor=True)
    crm_id = answered.id if answered else company.crm_id
    records = {one.id: one for one in await crm.get_opportunities(crm_id)}
    absences: dict[int, Absence] = {}
    unshown = [one for one in mirrored if one.crm_id not in records]
    for one in unshown:
        may_lag = asked_at < one.refreshed_at + lag_bound
        if not may_lag and one.missing_since is not None:
            continue
        record = await crm.get_opportunity(one.crm_id)
        if may_lag and record is not None and (record.id, record.company_id) == (one.crm_id, crm_id):
            records[record.id] = record
        else:
            absences[one.crm_id] = _absence(record, one.crm_id, crm_id)
    known = await _mirrored_anywhere(records)
    strangers = [one for one in records.values() if one.id not in known]
    return CompanySnapshot(
        records,
        frozenset(one.crm_id for one in unshown) - records.keys(),
        answered,
        await read_products(crm, [one for one in strangers if not found_of(one).own_code]),
        absences,
    )


def _absence(record: OpportunityRecord | None, crm_id: int, company_crm_id: int) -> Absence:
    """Return what the id answered. A record that only its id still shows counts as deleted."""
    if record is None:
        return Absence()
    if record.company_id != company_crm_id:
        return Absence(moved=True, crm_company_id=record.company_id)
    return Absence(merged_into=record.id) if record.id != crm_id else Absence()


async def _mirrored_anywhere(crm_ids: Iterable[int]) -> set[int]:
    rows = await Opportunity.filter(crm_id__in=list(crm_ids))
    return {row.crm_id for row in rows}


async def read_products(crm: Crm, records: Sequence[OpportunityRecord]) -> Mapping[int, tuple[str, ...]]:
    """Return the product codes of each opportunity by its CRM id, in one call for all."""
    products = {record.id: await _product_ids(crm, record) for record in records}
    wanted = {product_id for product_ids in products.values() for product_id in product_ids}
    codes = await crm.get_product_codes(wanted) if wanted else {}
    return {
        crm_id: tuple(codes[one] for one in product_ids if one in codes)
        for crm_id, product_ids in products.items()
    }


async def _product_ids(crm: Crm, record: OpportunityRecord) -> Collection[int]:
    """Return the product ids. If the search omits them, the record itself is read."""
    if record.product_ids is None:
        whole = await crm.get_opportunity(record.id)
        return (whole.product_ids if whole else None) or ()
    return record.product_ids
