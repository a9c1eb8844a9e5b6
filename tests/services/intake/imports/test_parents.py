"""A sale becomes a parent ticket: its tasks, its lines, its owner and its dates."""

from datetime import UTC, datetime

import pytest

from models import Company, CrmActivity, Task, TicketLine
from services.vocabulary import CrmActivityRole, IntakeReason, TicketKind, TicketStatus
from tests.support.hub import (
    ACTIVITY_OF_THE_STORY,
    BREMBATE,
    SteppedClock,
    add_operator,
    edit_record,
    hub_over,
    make_responsible,
    sell,
    take_in,
)
from tests.support.shelf_crm import waiting_item


async def test_a_sale_becomes_a_parent_with_onboarding_its_four_tasks_and_a_line_for_each_service(
    hub, giulia
):
    parent = await take_in(hub, actor=giulia.id)

    assert (parent.kind, parent.status, parent.code) == (
        TicketKind.PARENT,
        TicketStatus.OPEN,
        "TCK-SOD-5155-00",
    )
    assert parent.title == "Start Office Digital · Officine Meccaniche Brembate S.r.l."
    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [(task.title, task.sla_days) for task in tasks] == [
        ("Predisposizione Incarico", 2),
        ("Invio Incarico", 1),
        ("Firma Incarico", 7),
        ("Invio Mail di Benvenuto", 1),
    ]
    lines = await TicketLine.filter(ticket_id=parent.id).order_by("position").prefetch_related("service")
    assert [(line.service.code, line.mandatory) for line in lines] == [
        ("T50", True),
        ("F40", True),
        ("KHW", True),
        ("CLB", False),
    ]


async def test_a_line_takes_price_and_quantity_and_their_product(hub, sandbox, giulia):
    parent = await take_in(hub, await sell(sandbox, "Start Office Training"), actor=giulia.id)

    line = await TicketLine.get(ticket_id=parent.id, position=2).prefetch_related("service")
    assert (line.service.code, line.quantity) == ("F40", 2)
    assert line.unit_price == line.service.price
    assert line.amount == line.service.price * 2


async def test_a_parent_keeps_the_sale_and_the_company_that_it_came_from(hub, giulia):
    parent = await take_in(hub, actor=giulia.id)

    source = await CrmActivity.get(ticket_id=parent.id)
    assert (source.role, source.crm_id) == (CrmActivityRole.SOURCE, ACTIVITY_OF_THE_STORY)
    assert source.subject == "Start Office Digital - Officine Meccaniche Brembate"
    company = await Company.get(id=parent.company_id)
    assert (company.crm_id, company.vat_number) == (BREMBATE, "99012340164")


async def test_a_company_that_was_renamed_in_the_crm_is_refreshed_by_its_next_sale(hub, sandbox, giulia):
    await take_in(hub, actor=giulia.id)
    await edit_record(sandbox, "Company", BREMBATE, companyName="Brembate Holding S.p.A.")

    await take_in(hub, await sell(sandbox, "kit SOF"), actor=giulia.id)

    assert (await Company.get(crm_id=BREMBATE)).name == "Brembate Holding S.p.A."


async def test_the_operator_behind_the_crm_owner_owns_the_parent(hub, giulia):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == giulia.id


async def test_without_such_an_operator_the_main_service_s_responsible_owns_it(hub):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == paolo.id


async def test_an_operator_who_left_owns_nothing_new(hub):
    await add_operator(hub.events, "Giulia", crm_user_id=2002, active=False)
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == paolo.id


async def test_a_responsible_who_left_owns_nothing_new(hub):
    paolo = await add_operator(hub.events, "Paolo", active=False)
    await make_responsible(paolo, "SOD")

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor="opr_1"))

    assert item.reason == IntakeReason.NO_OWNER


async def test_a_task_goes_to_who_fills_its_role_and_else_to_the_owner(hub, giulia):
    marta = await add_operator(hub.events, "Marta", workflow_roles=["amministrazione"])
    await add_operator(hub.events, "Ugo", workflow_roles=["commerciale"], active=False)

    parent = await take_in(hub, actor=giulia.id)

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [task.assignee_id for task in tasks] == [marta.id, marta.id, giulia.id, giulia.id]


@pytest.mark.parametrize(
    ("now", "starts_on", "due"),
    [
        pytest.param(
            datetime(2026, 12, 20, 23, 30, tzinfo=UTC),
            "2026-12-21",
            ["2026-12-23", "2026-12-24", "2027-01-07", "2027-01-08"],
            id="already Monday in Rome, still Sunday in UTC, with Christmas ahead",
        ),
        pytest.param(
            datetime(2026, 12, 31, 23, 15, tzinfo=UTC),
            "2027-01-01",
            ["2027-01-05", "2027-01-07", "2027-01-18", "2027-01-19"],
            id="already next year in Rome",
        ),
        pytest.param(
            datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
            "2027-03-28",
            ["2027-03-31", "2027-04-01", "2027-04-12", "2027-04-13"],
            id="a minute before the clocks go forward, at Easter",
        ),
        pytest.param(
            datetime(2027, 3, 28, 22, 30, tzinfo=UTC),
            "2027-03-29",
            ["2027-03-31", "2027-04-01", "2027-04-12", "2027-04-13"],
            id="the day after in Rome, once the clocks have gone forward",
        ),
        pytest.param(
            datetime(2026, 10, 25, 22, 30, tzinfo=UTC),
            "2026-10-25",
            ["2026-10-27", "2026-10-28", "2026-11-06", "2026-11-09"],
            id="no longer the day after, once the clocks have gone back",
        ),
        pytest.param(
            datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
            "2026-10-25",
            ["2026-10-27", "2026-10-28", "2026-11-06", "2026-11-09"],
            id="the day after, before the clocks go back",
        ),
    ],
)
async def test_a_ticket_starts_on_rome_s_date_and_falls_due_on_working_days(
    hub_url, sandbox, now, starts_on, due
):
    async with hub_over(hub_url, sandbox, clock=SteppedClock(now)) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)

        parent = await take_in(hub, actor=giulia.id)

        tasks = await Task.filter(ticket_id=parent.id).order_by("position")
        assert parent.created_at == now
        assert str(parent.starts_on) == starts_on
        assert [str(task.due_on) for task in tasks] == due
        assert [task.starts_on for task in tasks] == [parent.starts_on, *(one.due_on for one in tasks[:-1])]
        assert parent.due_on == parent.original_due_on == tasks[-1].due_on
