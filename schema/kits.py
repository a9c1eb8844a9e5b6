"""The catalog: what is sold, in which bundles, and how it is carried out."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

import models
from resolvers.filters import Choice, Range, criterion, filters
from resolvers.sources import column, expression, many, one, rows_of
from schema.access import Operator
from schema.nodes import Node
from services.reads import money
from services.vocabulary import MilestoneKind


@rows_of(models.TaskTemplate)
@strawberry.type(description="A task that every milestone made from its template gets.")
class TaskTemplate(Node):
    title: str = column("What the operator will read first.")
    position: int = column("Its place in the milestone, from one.")
    role: str = column("The workflow role that the work asks for.")
    mandatory: bool = column("Whether the milestone will need it done.")
    estimated_hours: Decimal = column("How many hours of work are expected.")
    sla_days: int = column("How many working days it is given.")
    checklist: list[str] = column("What to see to, in order.")


@rows_of(models.MilestoneTemplate)
@strawberry.type(description="A milestone that every ticket made from its template gets.")
class MilestoneTemplate(Node):
    title: str = column("What the operator will read first.")
    position: int = column("Its place in the workflow, from one.")
    kind: MilestoneKind = column("How much it matters.")
    sla_days: int = column("How many working days it is given at least.")
    warning_days: int = column("How many working days before the due date the light turns yellow.")
    escalation_days: int = column("How many working days after the due date the light turns red.")
    depends_on: list[int] = column(
        "The positions of the milestones that it waits for; where empty, it waits for the one before it."
    )
    tasks: list[TaskTemplate] = many("Its tasks, in order.", by="milestone_id")


@rows_of(models.WorkflowTemplate)
@strawberry.type(description="One version of a workflow. It never changes: an edit makes the next version.")
class WorkflowTemplate(Node):
    code: str = column("Names the workflow in all its versions.")
    version: int = column("Counts the versions, from one.")
    current: bool = column("Whether new tickets are made from this version.")
    name: str = column("What it is called.")
    description: str = column("What it is for.")
    created_at: datetime = column("When this version was made.")
    milestones: list[MilestoneTemplate] = many("Its milestones, in order.", by="template_id")


@rows_of(models.Service)
@strawberry.type(description="One sellable line.")
class Service(Node):
    code: str = column("Names it in codes of tickets and opportunities.")
    name: str = column("What it is called.")
    description: str = column("What it is for.")
    price: Decimal = column("The price of one unit.")
    currency: str = expression(money.currency, "The currency of the price, by its ISO code.")
    responsible: Operator | None = one("Who owns what is made of it.", by="responsible_id")
    workflow: WorkflowTemplate | None = one(
        "How it is carried out, in the current version.",
        by="workflow_code",
        to="code",
        where={"current": True},
    )
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@rows_of(models.KitLine)
@strawberry.type(description="One service in a kit. The same service may stand on two lines.")
class KitLine(Node):
    position: int = column("Its place in the kit, from one.")
    service: Service = one("What it sells.", by="service_id")
    quantity: int = column("How many units.")
    mandatory: bool = column("Whether it cannot be left out without saying so.")


@rows_of(models.Kit)
@strawberry.type(description="A bundle of services as it is sold.")
class Kit(Node):
    code: str = column("Names it; also its acronym in the CRM's texts.")
    name: str = column("What it is called.")
    description: str = column("What it is for.")
    aliases: list[str] = column("By which other names the CRM's texts may call it.")
    main_service: Service = one("The service that the parent ticket's code carries.", by="main_service_id")
    active: bool = column("Whether it is recognised in new activities.")
    lines: list[KitLine] = many("Its services, in order.", by="kit_id")
    version: int = column("Grows by one with each change; hand it back to refuse a stale edit.")


@filters(models.WorkflowTemplate, "Which workflow templates are meant.")
class WorkflowTemplateFilter:
    code: Choice[str] | None = criterion("By the workflow's code.")
    version: Range[int] | None = criterion("By the version.")
    current: Choice[bool] | None = criterion("By whether new tickets are made from it.")


@strawberry.enum(description="How workflow templates may be ordered; the id decides in the end.")
class WorkflowTemplateOrder(Enum):
    CODE_ASC = strawberry.enum_value("code -version", description="By code, the newest version first.")
    CREATED_AT_DESC = strawberry.enum_value("-created_at", description="Newest first.")


@filters(models.Service, "Which services are meant.")
class ServiceFilter:
    code: Choice[str] | None = criterion("By the code.")
    responsible_id: Choice[strawberry.ID] | None = criterion("By who is responsible.")


@strawberry.enum(description="How services may be ordered; the id decides in the end.")
class ServiceOrder(Enum):
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    NAME_ASC = strawberry.enum_value("name", description="By name.")


@filters(models.Kit, "Which kits are meant.")
class KitFilter:
    code: Choice[str] | None = criterion("By the code.")
    active: Choice[bool] | None = criterion("By whether it is recognised in new activities.")


@strawberry.enum(description="How kits may be ordered; the id decides in the end.")
class KitOrder(Enum):
    CODE_ASC = strawberry.enum_value("code", description="By code.")
    NAME_ASC = strawberry.enum_value("name", description="By name.")
