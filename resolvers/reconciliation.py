"""The reconciliation report: from the field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.problems import Outcome, outcome


async def reconcile_company(
    info: Info[Context, Any],
    company_id: Annotated[strawberry.ID, strawberry.argument(description="The company's id.")],
) -> Outcome:
    return await outcome(info.context.reconciler.report(company_id))
