"""What the CRM shows of a company's opportunities: one complete look-up, and few calls more for what it leaves open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models import Company, Opportunity
from services.crm.protocol import Crm
from services.crm.records import OpportunityRecord
from services.opportunity_mirror import found_of
from services.planning.opportunity_facts import Absence, FoundOpportunity


@dataclass(frozen=True, slots=True)
class Heard:
    """A company's opportunities by CRM id, and the ids of those of ours that the CRM no longer has.

    `product_codes` are those of the strangers that could be told by what they sell. `absences` tell what the ids
    answered that were newly found absent; for the others, what is known of them stands.
    """

    records: Mapping[int, OpportunityRecord]
    absent: frozenset[int]
    product_codes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    absences: Mapping[int, Absence] = field(default_factory=dict)

    def found(self) -> list[FoundOpportunity]:
        """All of them as planning sees them."""
        return [found_of(one, self.product_codes.get(one.id, ())) for one in self.records.values()]


async def read_company(crm: Crm, company: Company, *, asked_at: datetime, lag_bound: timedelta) -> Heard:
    """Read all opportunities of a company, as of `asked_at`.

    Our mirror is read first: what is mirrored after that was not asked for, and is not absent. `lag_bound` is for how
    long a new record may be missing from the CRM's search. What is newly absent is asked for by its id, once.
    """
    mirrored = await Opportunity.filter(company_id=company.id).order_by("id")
    records = {one.id: one for one in await crm.get_opportunities(company.crm_id)}
    absences: dict[int, Absence] = {}
    unshown = [one for one in mirrored if one.crm_id not in records]
    for one in unshown:
        may_lag = asked_at < one.refreshed_at + lag_bound
        if not may_lag and one.missing_since is not None:
            continue
        record = await crm.get_opportunity(one.crm_id)
        if may_lag and record is not None and (record.id, record.company_id) == (one.crm_id, company.crm_id):
            records[record.id] = record
        else:
            absences[one.crm_id] = _absence(record, one.crm_id, company)
    known = await _mirrored_anywhere(records)
    strangers = [one for crm_id, one in records.items() if crm_id not in known]
    return Heard(
        records,
        frozenset(one.crm_id for one in unshown) - records.keys(),
        await read_products(crm, [one for one in strangers if not found_of(one).own_code]),
        absences,
    )


def _absence(record: OpportunityRecord | None, crm_id: int, company: Company) -> Absence:
    """What the id answered. A record that nothing but its id still shows is as good as deleted."""
    if record is None:
        return Absence()
    if record.company_id != company.crm_id:
        return Absence(moved=True, crm_company_id=record.company_id)
    return Absence(merged_into=record.id) if record.id != crm_id else Absence()


async def _mirrored_anywhere(crm_ids: Iterable[int]) -> set[int]:
    rows = await Opportunity.filter(crm_id__in=list(crm_ids))
    return {row.crm_id for row in rows}


async def read_products(crm: Crm, records: Sequence[OpportunityRecord]) -> Mapping[int, tuple[str, ...]]:
    """The codes of the products of each opportunity, by its CRM id: in one call for all."""
    products = {record.id: await _product_ids(crm, record) for record in records}
    wanted = {product_id for product_ids in products.values() for product_id in product_ids}
    codes = await crm.get_product_codes(wanted) if wanted else {}
    return {
        crm_id: tuple(codes[one] for one in product_ids if one in codes)
        for crm_id, product_ids in products.items()
    }


async def _product_ids(crm: Crm, record: OpportunityRecord) -> Collection[int]:
    """Where a search left the products out, the record itself says."""
    if record.product_ids is None:
        whole = await crm.get_opportunity(record.id)
        return (whole.product_ids if whole else None) or ()
    return record.product_ids
