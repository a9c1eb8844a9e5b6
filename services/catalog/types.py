"""What the shipped catalog is made of: services, kits and the workflows that carry them out.

These are plain values. The database keeps its own versioned copy; nothing here is ever changed by a ticket.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.vocabulary import MilestoneKind

CODE_PATTERN = r"^[A-Z0-9]{1,10}$"

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
# Strict: YAML's `true` would otherwise be read as one day.
WorkingDays = Annotated[int, Field(strict=True, ge=1, le=365)]
GraceDays = Annotated[int, Field(strict=True, ge=0, le=365)]

# The workflow that every parent ticket starts with.
ONBOARDING = "ONBOARDING"


class CatalogValue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskTemplate(CatalogValue):
    title: Title
    role: Title
    mandatory: bool = True
    estimated_hours: Annotated[Decimal, Field(gt=0, le=999)]
    sla_days: WorkingDays
    checklist: tuple[Title, ...] = ()


class MilestoneTemplate(CatalogValue):
    """`depends_on` names the titles of earlier milestones; where empty, the milestone follows the one before it."""

    title: Title
    kind: MilestoneKind = MilestoneKind.STANDARD
    sla_days: WorkingDays
    warning_days: GraceDays
    escalation_days: GraceDays
    depends_on: tuple[Title, ...] = ()
    tasks: tuple[TaskTemplate, ...]


class WorkflowTemplate(CatalogValue):
    code: Code
    name: Title
    description: str = ""
    milestones: Annotated[tuple[MilestoneTemplate, ...], Field(min_length=1)]


class Service(CatalogValue):
    """A sellable line. `price` is in euro for one unit; `workflow` is the code of its template."""

    code: Code
    name: Title
    description: str = ""
    price: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    workflow: Code | None = None


class KitLine(CatalogValue):
    service: Code
    quantity: Annotated[int, Field(strict=True, ge=1, le=999)] = 1
    mandatory: bool = True


class Kit(CatalogValue):
    """A bundle of services as it is sold. Lines keep their order; the same service may stand on two lines."""

    code: Code
    name: Title
    description: str = ""
    aliases: tuple[Title, ...] = ()
    main_service: Code
    active: bool = True
    lines: tuple[KitLine, ...] = ()


class Catalog(CatalogValue):
    services: tuple[Service, ...]
    kits: tuple[Kit, ...]
    workflows: tuple[WorkflowTemplate, ...]
    onboarding: Code = ONBOARDING
