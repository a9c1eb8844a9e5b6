"""What we read from a CRM and what we ask it to write, in our own terms.

Instants are aware and in UTC. A text that the CRM left out is empty; any other value that it left out is None.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.crm.references import find_origin, find_reference
from services.planning.tickets.codes import own_code
from services.vocabulary import CompanyDefect, OpportunityStatus


@dataclass(frozen=True, kw_only=True)
class OpportunityRecord:
    """An opportunity as the CRM shows it; `company_id` is None when it belongs to a contact or a lead.

    `product_ids` is None if the answer left out the products.
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
    created_at: datetime | None = None
    closed_at: datetime | None = None
    modified_at: datetime | None = None

    def carries(self, reference: str) -> bool:
        """Whether this is the record that we created under the reference, even if one of its texts was edited."""
        return self.code == reference or find_reference(self.title) == reference

    @property
    def our_code(self) -> str:
        """The opportunity's code, or the reference in its title if that code is not ours."""
        reference = find_reference(self.title)
        return self.code if reference is None or own_code(self.code) else reference

    @property
    def sale_id(self) -> int | None:
        """The activity of the original sale, if the description still names it."""
        return find_origin(self.description)


@dataclass(frozen=True, kw_only=True)
class ActivityRecord:
    """An activity as the CRM shows it. `state` is the CRM's own number, `completed` is its meaning for us."""

    id: int
    subject: str = ""
    description: str = ""
    sub_type_id: int | None = None
    company_id: int | None = None
    opportunity_id: int | None = None
    owner_id: int | None = None
    state: int | None = None
    completed: bool = False
    starts_at: datetime | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None

    @property
    def reference(self) -> str | None:
        """Our reference, if one of the texts still carries it."""
        return find_reference(self.subject) or find_reference(self.description)

    def carries(self, reference: str) -> bool:
        """Whether this is the record that we created under the reference, even if one of its texts was edited."""
        return reference in (find_reference(self.subject), find_reference(self.description))


@dataclass(frozen=True, kw_only=True)
class UnreadRecord:
    """A record in a list that cannot be read. `id` is None if the record has no readable id."""

    id: int | None
    explanation: str


@dataclass(frozen=True, kw_only=True)
class CompanyRecord:
    """A company as the CRM shows it. `defects` says which of its fields differ from the CRM's, and why."""

    id: int
    name: str = ""
    vat_number: str = ""
    defects: tuple[CompanyDefect, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UserRecord:
    id: int
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class OpportunityDraft:
    """An opportunity to create, for the sale of that activity. Without an owner it goes to the configured one."""

    company_id: int
    sale_id: int
    reference: str
    title: str
    amount: Decimal
    description: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SaleDraft:
    """A sale to record. Without an owner it goes to the configured one."""

    company_id: int
    reference: str
    subject: str
    sold_on: date
    description: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActivityDetails:
    """The fields of a new activity except opportunity and name. Without an owner it goes to the configured one."""

    company_id: int
    reference: str
    due_on: date
    description: str = ""
    owner_id: int | None = None
    completed: bool = False


@dataclass(frozen=True, kw_only=True)
class ActivityChanges:
    """New values for an activity of ours. None leaves a field as it is, and the reference is always kept.

    The description is not among them, because people add to it in the CRM.
    """

    reference: str
    milestone_name: str | None = None
    due_on: date | None = None
    owner_id: int | None = None
    completed: bool | None = None
    opportunity_id: int | None = None
