"""Examples of what was sold, and what it is worth, worked out by hand in each definition, here by the hub."""

from datetime import date
from decimal import Decimal

import models
from tests.schema.kpis.conftest import at
from tests.schema.kpis.example_rows import DAY, children, closed, due
from tests.support import factories
from tests.support.factories import NOW, save


async def test_opportunities(figure, work):
    instants = [
        "2026-11-02 09:00",
        "2026-11-03 09:00",
        "2026-11-04 09:00",
        "2026-11-30 23:30",
        "2026-10-05 09:00",
    ]
    rows = [
        factories.opportunity(work.parent, created_at=at(instant), status=status)
        for instant, status in zip(instants, ("WON", "LOST", "OPEN", "OPEN", "WON"), strict=True)
    ]
    await save(*rows)

    assert (await figure("OPPORTUNITIES"))["measure"]["value"] == "3"


async def test_opportunity_value(figure, behind, opportunities):
    measure = (await figure("OPPORTUNITY_VALUE"))["measure"]
    population = await behind(measure)

    assert (Decimal(measure["value"]), measure["count"]) == (Decimal("1500.30"), 4)
    assert sum(Decimal(edge["weight"]) for edge in population["edges"]) == Decimal("1500.30")


async def lines(work, parent: models.Ticket, *child: dict | None) -> None:
    """Lines of a parent, each worth 1,000, with their children where there are some."""
    sold = factories.service()
    rows = [
        factories.line(
            parent, position=n, service_id=sold.id, amount=Decimal("1000.00"), awaits_child=columns is None
        )
        for n, columns in enumerate(child, 1)
    ]
    await save(sold, *rows)
    for line, columns in zip(rows, child, strict=True):
        if columns is not None:
            [below] = await children(work, parent, columns)
            await save(factories.opportunity(parent, ticket_line_id=line.id, child_ticket_id=below.id))


async def test_value_open(figure, behind, work):
    [cancelled] = await work.tickets({"status": "CANCELLED", "cancelled_at": NOW})
    gone = {"status": "CANCELLED", "cancelled_at": NOW}
    await lines(work, work.parent, {}, None, closed("2026-11-02 09:00", "2026-11-04 09:00"), gone)
    await lines(work, cancelled, None)

    measure = (await figure("VALUE_OPEN"))["measure"]
    population = await behind(measure)

    assert (Decimal(measure["value"]), measure["count"]) == (Decimal(2000), 2)
    assert work.parent.id in {edge["node"]["id"] for edge in population["edges"]}


async def test_value_at_risk(figure, behind, work):
    in_time = due(date(2026, 12, 30))
    ended = closed("2026-11-02 09:00", "2026-11-04 09:00")
    children = (due(DAY[20]), due(DAY[24]), in_time, in_time, {**ended, **due(DAY[20])}, None)
    named = [{**columns, "title": name} for name, columns in zip("ABCDE", children, strict=False)]
    await lines(work, work.parent, *named, None)
    below = {one.title: one for one in await models.Ticket.filter(kind="CHILD")}
    [stage] = await work.milestones(due(DAY[24]), ticket=below["B"])
    await save(factories.task(stage, sla_days=5, assignee_id=work.operator.id))
    await models.Opportunity.filter(child_ticket_id=below["C"].id).update(flag="DELETED")

    measure = (await figure("VALUE_AT_RISK"))["measure"]
    population = await behind(measure)

    assert (Decimal(measure["value"]), measure["count"]) == (Decimal(3000), 3)
    threatened = {below[name].id for name in "ABC"}
    assert {edge["node"]["id"] for edge in population["edges"]} == threatened


async def test_value_delivered(figure, work):
    made, ended = "2026-11-02 09:00", "2026-11-04 09:00"
    again = {"first_closed_at": at(ended), "reopened_count": 1}
    gone = {"status": "CANCELLED", "cancelled_at": NOW}
    await lines(work, work.parent, closed(made, ended), closed(made, ended), again, gone, None)

    latest, first = await figure("VALUE_DELIVERED"), await figure("VALUE_DELIVERED", close="FIRST")

    assert Decimal(latest["measure"]["value"]) == Decimal(2000)
    assert Decimal(first["measure"]["value"]) == Decimal(3000)
