"""TicketFactory: writes the tickets that a plan calls for; and calls tickets off."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from models import Company, Milestone, Opportunity, Task, Ticket, TicketLine
from models.identity import new_id
from services import catalog_store, closing
from services.errors import Refusal
from services.events import Change, EventLog
from services.planning import workflow
from services.planning.calendar import WorkCalendar
from services.planning.codes import parent_code
from services.planning.kit_expander import ServiceWithoutTemplate
from services.planning.ticket_factory import (
    MilestonePlan,
    ParentTicketFacts,
    TaskPlan,
    TicketPlan,
    plan_child,
)
from services.vocabulary import MilestoneStatus, Priority, TaskStatus, TicketStatus

# The longest names of a kit and of a company are together longer than a title may be.
TITLE_LENGTH = 500


class UnknownTicket(Refusal):
    """There is no such ticket."""

    code = "UNKNOWN_TICKET"


class OpenChildren(Refusal):
    """The ticket has open children; say whether they are cancelled too, or kept."""

    code = "OPEN_CHILDREN"


class ChildrenChoice(StrEnum):
    """What becomes of the open children of a cancelled parent."""

    CANCEL = "CANCEL"
    KEEP = "KEEP"


async def get_ticket(ticket_id: str, *, path: tuple[str, ...] = ("ticketId",)) -> Ticket:
    ticket = await Ticket.get_or_none(id=ticket_id)
    if ticket is None:
        raise UnknownTicket(f"There is no ticket {ticket_id!r}.", path=path)
    return ticket


async def write_parent(
    change: Change,
    plan: TicketPlan,
    *,
    company: Company,
    kit_id: str,
    template_id: str,
    digits: Iterator[str],
    notes: str = "",
) -> Ticket:
    """Write a planned parent with its lines, milestones and tasks, and begin the story of its tree.

    It takes the first `digits` that no other parent has.
    """
    ticket = _ticket(plan, change, company_id=company.id, template_id=template_id)
    ticket.notes = notes
    ticket.tree_id = ticket.id
    ticket.kit_id = kit_id
    await change.open_stream(ticket.id)
    for candidate in digits:
        ticket.digits = candidate
        ticket.code = parent_code(plan.service_code, candidate)
        if await change.create_unless_taken(ticket, kind="TICKET_CREATED"):
            break
    services = await catalog_store.service_ids()
    await change.create_all([_line(ticket, line, services) for line in plan.lines], kind="LINE_CREATED")
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
        ParentTicketFacts(parent.digits or "", parent.owner_id, company.name, Priority(parent.priority)),
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
    await change.create(child, kind="TICKET_CREATED")
    await _write_milestones(change, child, plan.milestones)
    await change.update(opportunity, kind="OPPORTUNITY_GOT_CHILD", child_ticket_id=child.id)
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
    milestones = [_milestone(ticket, plan) for plan in plans]
    await change.create_all(milestones, kind="MILESTONE_CREATED")
    tasks = [
        _task(milestone, task)
        for milestone, plan in zip(milestones, plans, strict=True)
        for task in plan.tasks
    ]
    await change.create_all(tasks, kind="TASK_CREATED")


def _milestone(ticket: Ticket, plan: MilestonePlan) -> Milestone:
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


def _task(milestone: Milestone, plan: TaskPlan) -> Task:
    return Task(
        tree_id=milestone.tree_id,
        ticket_id=milestone.ticket_id,
        milestone_id=milestone.id,
        position=plan.position,
        title=plan.title,
        role=plan.role,
        mandatory=plan.mandatory,
        status=TaskStatus.TODO,
        assignee_id=plan.assignee_id,
        estimated_hours=plan.estimated_hours,
        sla_days=plan.sla_days,
        starts_on=plan.starts_on,
        due_on=plan.due_on,
        original_due_on=plan.due_on,
        checklist=[{"text": text, "done": False} for text in plan.checklist],
    )


async def cancel_ticket(
    ticket_id: str, reason: str, *, children: ChildrenChoice | None, actor: str, events: EventLog
) -> Ticket:
    """Call a ticket off, with what is open below it. What becomes of open children is never decided silently."""
    tree_id = (await get_ticket(ticket_id)).tree_id
    async with events.change(tree_id, actor=actor) as change:
        transitions = workflow.cancel_ticket(await closing.ticket_state(ticket_id), reason)
        still_open = Ticket.filter(parent_id=ticket_id, status__in=workflow.OPEN_TICKET)
        open_children = await still_open.order_by("position")
        if transitions and open_children and children is None:
            codes = ", ".join(child.code for child in open_children)
            raise OpenChildren(f"Open children: {codes}. Cancel or keep them?", path=("children",))
        own = await closing.write_transitions(change, transitions)
        for child in open_children if children is ChildrenChoice.CANCEL else ():
            below = workflow.cancel_ticket(await closing.ticket_state(child.id), reason)
            await closing.write_transitions(change, below, cause=own)
    return await get_ticket(ticket_id)
