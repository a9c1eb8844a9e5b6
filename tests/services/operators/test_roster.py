"""Operators are saved with their history, and one administrator always remains."""

from dataclasses import replace

import pytest

from models import Event, MilestoneTemplate, Operator, TaskTemplate, WorkflowTemplate
from services.operators import OperatorDraft, create_operator, find_operator, save_operator
from services.vocabulary import Role
from tests.support import factories
from tests.support.operator_drafts import GIULIA
from tests.support.refusals import refusal_of

MARTA = OperatorDraft(name="Marta Sala", email="marta@studio.example", role=Role.ADMIN)


async def test_an_operator_is_found_by_address_whatever_its_case(giulia):
    found = await find_operator(" Giulia@STUDIO.example ")

    assert found is not None
    assert found.id == giulia.id


@pytest.mark.parametrize(
    ("draft", "code", "path"),
    [
        pytest.param(
            replace(GIULIA, email="GIULIA@studio.example"), "OPERATOR_EXISTS", "email", id="same address"
        ),
        pytest.param(
            replace(GIULIA, email="g@studio.example", crm_user_id=7),
            "OPERATOR_EXISTS",
            "crmUserId",
            id="same CRM user",
        ),
        pytest.param(replace(GIULIA, email="nobody"), "BAD_USER_INPUT", "email", id="no address"),
        pytest.param(replace(GIULIA, name="  "), "BAD_USER_INPUT", "name", id="no name"),
        pytest.param(replace(GIULIA, name="x" * 201), "BAD_USER_INPUT", "name", id="endless name"),
    ],
)
async def test_an_operator_who_cannot_be_is_declined_and_leaves_no_trace(giulia, events, draft, code, path):
    await create_operator(replace(MARTA, crm_user_id=7), actor="test", events=events)
    events_before = await Event.all().count()

    refusal = await refusal_of(create_operator(draft, actor="test", events=events))

    assert (refusal.code, refusal.path) == (code, (path,))
    assert await Operator.all().count() == 2
    assert await Event.all().count() == events_before


async def test_saving_an_operator_keeps_who_did_it_and_what_was_before(giulia, events):
    await save_operator(giulia.id, replace(GIULIA, role=Role.ADMIN), actor="opr_marta", events=events)

    event = await Event.get(kind="OPERATOR_SAVED")
    assert event.actor == "opr_marta"
    assert (event.before, event.after) == (
        {"role": "OPERATOR", "version": 1},
        {"role": "ADMIN", "version": 2},
    )


async def test_a_stale_edit_is_declined(giulia, events):
    await save_operator(
        giulia.id, replace(GIULIA, name="Giulia F."), actor="test", events=events, expected_version=1
    )

    refusal = await refusal_of(
        save_operator(giulia.id, replace(GIULIA, name="G."), actor="test", events=events, expected_version=1)
    )

    assert refusal.code == "CONFLICT"
    assert (await Operator.get(id=giulia.id)).name == "Giulia F."


@pytest.fixture
async def workflow(db) -> WorkflowTemplate:
    """The current version of a workflow in which there is work for a trainer."""
    workflow = factories.template()
    stage = MilestoneTemplate(
        template_id=workflow.id,
        position=1,
        title="Erogazione",
        kind="STANDARD",
        sla_days=5,
        warning_days=1,
        escalation_days=1,
    )
    task = TaskTemplate(
        milestone_id=stage.id,
        position=1,
        title="Lezioni",
        workflow_role="formatore",
        mandatory=True,
        estimated_hours=8,
        sla_days=5,
    )
    await factories.save(workflow, stage, task)
    return workflow


async def test_an_operator_fills_roles_that_workflows_have(giulia, events, workflow):
    trainer = replace(GIULIA, workflow_roles=["formatore"])

    await save_operator(giulia.id, trainer, actor="test", events=events)
    refusal = await refusal_of(
        save_operator(giulia.id, replace(trainer, workflow_roles=["formatrice"]), actor="test", events=events)
    )

    assert (refusal.code, refusal.path) == ("BAD_USER_INPUT", ("workflowRoles",))
    assert refusal.message == "No workflow has a role 'formatrice'; the known roles are: formatore."


async def test_a_role_that_workflows_have_given_up_may_stay(giulia, events, workflow):
    trainer = replace(GIULIA, workflow_roles=["formatore"])
    await save_operator(giulia.id, trainer, actor="test", events=events)
    await WorkflowTemplate.filter(id=workflow.id).update(current=False)

    renamed = await save_operator(giulia.id, replace(trainer, name="Giulia F."), actor="test", events=events)

    assert (renamed.name, renamed.workflow_roles) == ("Giulia F.", ["formatore"])


@pytest.mark.parametrize(
    "changes",
    [pytest.param({"role": Role.OPERATOR}, id="demoted"), pytest.param({"active": False}, id="deactivated")],
)
async def test_the_last_administrator_stays_one(giulia, events, changes):
    marta = await create_operator(MARTA, actor="test", events=events)

    refusal = await refusal_of(
        save_operator(marta.id, replace(MARTA, **changes), actor="test", events=events)
    )

    assert refusal.code == "LAST_ADMIN"
