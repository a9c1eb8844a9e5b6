"""The customers."""

from datetime import datetime
from enum import Enum

import strawberry

import models
from resolvers.filters import Choice, criterion, filters
from resolvers.sources import column, rows_of
from schema.nodes import Node


@rows_of(models.Company)
@strawberry.type(description="A customer in the CRM, as we last saw it.")
class Company(Node):
    crm_id: strawberry.ID = column("Its id in the CRM.")
    name: str = column("What it is called.")
    vat_number: str | None = column("Its VAT number, where the CRM knows it.")
    refreshed_at: datetime = column("When the CRM was last asked.")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.Company, "Which companies are meant.")
class CompanyFilter:
    name: Choice[str] | None = criterion("By the exact name.")
    vat_number: Choice[str] | None = criterion("By the VAT number.")


@strawberry.enum(description="How companies may be ordered; the id decides in the end.")
class CompanyOrder(Enum):
    NAME_ASC = strawberry.enum_value("name", description="By name.")
    NAME_DESC = strawberry.enum_value("-name", description="By name, from the end.")
