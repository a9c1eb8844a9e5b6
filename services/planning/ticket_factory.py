"""What a sold kit, or a sold service, calls for: a ticket with its dated milestones and assigned tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.catalog.types import Kit, MilestoneTemplate, Service, TaskTemplate, WorkflowTemplate
from services.errors import Refusal
from services.planning.calendar import WorkCalendar
from services.planning.codes import child_code
from services.planning.kit_expander import TicketLinePlan, expand_kit
from services.planning.schedule import ScheduledMilestone, ScheduledTask, schedule
from services.vocabulary import MilestoneKind, OwnerSource, Priority, TicketKind


class NoOwner(Refusal):
    """Nobody answers for this ticket yet; an operator has to say who does."""

    code = "NO_OWNER"


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """An operator who may be given work."""

    id: str
    crm_user_id: int | None = None
    workflow_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Staff:
    """Who may be given work, and who answers for which service (operator ids by service code)."""

    operators: Sequence[OperatorFacts] = ()
    responsibles: Mapping[str, str] = field(default_factory=dict)

    def owner_in_crm(self, crm_user_id: int | None) -> str | None:
        """The operator behind a CRM user."""
        if crm_user_id is None:
            return None
        return next((one.id for one in self.operators if one.crm_user_id == crm_user_id), None)

    def assignee(self, role: str, owner_id: str) -> str:
        """Who does the work of a role: the owner where they fill it or nobody does, else the lowest id that does.

        >>> legal = frozenset({"legale"})
        >>> staff = Staff((OperatorFacts("b", workflow_roles=legal), OperatorFacts("a", workflow_roles=legal)))
        >>> staff.assignee("legale", "b"), staff.assignee("legale", "c"), staff.assignee("analista", "c")
        ('b', 'a', 'c')
        """
        able = {one.id for one in self.operators if role in one.workflow_roles}
        return owner_id if owner_id in able or not able else min(able)


@dataclass(frozen=True, slots=True)
class Sale:
    """The CRM activity that sold the kit. `owner_id` is an operator's own choice and goes before `owner_crm_id`."""

    company_name: str
    owner_crm_id: int | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ParentTicketFacts:
    """What a child takes over from the ticket above it."""

    digits: str
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
    """`depends_on` holds the positions of the milestones waited for, the undeclared one before it included."""

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
    """A ticket as it is to be written. A parent has no `code` yet: its digits are claimed when it is written."""

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
    """Plan the ticket that a sold kit calls for; `services` are by code, `template` is the onboarding.

    Its owner is the one chosen, else the operator behind the activity's CRM owner, else who answers for the kit's
    main service.
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
    """Who answers for a sale's ticket, and what says so; None where nothing does.

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
    """Plan the ticket that an opportunity for one service calls for.

    `position` is that of its line; without a line, the next number after the lines. Its owner is who answers for the
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
        code=child_code(service.code, parent.digits, position),
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
