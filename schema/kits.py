"""The catalog: services, kits and workflows."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

import models
from resolvers.reads.filters import Choice, Range, criterion, filters
from resolvers.reads.sources import column, expression, many, one, rows_of, text
from schema.access import Operator
from schema.forms import CATALOG_CODE
from schema.nodes import Node
from schema.sizes import MILESTONES, TASKS
from services.tickets import money_fields
from services.vocabulary import MilestoneKind


@rows_of(models.TaskTemplate)
@strawberry.type(description="A task that every milestone created from its template gets.")
class TaskTemplate(Node):
    title: str = column("The title that operators will see.")
    position: int = column("Its position in the milestone, from one.")
    workflow_role: str = column("The workflow role that does the work.")
    mandatory: bool = column("Whether the milestone needs it done.")
    estimated_hours: Decimal = column("How many hours of work are expected.")
    sla_days: int = column("Its duration in working days.")
    checklist: list[str] = column("The checklist, in order.")


@rows_of(models.MilestoneTemplate)
@strawberry.type(description="A milestone that every ticket created from its template gets.")
class MilestoneTemplate(Node):
    title: str = column("The title that operators will see.")
    position: int = column("Its position in the workflow, from one.")
    kind: MilestoneKind = column("Its kind.")
    sla_days: int = column("Its minimum duration in working days.")
    warning_days: int = column("How many working days before the due date the light turns yellow.")
    escalation_days: int = column("How many working days after the due date the light turns red.")
    depends_on: list[int] = column(
        "The positions of the milestones that it depends on; if empty, it depends on the one before it."
    )
    tasks: list[TaskTemplate] = many("Its tasks, in order.", by="milestone_id", size=TASKS)


@rows_of(models.WorkflowTemplate)
@strawberry.type(description="One version of a workflow. It never changes: an edit creates the next version.")
class WorkflowTemplate(Node):
    code: str = column("The code of the workflow, the same in all versions.")
    version: int = column("The version number, from one.")
    current: bool = column("Whether new tickets are created from this version.")
    name: str = column("Its name.")
    description: str | None = text("Its description; null for none.")
    created_at: datetime = column("When this version was created.")
    milestones: list[MilestoneTemplate] = many("Its milestones, in order.", by="template_id", size=MILESTONES)


@rows_of(models.Service)
@strawberry.type(description="One service that can be sold.")
class Service(Node):
    code: str = column("Its code, as in the codes of tickets and opportunities.")
    name: str = column("Its name.")
    description: str | None = text("Its description; null for none.")
    price: Decimal = column("The price of one unit.")
    currency: str = expression(money_fields.currency, "The currency of the price, by its ISO code.")
    responsible: Operator | None = one("Who owns its new tickets and opportunities.", by="responsible_id")
    workflow: WorkflowTemplate | None = one(
        "Its workflow, in the current version.",
        by="workflow_code",
        to="code",
        where={"current": True},
    )
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@rows_of(models.KitLine)
@strawberry.type(description="One service in a kit. Two lines may have the same service.")
class KitLine(Node):
    position: int = column("Its position in the kit, from one.")
    service: Service = one("The service that it sells.", by="service_id")
    quantity: int = column("How many units.")
    mandatory: bool = column("Whether leaving it out needs a reason.")


@rows_of(models.Kit)
@strawberry.type(description="A bundle of services that is sold together.")
class Kit(Node):
    code: str = column("Its code; also its acronym in the CRM's texts.")
    name: str = column("Its name.")
    description: str | None = text("Its description; null for none.")
    aliases: list[str] = column("Other names for it in the CRM's texts.")
    main_service: Service = one("The service in the parent ticket's code.", by="main_service_id")
    active: bool = column("Whether it is recognised in new activities.")
    lines: list[KitLine] = many("Its services, in order.", by="kit_id", size=10)
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@filters(models.WorkflowTemplate, "A filter of workflow templates.")
class WorkflowTemplateFilter:
    code: Choice[str] | None = criterion("By the workflow's code.", form=CATALOG_CODE)
    version: Range[int] | None = criterion("By the version.")
    current: Choice[bool] | None = criterion("By whether new tickets are created from it.")


@strawberry.enum(description="The orders of workflow templates; ties are broken by id.")
class WorkflowTemplateOrder(Enum):
    CODE_ASC = strawberry.enum_value("code -version", description="By code, the newest version first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")


@filters(models.Service, "A filter of services.")
class ServiceFilter:
    code: Choice[str] | None = criterion("By the code.", form=CATALOG_CODE)
    responsible_id: Choice[strawberry.ID] | None = criterion("By the responsible operator.")


@strawberry.enum(description="The orders of services; ties are broken by id.")
class ServiceOrder(Enum):
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    NAME_ASC = strawberry.enum_value("sort_name", description="By name.")


@filters(models.Kit, "A filter of kits.")
class KitFilter:
    code: Choice[str] | None = criterion("By the code.", form=CATALOG_CODE)
    active: Choice[bool] | None = criterion("By whether it is recognised in new activities.")


@strawberry.enum(description="The orders of kits; ties are broken by id.")
class KitOrder(Enum):
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    NAME_ASC = strawberry.enum_value("sort_name", description="By name.")
