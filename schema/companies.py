"""The customers."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.availability import available
from resolvers.crm_pages import company_page
from resolvers.reads.filters import Choice, criterion, filters
from resolvers.reads.sources import column, computed, rows_of
from schema.availability import Availability
from schema.nodes import Node
from services.availability import company_availability, of_company
from services.companies import read_defects
from services.vocabulary import CompanyDefect


@rows_of(models.Company)
@strawberry.type(description="A customer in the CRM, as we last saw it.")
class Company(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    crm_url: str | None = company_page()
    name: str = column("Its name.")
    vat_number: str | None = column("Its VAT number, if the CRM has one.")
    defects: list[CompanyDefect] = computed(
        read_defects, "What of its record in the CRM could not be stored as it is. To be corrected there."
    )
    refreshed_at: datetime = column("When it was last read from the CRM.")
    sync_availability: Availability = available(
        "Whether its opportunities can be synchronised now (🟠), and if not, why.",
        company_availability,
        of_company,
    )
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@filters(models.Company, "A filter of companies.")
class CompanyFilter:
    name: Choice[str] | None = criterion("By the exact name.")
    vat_number: Choice[str] | None = criterion("By the VAT number.")


@strawberry.enum(description="The orders of companies; ties are broken by id.")
class CompanyOrder(Enum):
    NAME_ASC = strawberry.enum_value("sort_name", description="By name.")
    NAME_DESC = strawberry.enum_value("-sort_name", description="By name, descending.")
