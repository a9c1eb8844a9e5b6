"""The types of the catalog: services, kits and the workflows that deliver them.

These are plain values. The database keeps its own versioned copy; no ticket ever changes one.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.vocabulary import MilestoneKind

CODE_PATTERN = r"^[A-Z0-9]{1,10}$"

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
# Strict: otherwise YAML's `true` would be read as one day.
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
    """`depends_on` holds titles of earlier milestones. Empty: the milestone follows the previous one."""

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
    """A service that can be sold. `price` is in euro for one unit; `workflow` is the code of its template."""

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
    """A bundle of services that is sold as one. Lines keep their order; a service may appear on two lines."""

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
