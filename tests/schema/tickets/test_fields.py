"""Values and relations."""

from datetime import date
from decimal import Decimal

from tests.support import factories
from tests.support.factories import save
from tests.support.shown_tickets import save_child, save_milestone


async def test_values_come_in_their_own_kind(ask, parent):
    stage, _ = await save_milestone(parent, due_on=date(2026, 12, 24))
    await save(
        factories.task(
            stage,
            assignee_id=parent.owner_id,
            estimated_hours=Decimal("1.50"),
            mandatory=False,
            checklist=[
                {"id": "chk_1", "text": "Visura", "done": False},
                {"id": "chk_2", "text": "Perché?", "done": False},
            ],
        )
    )

    ticket = (
        await ask(
            """query($id: ID!) { ticket(id: $id) { createdAt closedAt company { crmId } milestones { dueOn dependsOn
            tasks { estimatedHours mandatory finishedAt checklist { text done } } } } }""",
            id=parent.id,
        )
    )["ticket"]

    assert ticket["createdAt"] == "2026-11-23T09:30:00+00:00"
    assert ticket["closedAt"] is None
    assert ticket["company"]["crmId"].isdecimal()
    assert ticket["milestones"][0]["dueOn"] == "2026-12-24"
    assert ticket["milestones"][0]["tasks"] == [
        {
            "estimatedHours": "1.50",
            "mandatory": False,
            "finishedAt": None,
            "checklist": [{"text": "Visura", "done": False}, {"text": "Perché?", "done": False}],
        }
    ]


async def test_relations_lead_both_ways(ask, parent):
    child = await save_child(parent, position=1)
    sold = factories.service()
    line = factories.line(parent, service_id=sold.id)
    opportunity = factories.opportunity(parent, ticket_line_id=line.id, child_ticket_id=child.id)
    await save(sold, line, opportunity)

    ticket = (
        await ask(
            """query($id: ID!) { ticket(id: $id) { parent { code } opportunity { title }
            lines { amount currency service { code price } opportunity { childTicket { code } } }
            children { parent { code } opportunity { ticketLine { name } ticket { code } amount currency } } } }""",
            id=parent.id,
        )
    )["ticket"]

    assert ticket == {
        "parent": None,
        "opportunity": None,
        "lines": [
            {
                "amount": "1500.00",
                "currency": "EUR",
                "service": {"code": sold.code, "price": "1500.00"},
                "opportunity": {"childTicket": {"code": child.code}},
            }
        ],
        "children": [
            {
                "parent": {"code": parent.code},
                "opportunity": {
                    "ticketLine": {"name": "Formazione"},
                    "ticket": {"code": parent.code},
                    "amount": "1500.00",
                    "currency": "EUR",
                },
            }
        ],
    }
