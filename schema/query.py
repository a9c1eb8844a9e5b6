"""Everything that can be asked."""

from collections.abc import Callable
from typing import Any

import strawberry

from resolvers import crm_health, intake, kpis as figures, previews, reconciliation
from resolvers.changes import changes
from resolvers.problems import answered
from resolvers.reads.connections import connection
from resolvers.reads.fields import ASKS_CRM, LASTING
from resolvers.reads.rows import node, nodes, row
from resolvers.search import SHOWS_HITS, search
from resolvers.viewer import viewer
from resolvers.work import work
from schema.access import Operator, OperatorFilter, OperatorOrder, Token, TokenOrder, Viewer
from schema.actions import Action, ActionFilter, ActionOrder
from schema.changes import Change
from schema.companies import Company, CompanyFilter, CompanyOrder
from schema.connections import Connection
from schema.crm_health import CrmHealth
from schema.date_moves import ReschedulePreview
from schema.events import Event, EventFilter, EventOrder
from schema.intake import IntakeItem, IntakeItemFilter, IntakeItemOrder, PreviewImportActivityPayload
from schema.kits import (
    Kit,
    KitFilter,
    KitOrder,
    Service,
    ServiceFilter,
    ServiceOrder,
    WorkflowTemplate,
    WorkflowTemplateFilter,
    WorkflowTemplateOrder,
)
from schema.kpis import KpiDefinition, KpiPopulationConnection, KpiReport
from schema.milestones import Milestone, MilestoneFilter, MilestoneOrder, Task, TaskFilter, TaskOrder
from schema.nodes import Node
from schema.opportunities import (
    Opportunity,
    OpportunityFilter,
    OpportunityOrder,
    UnmatchedOpportunity,
    UnmatchedOpportunityFilter,
    UnmatchedOpportunityOrder,
)
from schema.previews import ActionPreview
from schema.reconciliation import ReconcileCompanyPayload
from schema.search import SearchResult
from schema.tickets import Ticket, TicketFilter, TicketOrder
from schema.work import WorkCounts


def _asked(resolver: Callable[..., Any], payload: type, description: str) -> Any:
    """A question that may cost calls to the CRM, which only operators may ask."""
    return answered(resolver, payload, description, metadata=ASKS_CRM)


@strawberry.type(description="All queries.")
class Query:
    viewer = strawberry.field(resolver=viewer, graphql_type=Viewer, description="The caller.")
    node = node("Any node, by its id; null if it does not exist.", Node | None)
    nodes = nodes(
        "Any nodes, by their ids, in the same order; null for those that do not exist.", list[Node | None]
    )

    work = strawberry.field(
        resolver=work,
        graphql_type=WorkCounts,
        description="How much waits for the caller and for everybody, as badges show it.",
    )
    search = strawberry.field(
        resolver=search,
        graphql_type=SearchResult,
        description="Whatever these words may mean: a code, a name, a title, an id of the CRM. Best first.",
        metadata=SHOWS_HITS,
    )
    kpis = strawberry.field(
        resolver=figures.kpis,
        graphql_type=KpiReport,
        description="Figures of a period: with the period before, how they went, and what is behind them. All figures "
        "of an operation are read from one state of the database.",
        metadata={**LASTING, **figures.SHOWS_FIGURES},
    )
    kpi_definitions = strawberry.field(
        resolver=figures.definitions,
        graphql_type=list[KpiDefinition],
        description="What every figure means.",
        metadata={**LASTING, **figures.SHOWS_DEFINITIONS},
    )
    kpi_population = strawberry.field(
        resolver=figures.kpi_population,
        graphql_type=KpiPopulationConnection,
        description="The rows behind a number, by any `address` that an answer gave for one: of a figure, a point of a "
        "series, a part, a bucket, an exclusion. It is calculated again: `measure` is what the number is now.",
        metadata={**LASTING, **figures.SHOWS_MEMBERS},
    )
    ticket = row("One ticket, by its id or by its code.", Ticket | None, id="Its id.", code="Its code.")
    tickets = connection(
        "Tickets, parents and children alike.",
        Connection[Ticket],
        filter=TicketFilter,
        order=TicketOrder,
        default=TicketOrder.CREATED_AT_DESC,
    )
    tasks = connection(
        "Tasks of all tickets: the work itself.",
        Connection[Task],
        filter=TaskFilter,
        order=TaskOrder,
        default=TaskOrder.NEXT_FIRST,
    )
    milestones = connection(
        "Milestones of all tickets.",
        Connection[Milestone],
        filter=MilestoneFilter,
        order=MilestoneOrder,
        default=MilestoneOrder.DUE_ON_ASC,
    )
    opportunity = row("One opportunity.", Opportunity | None, id="Its id.")
    opportunities = connection(
        "The CRM opportunities that we mirror.",
        Connection[Opportunity],
        filter=OpportunityFilter,
        order=OpportunityOrder,
        default=OpportunityOrder.CREATED_AT_DESC,
    )
    unmatched_opportunities = connection(
        "CRM opportunities that wait for an operator to map them.",
        Connection[UnmatchedOpportunity],
        filter=UnmatchedOpportunityFilter,
        order=UnmatchedOpportunityOrder,
        default=UnmatchedOpportunityOrder.CREATED_AT_DESC,
    )
    companies = connection(
        "Companies: customers in the CRM, as last seen.",
        Connection[Company],
        filter=CompanyFilter,
        order=CompanyOrder,
        default=CompanyOrder.NAME_ASC,
    )
    reconcile_company = _asked(
        reconciliation.reconcile_company,
        ReconcileCompanyPayload,
        "Compares every record of ours of a company with the CRM; for operators. The CRM "
        "is read with background priority, one company at a time. Nothing is written.",
    )
    operators = connection(
        "Operators.",
        Connection[Operator],
        filter=OperatorFilter,
        order=OperatorOrder,
        default=OperatorOrder.NAME_ASC,
    )
    services = connection(
        "Services.",
        Connection[Service],
        filter=ServiceFilter,
        order=ServiceOrder,
        default=ServiceOrder.CODE_ASC,
    )
    kits = connection(
        "Kits.",
        Connection[Kit],
        filter=KitFilter,
        order=KitOrder,
        default=KitOrder.CODE_ASC,
    )
    workflow_templates = connection(
        "Workflow templates, in every version.",
        Connection[WorkflowTemplate],
        filter=WorkflowTemplateFilter,
        order=WorkflowTemplateOrder,
        default=WorkflowTemplateOrder.CODE_ASC,
    )
    intake_items = connection(
        "Activities that did not become tickets automatically.",
        Connection[IntakeItem],
        filter=IntakeItemFilter,
        order=IntakeItemOrder,
        default=IntakeItemOrder.CREATED_AT_DESC,
    )
    preview_import_activity = _asked(
        intake.preview_import_activity,
        PreviewImportActivityPayload,
        "What an import would do with a CRM activity, and which rule decides it; for "
        "operators. Nothing is written.",
    )
    preview_reschedule_task = answered(
        previews.preview_reschedule_task,
        ReschedulePreview,
        "What would move if a task were due on another day; for operators. Nothing is written.",
    )
    preview_reschedule_milestone = answered(
        previews.preview_reschedule_milestone,
        ReschedulePreview,
        "What would move if a milestone were due on another day; for operators. Nothing is written.",
    )
    preview_generate_opportunities = _asked(
        previews.preview_generate_opportunities,
        ActionPreview,
        "What generateOpportunities would do if it were called now. Nothing is written.",
    )
    preview_sync_opportunities = _asked(
        previews.preview_sync_opportunities,
        ActionPreview,
        "What syncOpportunities would do if it were called now. For all companies only "
        "our copy of the CRM is read.",
    )
    preview_generate_activities = _asked(
        previews.preview_generate_activities,
        ActionPreview,
        "What generateActivities would do if it were called now. Nothing is written.",
    )
    action = row("One action.", Action | None, id="Its id.")
    actions = connection(
        "Actions, running and finished.",
        Connection[Action],
        filter=ActionFilter,
        order=ActionOrder,
        default=ActionOrder.CREATED_AT_DESC,
    )
    crm_health = strawberry.field(
        resolver=crm_health.crm_health,
        graphql_type=CrmHealth,
        description="The current state of the connection to the CRM.",
    )
    changes = changes(
        "What was changed, one entry for each change, newest first.", Connection[Change], filter=EventFilter
    )
    events = connection(
        "Events, one for each committed change of a row.",
        Connection[Event],
        filter=EventFilter,
        order=EventOrder,
        default=EventOrder.NEWEST_FIRST,
    )
    tokens = connection(
        "Callers' credentials; for administrators.",
        Connection[Token],
        order=TokenOrder,
        default=TokenOrder.CREATED_AT_DESC,
    )
