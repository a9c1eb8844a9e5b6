"""What we read from a CRM and what we ask it to write, in our own words.

Instants are aware and in UTC. An empty text is a text the CRM left out; None is a value it left out.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.crm.references import find_origin, find_reference
from services.vocabulary import OpportunityStatus


@dataclass(frozen=True, kw_only=True)
class OpportunityRecord:
    """An opportunity as the CRM shows it; `company_id` is None when it belongs to a contact or a lead.

    `product_ids` is None where the answer left its products out.
    """

    id: int
    code: str = ""
    title: str = ""
    description: str = ""
    company_id: int | None = None
    amount: Decimal | None = None
    phase_id: int | None = None
    phase: str = ""
    status: OpportunityStatus = OpportunityStatus.UNKNOWN
    owner_id: int | None = None
    product_ids: tuple[int, ...] | None = None
    modified_at: datetime | None = None

    def carries(self, reference: str) -> bool:
        """Whether this is the record that we made under the reference, even if one of its texts was edited."""
        return self.code == reference or find_reference(self.title) == reference

    @property
    def sale_id(self) -> int | None:
        """The activity of the sale that it goes back to, where its description still says so."""
        return find_origin(self.description)


@dataclass(frozen=True, kw_only=True)
class ActivityRecord:
    """An activity as the CRM shows it; `state` is the CRM's own number, `completed` what it means to us."""

    id: int
    subject: str = ""
    description: str = ""
    sub_type_id: int | None = None
    company_id: int | None = None
    opportunity_id: int | None = None
    owner_id: int | None = None
    companion_id: int | None = None
    state: int | None = None
    completed: bool = False
    starts_at: datetime | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None

    @property
    def reference(self) -> str | None:
        """Our reference, when one of the texts still carries it."""
        return find_reference(self.subject) or find_reference(self.description)


@dataclass(frozen=True, kw_only=True)
class CompanyRecord:
    id: int
    name: str = ""
    vat_number: str = ""


@dataclass(frozen=True, kw_only=True)
class UserRecord:
    id: int
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class OpportunityDraft:
    """An opportunity to be made, from the sale of that activity; without an owner it goes to the configured one."""

    company_id: int
    sale_id: int
    reference: str
    title: str
    amount: Decimal
    description: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SaleDraft:
    """A sale to be noted; without an owner it goes to the configured one."""

    company_id: int
    reference: str
    subject: str
    sold_on: date
    description: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActivityDetails:
    """What a new activity says besides its opportunity and its name; without an owner it goes to the configured one."""

    company_id: int
    reference: str
    due_on: date
    description: str = ""
    owner_id: int | None = None
    completed: bool = False


@dataclass(frozen=True, kw_only=True)
class ActivityChanges:
    """New values for an activity of ours; None leaves a field as it is, and the reference never gets lost."""

    reference: str
    milestone_name: str | None = None
    description: str | None = None
    due_on: date | None = None
    owner_id: int | None = None
    completed: bool | None = None
    opportunity_id: int | None = None
