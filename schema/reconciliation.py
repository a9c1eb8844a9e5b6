"""What we believe to be in the CRM against what it holds."""

from datetime import datetime

import strawberry

from resolvers.rows import loaded
from schema.companies import Company
from services.vocabulary import EffectKind, Explanation, Verdict


@strawberry.type(description="One thing that a record shows, as we have it and as the CRM has it.")
class ReconciliationDifference:
    name: str = strawberry.field(description="What it is.")
    ours: str | None = strawberry.field(description="As we have it.")
    theirs: str | None = strawberry.field(description="As the CRM has it.")


@strawberry.type(description="One record of the CRM that we believe in, or that carries a reference of ours.")
class ReconciliationRow:
    kind: EffectKind = strawberry.field(description="What it is.")
    crm_id: strawberry.ID = strawberry.field(description="Its id in the CRM.")
    reference: str | None = strawberry.field(description="Our reference that it carries, or should.")
    verdict: Verdict = strawberry.field(description="How it stands.")
    differences: list[ReconciliationDifference] = strawberry.field(
        description="What differs, where something does."
    )
    explanation: Explanation | None = strawberry.field(
        description="Why it does not match although nothing went wrong unnoticed."
    )
    unexplained: bool = strawberry.field(description="Whether a person has to find out how this came about.")
    double_of: strawberry.ID | None = strawberry.field(
        description="The CRM's id of another record with the same reference."
    )


@strawberry.type(description="A company's records in the CRM against what we believe. Nothing was written.")
class Reconciliation:
    company: Company = loaded("Whose they are.", by="company_id")
    read_at: datetime = strawberry.field(description="When the CRM was read.")
    matched_count: int = strawberry.field(description="How many records are as we believe.")
    missing_count: int = strawberry.field(description="How many are not there.")
    extra_count: int = strawberry.field(
        description="How many carry a reference of ours and are unknown to us."
    )
    different_count: int = strawberry.field(description="How many show something else.")
    unexplained_count: int = strawberry.field(description="How many rows a person has to look into.")
    rows: list[ReconciliationRow] = strawberry.field(description="Every record, by kind and by its CRM id.")
