"""Plans the ticket of a sold kit or service, with dated milestones and assigned tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.errors import Refusal
from services.planning.calendar import WorkCalendar
from services.planning.catalog.types import Kit, MilestoneTemplate, Service, TaskTemplate, WorkflowTemplate
from services.planning.tickets.codes import child_code
from services.planning.tickets.kit_lines import TicketLinePlan, expand_kit
from services.planning.tickets.schedule import ScheduledMilestone, ScheduledTask, schedule
from services.vocabulary import MilestoneKind, OwnerSource, Priority, TicketKind


class NoOwner(Refusal):
    """The ticket has no owner yet; name one."""

    code = "NO_OWNER"


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """An operator who can be given work."""

    id: str
    crm_user_id: int | None = None
    workflow_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Staff:
    """The operators who can be given work, and the responsible one for each service (ids by service code)."""

    operators: Sequence[OperatorFacts] = ()
    responsibles: Mapping[str, str] = field(default_factory=dict)

    def owner_in_crm(self, crm_user_id: int | None) -> str | None:
        """Return the operator with this CRM user."""
        if crm_user_id is None:
            return None
        return next((one.id for one in self.operators if one.crm_user_id == crm_user_id), None)

    def assignee(self, role: str, owner_id: str) -> str:
        """Return who does the work of a role: the owner if they or no operator have the role, else the lowest id.

        >>> legal = frozenset({"legale"})
        >>> staff = Staff((OperatorFacts("b", workflow_roles=legal), OperatorFacts("a", workflow_roles=legal)))
        >>> staff.assignee("legale", "b"), staff.assignee("legale", "c"), staff.assignee("analista", "c")
        ('b', 'a', 'c')
        """
        able = {one.id for one in self.operators if role in one.workflow_roles}
        return owner_id if owner_id in able or not able else min(able)


@dataclass(frozen=True, slots=True)
class Sale:
    """The CRM activity that sold the kit. `owner_id` is an operator's choice and overrides `owner_crm_id`."""

    company_name: str
    owner_crm_id: int | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ParentTicketFacts:
    """What a child takes over from its parent ticket."""

    serial: str
    owner_id: str
    company_name: str
    priority: Priority = Priority.MEDIUM


@dataclass(frozen=True, slots=True)
class TaskPlan:
    position: int
    title: str
    role: str
    mandatory: bool
    estimated_hours: Decimal
    sla_days: int
    checklist: tuple[str, ...]
    assignee_id: str
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """`depends_on` holds the positions of the milestones that it waits for, the implicit previous one included."""

    position: int
    title: str
    kind: MilestoneKind
    sla_days: int
    warning_days: int
    escalation_days: int
    depends_on: tuple[int, ...]
    starts_on: date
    due_on: date
    tasks: tuple[TaskPlan, ...]


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """A planned ticket. A parent has no `code` yet: it takes its serial when it is written."""

    kind: TicketKind
    service_code: str
    title: str
    owner_id: str
    priority: Priority
    starts_on: date
    due_on: date
    milestones: tuple[MilestonePlan, ...]
    lines: tuple[TicketLinePlan, ...] = ()
    position: int = 0
    code: str | None = None


def plan_parent(
    sale: Sale,
    kit: Kit,
    template: WorkflowTemplate,
    *,
    services: Mapping[str, Service],
    staff: Staff,
    starts_on: date,
    calendar: WorkCalendar,
) -> TicketPlan:
    """Plan the ticket of a sold kit. `services` are by code, `template` is the onboarding.

    Its owner is the chosen one, else the operator behind the activity's CRM owner, else the one responsible for the
    kit's main service.
    """
    lines = expand_kit(kit, services)
    owner = find_owner(sale, kit.main_service, staff)
    if owner is None:
        raise NoOwner(f"Neither the CRM owner nor the service {kit.main_service} leads to an operator.")
    owner_id, _ = owner
    milestones = _plan_milestones(template, owner_id, staff, starts_on, calendar)
    return TicketPlan(
        kind=TicketKind.PARENT,
        service_code=kit.main_service,
        title=f"{kit.name} · {sale.company_name}",
        owner_id=owner_id,
        priority=Priority.MEDIUM,
        starts_on=starts_on,
        due_on=_latest(milestones),
        milestones=milestones,
        lines=lines,
    )


def find_owner(sale: Sale, main_service: str, staff: Staff) -> tuple[str, OwnerSource] | None:
    """Return the owner of a sale's ticket and where it comes from. None: nothing names one.

    >>> staff = Staff((OperatorFacts("ada", crm_user_id=2002),), responsibles={"SOD": "ugo"})
    >>> owner_id, source = find_owner(Sale("Brembate", owner_crm_id=2002), "SOD", staff)
    >>> owner_id, source.value
    ('ada', 'CRM_OWNER')
    >>> owner_id, source = find_owner(Sale("Brembate", owner_crm_id=2003), "SOD", staff)
    >>> owner_id, source.value
    ('ugo', 'SERVICE_RESPONSIBLE')
    """
    candidates = (
        (sale.owner_id, OwnerSource.CHOSEN),
        (staff.owner_in_crm(sale.owner_crm_id), OwnerSource.CRM_OWNER),
        (staff.responsibles.get(main_service), OwnerSource.SERVICE_RESPONSIBLE),
    )
    return next(((owner_id, source) for owner_id, source in candidates if owner_id), None)


def plan_child(
    parent: ParentTicketFacts,
    service: Service,
    template: WorkflowTemplate,
    *,
    position: int,
    staff: Staff,
    starts_on: date,
    calendar: WorkCalendar,
) -> TicketPlan:
    """Plan the ticket of an opportunity for one service.

    `position` is that of its line, or the next number after the lines. Its owner is the one responsible for the
    service, else the parent's owner.
    """
    owner_id = staff.responsibles.get(service.code) or parent.owner_id
    milestones = _plan_milestones(template, owner_id, staff, starts_on, calendar)
    return TicketPlan(
        kind=TicketKind.CHILD,
        service_code=service.code,
        title=f"{service.name} · {parent.company_name}",
        owner_id=owner_id,
        priority=parent.priority,
        starts_on=starts_on,
        due_on=_latest(milestones),
        milestones=milestones,
        position=position,
        code=child_code(service.code, parent.serial, position),
    )


def _latest(milestones: Sequence[MilestonePlan]) -> date:
    return max(milestone.due_on for milestone in milestones)


def _plan_milestones(
    template: WorkflowTemplate, owner_id: str, staff: Staff, starts_on: date, calendar: WorkCalendar
) -> tuple[MilestonePlan, ...]:
    scheduled = schedule(template.milestones, starts_on, calendar)
    return tuple(
        _plan_milestone(position, milestone, dates, owner_id, staff)
        for position, (milestone, dates) in enumerate(
            zip(template.milestones, scheduled, strict=True), start=1
        )
    )


def _plan_milestone(
    position: int, template: MilestoneTemplate, dates: ScheduledMilestone, owner_id: str, staff: Staff
) -> MilestonePlan:
    return MilestonePlan(
        position=position,
        title=template.title,
        kind=template.kind,
        sla_days=template.sla_days,
        warning_days=template.warning_days,
        escalation_days=template.escalation_days,
        depends_on=dates.depends_on,
        starts_on=dates.starts_on,
        due_on=dates.due_on,
        tasks=tuple(
            _plan_task(number, task, task_dates, staff.assignee(task.role, owner_id))
            for number, (task, task_dates) in enumerate(
                zip(template.tasks, dates.tasks, strict=True), start=1
            )
        ),
    )


def _plan_task(position: int, template: TaskTemplate, dates: ScheduledTask, assignee_id: str) -> TaskPlan:
    return TaskPlan(
        position=position,
        title=template.title,
        role=template.role,
        mandatory=template.mandatory,
        estimated_hours=template.estimated_hours,
        sla_days=template.sla_days,
        checklist=template.checklist,
        assignee_id=assignee_id,
        starts_on=dates.starts_on,
        due_on=dates.due_on,
    )
