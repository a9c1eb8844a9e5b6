"""The reconciliation report: from the field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from services.reconciliation.reports import CompanyReport


async def reconcile_company(
    info: Info[Context, Any],
    company_id: Annotated[strawberry.ID, strawberry.argument(description="The company's id.")],
) -> CompanyReport:
    return await info.context.reconciler.report(company_id)
