import re
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from services.planning.calendar import WorkCalendar
from services.planning.catalog.loader import load_catalog
from services.planning.intake.kit_matcher import KitNames
from services.planning.intake.sale_judgement import judge_sale
from services.vocabulary import MilestoneKind

CATALOG = load_catalog()
SERVICES = {service.code: service for service in CATALOG.services}
KITS = {kit.code: kit for kit in CATALOG.kits}
WORKFLOWS = {workflow.code: workflow for workflow in CATALOG.workflows}
SERVICE_WORKFLOWS = [workflow for workflow in CATALOG.workflows if workflow.code != CATALOG.onboarding]
MILESTONES = [milestone for workflow in CATALOG.workflows for milestone in workflow.milestones]
TASKS = [task for milestone in MILESTONES for task in milestone.tasks]

each_workflow = pytest.mark.parametrize("workflow", SERVICE_WORKFLOWS, ids=lambda workflow: workflow.code)
each_kit = pytest.mark.parametrize("kit", CATALOG.kits, ids=lambda kit: kit.code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("SOF", "Start Office Finance"),
        ("SOD", "Start Office Digital"),
        ("SOT", "Start Office Training"),
        ("SOS", "Start Office Sustainability"),
        ("I24", "Incarico 24 Mesi"),
        ("ICS", "Incarico Consulenza Strumenti Economico-Finanziari"),
    ],
)
def test_ships_the_kits_that_are_sold(code, name):
    kit = KITS[code]

    assert (kit.name, kit.active) == (name, True)
    assert code in kit.aliases


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("F40", "Formazione 4.0"),
        ("T50", "Transizione 5.0"),
        ("KHW", "Know How"),
        ("PBX", "Patent Box"),
        ("BND", "Bandi"),
        ("FND", "Finanziamenti"),
        ("CBK", "Cashback"),
        ("CLB", "Collaborazione"),
    ],
)
def test_ships_the_services_that_are_delivered(code, name):
    assert SERVICES[code].name == name


@each_kit
def test_a_kit_has_three_to_six_lines(kit):
    assert 3 <= len(kit.lines) <= 6


@each_kit
def test_the_code_of_a_kit_is_that_of_its_main_service(kit):
    assert kit.main_service == kit.code


def test_start_office_digital_has_four_lines():
    assert [line.service for line in KITS["SOD"].lines] == ["T50", "F40", "KHW", "CLB"]


@each_kit
@pytest.mark.parametrize(
    "spell", [str, str.upper, lambda name: name.replace(" ", "")], ids=["plain", "upper", "joined"]
)
def test_intake_recognises_a_kit_by_each_of_its_spellings(kit, spell):
    names = [KitNames(kit.code, kit.name, kit.aliases, kit.active) for kit in CATALOG.kits]

    for spelling in (kit.name, *kit.aliases):
        judgement = judge_sale("Nuova vendita", f"Firmato {spell(spelling)} in data odierna.", names)

        assert (judgement.doubt, judgement.kit_codes) == (None, (kit.code,))


@pytest.mark.parametrize("service", CATALOG.services, ids=lambda service: service.code)
def test_a_service_has_a_price_and_a_workflow_of_its_own(service):
    assert service.price > 0
    assert service.workflow == service.code


@each_workflow
def test_a_workflow_has_three_to_six_milestones_of_three_to_six_tasks(workflow):
    assert 3 <= len(workflow.milestones) <= 6
    assert all(3 <= len(milestone.tasks) <= 6 for milestone in workflow.milestones)


@each_workflow
def test_a_workflow_is_not_merely_one_step_after_the_other(workflow):
    declared = {
        milestone.depends_on
        for previous, milestone in pairwise(workflow.milestones)
        if milestone.depends_on not in ((), (previous.title,))
    }

    assert declared


@each_workflow
def test_a_workflow_has_something_critical_in_it(workflow):
    assert MilestoneKind.CRITICAL in {milestone.kind for milestone in workflow.milestones}


@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda milestone: milestone.title)
def test_a_milestone_can_be_kept(milestone):
    """It has mandatory work, time for all of its tasks, and warns before it is over."""
    assert any(task.mandatory for task in milestone.tasks)
    assert sum(task.sla_days for task in milestone.tasks) <= milestone.sla_days
    assert 1 <= milestone.warning_days < milestone.sla_days
    assert milestone.escalation_days >= 1


def test_no_two_milestones_share_their_title():
    titles = [milestone.title.casefold() for milestone in MILESTONES]

    assert len(set(titles)) == len(titles)


def test_no_title_holds_a_number_or_the_word_task():
    titles = [milestone.title for milestone in MILESTONES] + [task.title for task in TASKS]

    assert [title for title in titles if re.search(r"\d|task", title, re.IGNORECASE)] == []


@each_workflow
def test_no_two_tasks_of_a_workflow_share_their_title(workflow):
    titles = [task.title for milestone in workflow.milestones for task in milestone.tasks]

    assert len(set(titles)) == len(titles)


def test_a_few_roles_do_all_the_work():
    assert {task.role for task in TASKS} == {
        "amministrazione",
        "analista",
        "commerciale",
        "consulente senior",
        "formatore",
        "progettista",
    }


def test_some_work_is_optional_and_some_has_a_checklist():
    assert {task.mandatory for task in TASKS} == {True, False}
    assert MilestoneKind.OPTIONAL in {milestone.kind for milestone in MILESTONES}
    assert any(task.checklist for task in TASKS)


def test_onboarding_is_the_standard_one():
    (milestone,) = WORKFLOWS[CATALOG.onboarding].milestones

    assert milestone.title == "Onboarding"
    assert [(task.title, task.sla_days, task.mandatory) for task in milestone.tasks] == [
        ("Predisposizione Incarico", 2, True),
        ("Invio Incarico", 1, True),
        ("Firma Incarico", 7, True),
        ("Invio Mail di Benvenuto", 1, True),
    ]


def test_onboarding_spans_the_holidays():
    """Made on Monday 21 December 2026, over Christmas, New Year and Epiphany."""
    calendar = WorkCalendar(ZoneInfo("Europe/Rome"))
    (milestone,) = WORKFLOWS[CATALOG.onboarding].milestones
    start = date(2026, 12, 21)

    due = [start]
    for task in milestone.tasks:
        due.append(calendar.add(due[-1], task.sla_days))

    assert due[1:] == [date(2026, 12, 23), date(2026, 12, 24), date(2027, 1, 7), date(2027, 1, 8)]
    assert calendar.add(start, milestone.sla_days) == date(2027, 1, 8)
