"""TicketFactory: writes the tickets of a plan."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models import Company, Milestone, Opportunity, Task, Ticket, TicketLine
from models.identity import new_id
from models.milestones import new_entry_id
from services.catalog import store as catalog_store
from services.events import Change, EventType
from services.planning.calendar import WorkCalendar
from services.planning.tickets.checklists import new_checklist
from services.planning.tickets.codes import parent_code
from services.planning.tickets.kit_lines import ServiceWithoutTemplate
from services.planning.tickets.ticket_factory import (
    MilestonePlan,
    ParentTicketFacts,
    TaskPlan,
    TicketPlan,
    plan_child,
)
from services.vocabulary import MilestoneStatus, Priority, TaskStatus, TicketStatus

# The longest kit name and the longest company name together exceed the length of a title.
TITLE_LENGTH = 500


async def write_parent(
    change: Change,
    plan: TicketPlan,
    *,
    company: Company,
    kit_id: str,
    template_id: str,
    serials: Iterator[str],
    notes: str = "",
) -> Ticket:
    """Write a planned parent with its lines, milestones and tasks, and open the event stream of its tree.

    It takes the first of the `serials` that no other parent has.
    """
    ticket = _ticket(plan, change, company_id=company.id, template_id=template_id)
    ticket.notes = notes
    ticket.tree_id = ticket.id
    ticket.kit_id = kit_id
    change.open_streams([ticket.id])
    for candidate in serials:
        ticket.serial = candidate
        ticket.code = parent_code(plan.service_code, candidate)
        if await change.create_unless_taken(ticket, kind=EventType.TICKET_CREATED):
            break
    services = await catalog_store.service_ids()
    await change.create_all(
        [_line(ticket, line, services) for line in plan.lines], kind=EventType.LINE_CREATED
    )
    await _write_milestones(change, ticket, plan.milestones)
    return ticket


async def create_from_opportunity(
    change: Change, opportunity: Opportunity, *, service_id: str, position: int, calendar: WorkCalendar
) -> Ticket:
    """Write the child ticket of an opportunity, with the whole workflow of its service.

    The change owns the tree, so an opportunity never gets two.
    """
    parent = await Ticket.get(id=opportunity.ticket_id)
    company = await Company.get(id=opportunity.company_id)
    codes = {row_id: code for code, row_id in (await catalog_store.service_ids()).items()}
    service = (await catalog_store.list_services())[codes[service_id]]
    template = await catalog_store.find_template(service.workflow)
    if template is None:
        raise ServiceWithoutTemplate(f"No workflow template for {service.code}.")
    plan = plan_child(
        ParentTicketFacts(parent.serial or "", parent.owner_id, company.name, Priority(parent.priority)),
        service,
        template[1],
        position=position,
        staff=await catalog_store.get_staff(),
        starts_on=calendar.today(change.at),
        calendar=calendar,
    )
    child = _ticket(plan, change, company_id=company.id, template_id=template[0])
    child.tree_id = parent.tree_id
    child.parent_id = parent.id
    child.service_id = service_id
    await change.create(child, kind=EventType.TICKET_CREATED)
    await _write_milestones(change, child, plan.milestones)
    await change.update(opportunity, kind=EventType.OPPORTUNITY_CHILD_CREATED, child_ticket_id=child.id)
    return child


def _ticket(plan: TicketPlan, change: Change, **links: str) -> Ticket:
    return Ticket(
        id=new_id(Ticket.prefix),
        kind=plan.kind,
        code=plan.code or "",
        title=plan.title[:TITLE_LENGTH],
        priority=plan.priority,
        status=TicketStatus.OPEN,
        owner_id=plan.owner_id,
        position=plan.position,
        starts_on=plan.starts_on,
        due_on=plan.due_on,
        original_due_on=plan.due_on,
        created_at=change.at,
        **links,
    )


def _line(ticket: Ticket, line: Any, services: Mapping[str, str]) -> TicketLine:
    return TicketLine(
        tree_id=ticket.tree_id,
        ticket_id=ticket.id,
        position=line.position,
        service_id=services[line.service_code],
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        mandatory=line.mandatory,
    )


async def _write_milestones(change: Change, ticket: Ticket, plans: Sequence[MilestonePlan]) -> None:
    milestones = [milestone_row(ticket, plan) for plan in plans]
    await change.create_all(milestones, kind=EventType.MILESTONE_CREATED)
    tasks = [
        task_row(milestone, task)
        for milestone, plan in zip(milestones, plans, strict=True)
        for task in plan.tasks
    ]
    await change.create_all(tasks, kind=EventType.TASK_CREATED)


def milestone_row(ticket: Ticket, plan: MilestonePlan) -> Milestone:
    return Milestone(
        tree_id=ticket.tree_id,
        ticket_id=ticket.id,
        position=plan.position,
        title=plan.title,
        kind=plan.kind,
        status=MilestoneStatus.PLANNED,
        sla_days=plan.sla_days,
        warning_days=plan.warning_days,
        escalation_days=plan.escalation_days,
        depends_on=list(plan.depends_on),
        starts_on=plan.starts_on,
        due_on=plan.due_on,
        original_due_on=plan.due_on,
    )


def task_row(milestone: Milestone, plan: TaskPlan) -> Task:
    return Task(
        tree_id=milestone.tree_id,
        ticket_id=milestone.ticket_id,
        milestone_id=milestone.id,
        position=plan.position,
        title=plan.title,
        workflow_role=plan.role,
        mandatory=plan.mandatory,
        status=TaskStatus.TODO,
        assignee_id=plan.assignee_id,
        estimated_hours=plan.estimated_hours,
        sla_days=plan.sla_days,
        starts_on=plan.starts_on,
        due_on=plan.due_on,
        original_due_on=plan.due_on,
        checklist=new_checklist(plan.checklist, new_entry_id),
    )
