from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.planning.calendar import WorkCalendar
from services.planning.catalog.types import (
    Kit,
    KitLine,
    MilestoneTemplate,
    Service,
    TaskTemplate,
    WorkflowTemplate,
)
from services.planning.tickets.kit_lines import KitWithoutServices
from services.planning.tickets.ticket_factory import (
    MilestonePlan,
    NoOwner,
    OperatorFacts,
    ParentTicketFacts,
    Sale,
    Staff,
    TaskPlan,
    plan_child,
    plan_parent,
)
from services.vocabulary import MilestoneKind, Priority, TicketKind

MONDAY = date(2026, 12, 21)
ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))

FORMAZIONE = Service(code="F40", name="Formazione 4.0", price=Decimal(2400), workflow="F40")
FINANZA = Service(code="SFN", name="Finanza", price=Decimal(100), workflow=None)
SERVICES = {"F40": FORMAZIONE, "SFN": FINANZA}
KIT = Kit(
    code="SOT", name="Start Office Training", main_service="SFN", lines=(KitLine(service="F40", quantity=2),)
)


def task(title, days, role="commerciale", **fields):
    return TaskTemplate(title=title, role=role, estimated_hours=Decimal(2), sla_days=days, **fields)


ONBOARDING = WorkflowTemplate(
    code="ONBOARDING",
    name="Onboarding",
    milestones=(
        MilestoneTemplate(
            title="Onboarding",
            sla_days=10,
            warning_days=2,
            escalation_days=1,
            tasks=(
                task("Predisposizione Incarico", 2, checklist=("Dati anagrafici", "Condizioni")),
                task("Invio Incarico", 1),
                task("Firma Incarico", 7),
                task("Invio Mail di Benvenuto", 1, role="segreteria", mandatory=False),
            ),
        ),
    ),
)
DELIVERY = WorkflowTemplate(
    code="F40",
    name="Formazione",
    milestones=(
        MilestoneTemplate(
            title="Analisi",
            sla_days=2,
            warning_days=1,
            escalation_days=1,
            tasks=(task("Colloquio", 2, "docente"),),
        ),
        MilestoneTemplate(
            title="Docenza",
            kind=MilestoneKind.CRITICAL,
            sla_days=3,
            warning_days=1,
            escalation_days=2,
            tasks=(task("Aula", 2, "docente"),),
        ),
    ),
)

ANNA = OperatorFacts("opr_anna", crm_user_id=11)
BRUNO = OperatorFacts("opr_bruno", crm_user_id=12, workflow_roles=frozenset({"docente", "segreteria"}))
CARLA = OperatorFacts("opr_carla", workflow_roles=frozenset({"docente"}))
STAFF = Staff((CARLA, BRUNO, ANNA))


def parent(*, sale=Sale("Rossi Srl", owner_crm_id=11), kit=KIT, staff=STAFF, template=ONBOARDING):
    return plan_parent(sale, kit, template, services=SERVICES, staff=staff, starts_on=MONDAY, calendar=ITALY)


def child(*, staff=STAFF, owner_id="opr_anna", priority=Priority.MEDIUM, position=3):
    facts = ParentTicketFacts("5155", owner_id, "Rossi Srl", priority)
    return plan_child(
        facts, FORMAZIONE, DELIVERY, position=position, staff=staff, starts_on=MONDAY, calendar=ITALY
    )


def test_a_sold_kit_becomes_a_parent_with_its_lines_and_its_onboarding():
    ticket = parent()

    assert (ticket.kind, ticket.title) == (TicketKind.PARENT, "Start Office Training · Rossi Srl")
    assert (ticket.service_code, ticket.position, ticket.code) == ("SFN", 0, None)
    assert (ticket.starts_on, ticket.due_on) == (MONDAY, date(2027, 1, 8))
    assert [(line.service_code, line.amount) for line in ticket.lines] == [("F40", Decimal(4800))]
    assert [milestone.title for milestone in ticket.milestones] == ["Onboarding"]


def test_the_tasks_of_a_ticket_are_those_of_its_template_dated_and_assigned():
    (onboarding,) = parent().milestones

    assert onboarding.tasks[0] == TaskPlan(
        position=1,
        title="Predisposizione Incarico",
        role="commerciale",
        mandatory=True,
        estimated_hours=Decimal(2),
        sla_days=2,
        checklist=("Dati anagrafici", "Condizioni"),
        assignee_id="opr_anna",
        starts_on=MONDAY,
        due_on=date(2026, 12, 23),
    )
    assert [(one.position, one.mandatory, one.due_on) for one in onboarding.tasks[1:]] == [
        (2, True, date(2026, 12, 24)),
        (3, True, date(2027, 1, 7)),
        (4, False, date(2027, 1, 8)),
    ]


def test_the_milestones_of_a_ticket_are_those_of_its_template_in_order():
    milestones = child().milestones

    assert milestones[1] == MilestonePlan(
        position=2,
        title="Docenza",
        kind=MilestoneKind.CRITICAL,
        sla_days=3,
        warning_days=1,
        escalation_days=2,
        depends_on=(1,),
        starts_on=date(2026, 12, 23),
        due_on=date(2026, 12, 29),
        tasks=milestones[1].tasks,
    )
    assert [(one.position, one.title) for one in milestones] == [(1, "Analisi"), (2, "Docenza")]


def test_planning_twice_gives_the_same_ticket_and_leaves_the_template_alone():
    before = ONBOARDING.model_copy(deep=True)

    tickets = parent(), parent()

    assert tickets[0] == tickets[1]
    assert before == ONBOARDING


@pytest.mark.parametrize(
    ("sale", "responsibles", "owner_id"),
    [
        pytest.param(Sale("Rossi", 12, "opr_carla"), {"SFN": "opr_anna"}, "opr_carla", id="the one chosen"),
        pytest.param(Sale("Rossi", 12), {"SFN": "opr_anna"}, "opr_bruno", id="the activity's CRM owner"),
        pytest.param(
            Sale("Rossi", 99), {"SFN": "opr_anna"}, "opr_anna", id="unknown in the CRM: the responsible"
        ),
        pytest.param(Sale("Rossi"), {"SFN": "opr_anna"}, "opr_anna", id="nobody in the CRM: the responsible"),
    ],
)
def test_a_parent_s_owner_is_who_was_chosen_else_who_owns_the_sale_else_the_responsible(
    sale, responsibles, owner_id
):
    ticket = parent(sale=sale, staff=Staff(STAFF.operators, responsibles))

    assert ticket.owner_id == owner_id


def test_a_parent_without_a_responsible_operator_is_refused():
    with pytest.raises(NoOwner):
        parent(sale=Sale("Rossi Srl"), staff=Staff(STAFF.operators, {"F40": "opr_anna"}))


def test_a_kit_without_services_makes_no_ticket():
    with pytest.raises(KitWithoutServices):
        parent(kit=KIT.model_copy(update={"lines": ()}))


def test_a_sold_service_becomes_a_child_under_its_parents_serial():
    ticket = child(priority=Priority.HIGH)

    assert (ticket.kind, ticket.title) == (TicketKind.CHILD, "Formazione 4.0 · Rossi Srl")
    assert (ticket.code, ticket.position) == ("TCK-F40-5155-03", 3)
    assert (ticket.priority, ticket.lines) == (Priority.HIGH, ())
    assert (ticket.starts_on, ticket.due_on) == (MONDAY, date(2026, 12, 29))


@pytest.mark.parametrize(
    ("responsibles", "owner_id"),
    [
        pytest.param({"F40": "opr_carla"}, "opr_carla", id="who answers for the service"),
        pytest.param({"SFN": "opr_carla"}, "opr_anna", id="else the owner of the parent"),
    ],
)
def test_a_child_s_owner_is_the_responsible_else_the_parent_s_owner(responsibles, owner_id):
    ticket = child(staff=Staff(STAFF.operators, responsibles))

    assert ticket.owner_id == owner_id


@pytest.mark.parametrize(
    ("owner_id", "assignee_id"),
    [
        pytest.param("opr_carla", "opr_carla", id="the owner, where they fill the role"),
        pytest.param("opr_anna", "opr_bruno", id="else the lowest id that does"),
    ],
)
def test_a_task_goes_to_an_owner_who_fills_its_role_else_to_the_first_who_does(owner_id, assignee_id):
    ticket = child(owner_id=owner_id)

    assert {one.assignee_id for milestone in ticket.milestones for one in milestone.tasks} == {assignee_id}


def test_a_task_whose_role_no_operator_fills_goes_to_the_owner():
    (onboarding,) = parent().milestones

    assert [one.assignee_id for one in onboarding.tasks] == ["opr_anna", "opr_anna", "opr_anna", "opr_bruno"]
