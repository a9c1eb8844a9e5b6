"""Everything that can be asked."""

from collections.abc import Callable
from typing import Any

import strawberry

from resolvers import intake, outlook, previews, reconciliation
from resolvers.connections import connection
from resolvers.permissions import requires
from resolvers.rows import node, nodes, row
from resolvers.viewer import viewer
from schema.access import Operator, OperatorFilter, OperatorOrder, Token, TokenOrder, Viewer
from schema.actions import Action, ActionFilter, ActionOrder
from schema.companies import Company, CompanyFilter, CompanyOrder
from schema.connections import Connection
from schema.crm_health import CrmHealth
from schema.events import Event, EventFilter, EventOrder
from schema.intake import IntakeItem, IntakeItemFilter, IntakeItemOrder
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
from schema.nodes import Node
from schema.opportunities import (
    Opportunity,
    OpportunityFilter,
    OpportunityOrder,
    UnmatchedOpportunity,
    UnmatchedOpportunityFilter,
    UnmatchedOpportunityOrder,
)
from schema.payloads import ReconcileCompanyPayload, ReplayActivityPayload
from schema.previews import ActionPreview
from schema.tickets import Ticket, TicketFilter, TicketOrder
from services.vocabulary import Role


def _preview(resolver: Callable[..., Any], description: str) -> Any:
    return strawberry.field(
        resolver=resolver,
        graphql_type=ActionPreview,
        description=description,
        extensions=[requires(Role.OPERATOR)],
    )


@strawberry.type(description="Everything that can be asked.")
class Query:
    viewer = strawberry.field(resolver=viewer, graphql_type=Viewer, description="Who is asking.")
    node = node("Anything, by its id; null when there is no such thing.", Node | None)
    nodes = nodes(
        "Any things, by their ids, in the same order; null for what is not there.", list[Node | None]
    )

    ticket = row("One ticket, by its id or by its code.", Ticket | None, id="Its id.", code="Its code.")
    tickets = connection(
        "Tickets, parents and children alike.",
        Connection[Ticket],
        filter=TicketFilter,
        order=TicketOrder,
        default=TicketOrder.CREATED_AT_DESC,
    )
    opportunity = row("One opportunity.", Opportunity | None, id="Its id.")
    opportunities = connection(
        "The CRM's opportunities that we know of.",
        Connection[Opportunity],
        filter=OpportunityFilter,
        order=OpportunityOrder,
        default=OpportunityOrder.CREATED_AT_DESC,
    )
    unmatched_opportunities = connection(
        "Opportunities of the CRM that wait for an operator to say where they belong.",
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
    reconcile_company = strawberry.field(
        resolver=reconciliation.reconcile_company,
        graphql_type=ReconcileCompanyPayload,
        description="Every record of a company that we answer for, against what the CRM holds; for operators. The "
        "CRM is read with background priority, and one company at a time. Nothing is written.",
        extensions=[requires(Role.OPERATOR)],
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
        "Activities that could not become tickets by themselves.",
        Connection[IntakeItem],
        filter=IntakeItemFilter,
        order=IntakeItemOrder,
        default=IntakeItemOrder.CREATED_AT_DESC,
    )
    replay_activity = strawberry.field(
        resolver=intake.replay_activity,
        graphql_type=ReplayActivityPayload,
        description="What the intake would do with an activity of the CRM, and which rule says so; for operators. "
        "Nothing is done.",
        extensions=[requires(Role.OPERATOR)],
    )
    preview_generate_opportunities = _preview(
        previews.preview_generate_opportunities,
        "What generateOpportunities would do if it were called now. Nothing is done.",
    )
    preview_sync_opportunities = _preview(
        previews.preview_sync_opportunities,
        "What syncOpportunities would do if it were called now. Of all companies our copy of the CRM alone tells.",
    )
    preview_generate_activities = _preview(
        previews.preview_generate_activities,
        "What generateActivities would do if it were called now. Nothing is done.",
    )
    action = row("One action.", Action | None, id="Its id.")
    actions = connection(
        "What was, or is being, done in the CRM.",
        Connection[Action],
        filter=ActionFilter,
        order=ActionOrder,
        default=ActionOrder.CREATED_AT_DESC,
    )
    crm_health = strawberry.field(
        resolver=outlook.crm_health,
        graphql_type=CrmHealth,
        description="How the hub and the CRM get along at this moment.",
    )
    events = connection(
        "Events, one for each committed change of a row.",
        Connection[Event],
        filter=EventFilter,
        order=EventOrder,
        default=EventOrder.NEWEST_FIRST,
    )
    tokens = connection(
        "What callers show to be let in; for administrators.",
        Connection[Token],
        order=TokenOrder,
        default=TokenOrder.CREATED_AT_DESC,
    )
