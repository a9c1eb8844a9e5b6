"""What we expect in the CRM, compared with what it holds."""

from datetime import datetime

import strawberry

from resolvers.crm_pages import effect_page
from resolvers.reads.rows import loaded
from schema.companies import Company
from schema.problems import Problem, problems
from services.vocabulary import EffectKind, Explanation, Verdict


@strawberry.type(description="One value that differs.")
class ReconciliationDifference:
    name: str = strawberry.field(description="What it is.")
    ours: str | None = strawberry.field(description="Our value.")
    theirs: str | None = strawberry.field(description="The CRM's value.")


@strawberry.type(description="One CRM record that we expect, or that carries a reference of ours.")
class ReconciliationRow:
    kind: EffectKind = strawberry.field(description="What it is.")
    crm_id: strawberry.ID = strawberry.field(description="Its id in the CRM.")
    crm_url: str | None = effect_page()
    reference: str | None = strawberry.field(description="Our reference that it carries, or should.")
    verdict: Verdict = strawberry.field(description="The result of the comparison.")
    differences: list[ReconciliationDifference] = strawberry.field(description="What differs, if anything.")
    explanation: Explanation | None = strawberry.field(description="Why it differs, if the reason is known.")
    unexplained: bool = strawberry.field(description="Whether a person has to look into it.")
    double_of: strawberry.ID | None = strawberry.field(
        description="The CRM id of another record with the same reference."
    )


@strawberry.type(
    description="A company's records in the CRM, compared with what we expect. Nothing was written."
)
class Reconciliation:
    company: Company = loaded("The company.", by="company_id")
    read_at: datetime = strawberry.field(description="When the CRM was read.")
    matched_count: int = strawberry.field(description="How many records are as we expect.")
    missing_count: int = strawberry.field(description="How many are missing.")
    extra_count: int = strawberry.field(
        description="How many carry a reference of ours but are unknown to us."
    )
    different_count: int = strawberry.field(description="How many have other content.")
    unexplained_count: int = strawberry.field(description="How many rows a person has to look into.")
    rows: list[ReconciliationRow] = strawberry.field(description="Every record, by kind and by its CRM id.")


@strawberry.type(
    description="How a company's records compare with the CRM, or the problems that prevented an answer."
)
class ReconcileCompanyPayload:
    result: Reconciliation | None = strawberry.field(
        name="reconciliation", description="The report; nothing was written."
    )
    problems: list[Problem] = problems()
