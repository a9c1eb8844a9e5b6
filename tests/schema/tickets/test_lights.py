"""Lights, and finding tickets by them."""

from datetime import timedelta

import pytest

import models
from tests.support import factories
from tests.support.factories import TODAY
from tests.support.shown_tickets import save_milestone

LIGHTS = "query($id: ID!) { ticket(id: $id) { sla milestones { sla tasks { sla } } } }"


@pytest.mark.parametrize(
    ("days_left", "light"),
    [
        pytest.param(7, "GREEN", id="in a week"),
        pytest.param(1, "YELLOW", id="tomorrow"),
        pytest.param(-3, "ORANGE", id="last Friday"),
        pytest.param(-14, "RED", id="a fortnight ago"),
    ],
)
async def test_lights_stand_for_the_working_days_left(ask, parent, days_left, light):
    due_on = TODAY + timedelta(days=days_left)
    await models.Ticket.filter(id=parent.id).update(due_on=due_on)
    _, [task] = await save_milestone(parent, "TODO", due_on=due_on, warning_days=2, escalation_days=3)
    await models.Task.filter(id=task.id).update(due_on=due_on)

    ticket = (await ask(LIGHTS, id=parent.id))["ticket"]

    assert ticket == {"sla": light, "milestones": [{"sla": light, "tasks": [{"sla": light}]}]}


async def test_what_is_finished_has_no_light(ask, parent):
    await models.Ticket.filter(id=parent.id).update(status="CLOSED")
    await save_milestone(parent, "DONE", status="COMPLETED")

    ticket = (await ask(LIGHTS, id=parent.id))["ticket"]

    assert ticket == {"sla": None, "milestones": [{"sla": None, "tasks": [{"sla": None}]}]}


async def test_what_is_called_off_has_no_light(ask, parent):
    await save_milestone(parent, "TODO", status="CANCELLED")

    ticket = (await ask(LIGHTS, id=parent.id))["ticket"]

    assert ticket["milestones"] == [{"sla": None, "tasks": [{"sla": None}]}]


async def test_a_ticket_warns_as_its_latest_milestone_does(ask, parent):
    latest = TODAY + timedelta(days=7)
    await models.Ticket.filter(id=parent.id).update(due_on=latest)
    await save_milestone(parent, position=1, due_on=TODAY, warning_days=0)
    await save_milestone(parent, position=2, due_on=latest, warning_days=9)

    ticket = (await ask("query($id: ID!) { ticket(id: $id) { sla } }", id=parent.id))["ticket"]

    assert ticket["sla"] == "YELLOW"


FOUND = "query($filter: TicketFilter) { tickets(first: 100, filter: $filter) { nodes { code sla } } }"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"sla": {"eq": "GREEN"}}, {"GREEN"}, id="green"),
        pytest.param({"sla": {"eq": "YELLOW"}}, {"YELLOW"}, id="yellow"),
        pytest.param({"sla": {"eq": "ORANGE"}}, {"ORANGE"}, id="orange"),
        pytest.param({"sla": {"eq": "RED"}}, {"RED"}, id="red"),
        pytest.param({"sla": {"eq": None}}, {None}, id="finished"),
        pytest.param({"sla": {"in": ["RED", "GREEN"]}}, {"RED", "GREEN"}, id="one of several"),
        pytest.param({"late": {"eq": True}}, {"ORANGE", "RED"}, id="late"),
        pytest.param({"late": {"eq": False}}, {"GREEN", "YELLOW", None}, id="not late"),
        pytest.param({"not": {"sla": {"eq": "RED"}}}, {"GREEN", "YELLOW", "ORANGE", None}, id="any other"),
    ],
)
async def test_a_ticket_is_found_by_the_light_that_it_shows(ask, db, wanted, expected):
    around = [TODAY + timedelta(days=days) for days in range(-14, 15)]
    tickets = await factories.save_tickets(
        *({"due_on": day, "original_due_on": day} for day in around), {"status": "CLOSED"}
    )
    for ticket in tickets:
        await save_milestone(ticket, due_on=ticket.due_on, warning_days=3, escalation_days=2)

    everything = (await ask(FOUND))["tickets"]["nodes"]
    found = (await ask(FOUND, filter=wanted))["tickets"]

    assert {one["sla"] for one in everything} == {"GREEN", "YELLOW", "ORANGE", "RED", None}
    assert found["nodes"] == [one for one in everything if one["sla"] in expected]
