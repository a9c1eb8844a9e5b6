"""Our rows of companies, from the CRM's records."""

from collections.abc import Sequence
from typing import Any

from models import Company
from services.crm.records import CompanyRecord
from services.events import Change, EventType
from services.vocabulary import CompanyDefect

DEFECTS = {
    CompanyDefect.NAME_MISSING: "Its name in the CRM is blank.",
    CompanyDefect.NAME_TOO_LONG: "Its name in the CRM is too long and is kept shortened.",
    CompanyDefect.VAT_NUMBER_TOO_LONG: "Its VAT number in the CRM is too long to be one and is not kept.",
}


async def upsert_company(change: Change, found: CompanyRecord) -> Company:
    """Create or update our row of a company from the CRM's record."""
    company = await Company.get_or_none(crm_id=found.id)
    if company is not None:
        await refresh_company(change, company, found)
        return company
    fresh = Company(crm_id=found.id, refreshed_at=change.at, **company_columns(found))
    return await change.create(fresh, kind=EventType.COMPANY_CREATED)


async def refresh_company(
    change: Change, company: Company, found: CompanyRecord, *, kind: EventType = EventType.COMPANY_REFRESHED
) -> None:
    """Write what differs from the CRM's record. If its id is another one, the company continues under that id."""
    columns = {"crm_id": found.id, **company_columns(found, company)}
    if any(getattr(company, name) != value for name, value in columns.items()):
        await change.update(company, kind=kind, refreshed_at=change.at, **columns)


def company_columns(found: CompanyRecord, company: Company | None = None) -> dict[str, Any]:
    """Return the columns of a record. A name that is blank in the CRM does not replace ours."""
    is_blank = CompanyDefect.NAME_MISSING in found.defects
    return {
        "name": company.name if company and is_blank else found.name,
        "vat_number": found.vat_number or None,
        "defects": list(found.defects) or None,
    }


def read_defects(defects: list[str] | None) -> list[CompanyDefect]:
    return [CompanyDefect(defect) for defect in defects or ()]


def explain_defects(defects: Sequence[CompanyDefect]) -> str | None:
    """Say what of a company's record our row does not hold. None: it holds all of it.

    >>> explain_defects([CompanyDefect.NAME_MISSING]), explain_defects([])
    ('Its name in the CRM is blank.', None)
    """
    return " ".join(DEFECTS[defect] for defect in defects) or None
