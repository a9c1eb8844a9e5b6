"""The examples of the further definitions, worked out by hand there, and here by the hub."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import models
from tests.schema.kpis.conftest import at
from tests.schema.kpis.test_examples import DAY, closed, completed, done, due, left_out
from tests.support import factories
from tests.support.factories import NOW, save

DECEMBER = {"from": "2026-12-01", "to": "2027-01-01"}


def summed(figure) -> dict:
    return {one["name"]: one["measure"]["value"] for one in figure["statistics"]}


async def test_slip(figure, work):
    friday = date(2026, 12, 4)
    await work.milestones(
        {**due(friday), **completed("2026-12-03 09:00")},
        {**due(friday), **completed("2026-12-05 09:00")},
        {**due(friday), **completed("2026-12-07 09:00")},
        {**due(friday), **completed("2026-12-10 09:00")},
        {**due(friday, date(2026, 12, 11)), **completed("2026-12-10 09:00")},
    )

    original, current = (
        await figure("SLIP", period=DECEMBER),
        await figure("SLIP", period=DECEMBER, against="CURRENT"),
    )

    assert (summed(original)["MEDIAN"], summed(original)["P85"]) == ("1", "3")
    assert current["measure"]["value"] == "0"


async def test_redated(figure, work):
    finished = completed("2026-11-12 09:00")
    await work.milestones(
        {**due(DAY[10]), **finished},
        {**due(DAY[10], DAY[20]), **finished},
        {**due(DAY[10], DAY[5]), **finished},
        {**due(DAY[10]), **finished},
        {**due(DAY[10]), **finished},
    )

    assert (await figure("REDATED"))["measure"]["value"] == "0.4000"


async def test_cycle_time(figure, work):
    begun = {"started_at": at("2026-11-09 09:00")}
    await work.milestones(
        {**completed("2026-11-09 17:00"), **begun},
        {**completed("2026-11-11 17:00"), **begun},
        {**completed("2026-11-16 17:00"), **begun},
        {**completed("2026-11-16 17:00"), "started_at": at("2026-11-16 17:00")},
        {**begun, "status": "CANCELLED", "cancelled_at": at("2026-11-16 17:00")},
    )

    asked = await figure("CYCLE_TIME")

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("2", 3)
    assert left_out(asked) == {"CANCELLED": 1, "NEVER_STARTED": 1}


async def test_flow_efficiency(figure, behind, work):
    made, monday = "2026-11-02 08:00", {"started_at": at("2026-11-02 09:00")}
    a, b, c, *_ = await work.tickets(
        {**closed(made, "2026-11-13 16:00"), **monday},
        {**closed(made, "2026-11-04 16:00"), **monday},
        {**closed(made, "2026-11-02 16:00"), **monday},
        {**closed(made, "2026-11-04 16:00"), "started_at": at("2026-11-04 16:00")},
        {"created_at": at(made), "status": "CANCELLED", "cancelled_at": at("2026-11-03 09:00")},
    )
    worked = ((a, 4, 6), (a, 6, 10), (b, 2, 3), (c, 2, 2))
    for ticket, first, last in worked:
        [stage] = await work.milestones(completed(f"2026-11-{last:02} 15:00"), ticket=ticket)
        columns = {**done(f"2026-11-{last:02} 15:00"), "started_at": at(f"2026-11-{first:02} 09:00")}
        await save(factories.task(stage, assignee_id=work.operator.id, **columns))

    asked = await figure("FLOW_EFFICIENCY", subject="PARENTS")
    population = await behind(asked["measure"])

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("0.5455", 3)
    assert left_out(asked) == {"CANCELLED": 1, "NEVER_STARTED": 1}
    assert [edge["weight"] for edge in population["edges"]] == ["0.5555", "0.5000", "0.0000"]


async def test_time_to_onboarded(figure, work):
    later = "2026-11-03 09:00"
    sold = await work.tickets(
        closed(later, "2026-11-04 09:00"),
        closed(later, "2026-11-06 09:00", "2026-11-20 09:00"),
        closed(later, "2026-11-16 09:00"),
        {"created_at": at(later)},
        closed("2026-11-05 09:00", "2026-11-06 09:00"),
    )
    await save(*(sale(ticket, "2026-11-02 09:00") for ticket in sold[:4]))

    asked = await figure("TIME_TO_ONBOARDED")

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("2", 4)


def sale(ticket: models.Ticket, occurred_at: str) -> models.CrmActivity:
    return models.CrmActivity(
        role="SOURCE",
        tree_id=ticket.id,
        crm_id=factories.number(),
        subject="Venduto",
        ticket_id=ticket.id,
        occurred_at=at(occurred_at),
        created_at=NOW,
    )


async def children(work, parent: models.Ticket, *columns: dict) -> list[models.Ticket]:
    below = {"kind": "CHILD", "parent_id": parent.id, "tree_id": parent.id}
    return await work.tickets(*({**below, **one} for one in columns))


async def test_time_to_first_value(figure, work):
    made = {"created_at": at("2026-11-02 09:00")}
    a, b, c, _d, e = await work.tickets(
        made, made, made, made, {**made, "status": "CANCELLED", "cancelled_at": NOW}
    )
    [of_a], [of_b], [of_e] = [await children(work, one, {}) for one in (a, b, e)]
    await work.milestones(completed("2026-11-04 09:00"), completed("2026-11-10 09:00"), ticket=of_a)
    await work.milestones(completed("2026-11-06 09:00", "2026-11-20 09:00"), ticket=of_b)
    await work.milestones(completed("2026-11-05 09:00"), ticket=c)
    await work.milestones(completed("2026-11-09 09:00"), ticket=of_e)

    asked = await figure("TIME_TO_FIRST_VALUE")

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("2", 2)
    assert left_out(asked) == {"CANCELLED": 1}


async def test_time_to_delivered(figure, work):
    made = "2026-11-02 09:00"
    sold = {"created_at": at(made)}
    a, b, c, _d, e = await work.tickets(
        sold, sold, sold, sold, {**sold, "status": "CANCELLED", "cancelled_at": NOW}
    )
    await children(work, a, closed(made, "2026-11-04 09:00"), closed(made, "2026-11-06 09:00"))
    await children(work, b, closed(made, "2026-11-10 09:00"), {"status": "CANCELLED", "cancelled_at": NOW})
    await children(work, c, closed(made, "2026-11-04 09:00"), {})
    await children(work, e, closed(made, "2026-11-04 09:00"))

    asked = await figure("TIME_TO_DELIVERED")

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("4", 2)
    assert left_out(asked) == {"CANCELLED": 1}


async def test_onboarded(figure, work):
    await models.Ticket.filter(id=work.parent.id).update(created_at=at("2026-10-30 09:00"))
    made = "2026-11-02 09:00"
    await work.tickets(
        closed(made, "2026-11-04 09:00"),
        closed(made, "2026-11-05 09:00"),
        {"created_at": at(made)},
        {"created_at": at(made), "first_closed_at": at("2026-11-05 09:00"), "reopened_count": 1},
        {"created_at": at(made), "status": "CANCELLED", "cancelled_at": NOW},
    )

    asked = await figure("ONBOARDED")

    assert (asked["measure"]["value"], asked["measure"]["numerator"]) == ("0.5000", 2)
    assert left_out(asked) == {"CANCELLED": 1}


async def test_reopened(figure, work, behind):
    made = "2026-11-02 09:00"
    await work.tickets(
        closed(made, "2026-11-04 09:00"),
        closed(made, "2026-11-04 09:00", "2026-11-08 09:00"),
        {"first_closed_at": at("2026-11-20 09:00"), "reopened_count": 1},
        {**closed(made, "2026-11-04 09:00", "2026-11-20 09:00"), "reopened_count": 2},
        closed(made, "2026-12-01 09:00"),
    )

    asked = await figure("REOPENED")
    population = await behind(asked["measure"])

    assert (asked["measure"]["value"], asked["measure"]["numerator"]) == ("0.7500", 3)
    assert [edge["counts"] for edge in population["edges"]] == [True, True, True, False]


async def test_backlog(figure, work):
    await work.tasks({}, {}, {"status": "IN_PROGRESS"}, done("2026-11-20 09:00"))
    await work.tasks({}, status="CANCELLED", cancelled_at=NOW)

    assert (await figure("BACKLOG"))["measure"]["value"] == "2"


async def test_in_progress(figure, work):
    await work.milestones(
        {"status": "IN_PROGRESS"},
        {"status": "IN_PROGRESS"},
        {},
        completed("2026-11-20 09:00"),
        {"status": "CANCELLED", "started_at": NOW, "cancelled_at": NOW},
    )

    assert (await figure("IN_PROGRESS"))["measure"]["value"] == "2"


async def test_age(figure, work):
    days = ("2026-11-20 09:00", "2026-11-21 09:00", "2026-11-16 09:00")
    await work.tickets(*({"created_at": at(day)} for day in days), closed("2026-11-02 09:00", days[0]))

    asked = await figure("AGE", subject="PARENTS")

    assert asked["measure"]["count"] == 4
    assert (summed(asked)["MEDIAN"], summed(asked)["P85"]) == ("1", "5")


async def test_standstill(figure, work, behind):
    stages = await work.milestones({}, {}, {}, {}, completed("2026-11-20 09:00"))
    await factories.store_facts()
    changed = ("2026-11-23 08:00", "2026-11-20 09:00", "2026-11-19 09:00", "2026-11-09 09:00")
    for stage, instant in zip(stages[:4], changed, strict=True):
        await models.Milestone.filter(id=stage.id).update(updated_at=at(instant))

    asked = await figure("STANDSTILL")
    population = await behind(asked["measure"])

    assert (summed(asked)["MEDIAN"], summed(asked)["P85"]) == ("1", "10")
    assert [edge["weight"] for edge in population["edges"]] == ["10", "2", "1", "0"]


async def test_load(figure, work, behind):
    hours = [Decimal(text) for text in ("2", "1.5", "3", "8", "4")]
    days = [DAY[20], DAY[23], date(2026, 12, 7), date(2026, 12, 9), DAY[20]]
    await work.tasks(
        *(
            {**due(day), "estimated_hours": each, **(done("2026-11-20 09:00") if n == 4 else {})}
            for n, (day, each) in enumerate(zip(days, hours, strict=True))
        )
    )

    asked = await figure("LOAD")
    population = await behind(asked["measure"])

    assert (Decimal(asked["measure"]["value"]), asked["measure"]["count"]) == (Decimal("6.5"), 3)
    assert [Decimal(edge["weight"]) for edge in population["edges"]] == [3, 2, Decimal("1.5")]


@pytest.fixture
async def opportunities(work):
    amounts = [Decimal("1500.00"), Decimal("0.10"), Decimal("0.20"), None, Decimal("99.00")]
    instants = [
        "2026-11-02 09:00",
        "2026-11-03 09:00",
        "2026-11-04 09:00",
        "2026-11-05 09:00",
        "2026-10-05 09:00",
    ]
    statuses = ["WON", "LOST", "OPEN", "OPEN", "WON"]
    rows = [
        factories.opportunity(work.parent, amount=amount, created_at=at(instant), status=status)
        for amount, instant, status in zip(amounts, instants, statuses, strict=True)
    ]
    await save(*rows)


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
        factories.line(parent, position=n, service_id=sold.id, amount=Decimal("1000.00"))
        for n in range(1, len(child) + 1)
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


def waiting(status: str, reason: str, crm_id: int | None = None, **columns: Any) -> models.IntakeItem:
    n = crm_id or factories.number()
    texts = {"explanation": "", "subject": f"Vendita {n}", "description": ""}
    row = {"crm_activity_id": n, "status": status, "reason": reason, "created_at": NOW}
    return models.IntakeItem(**{**row, **texts, **columns})


async def test_recognised(figure, behind, work):
    made, before = at("2026-11-10 09:00"), {"created_at": at("2026-11-05 09:00")}
    tickets = await work.tickets({}, {}, {}, {}, {})
    a, b, c, entered, late = sources = [sale(ticket, "2026-11-02 09:00") for ticket in tickets]
    for source in sources:
        source.created_at = made
    late.created_at = at("2026-12-01 09:00")
    await save(
        *sources,
        waiting(
            "WAITING", "SALE_CHANGED", b.crm_id, created_at=at("2026-11-12 09:00"), ticket_id=b.ticket_id
        ),
        waiting("RESOLVED", "NO_KIT", c.crm_id, ticket_id=c.ticket_id, **before),
        waiting("WAITING", "AMBIGUOUS_KIT", **before),
        waiting("DISMISSED", "NEGATED", **before),
    )
    await effects({"kind": "CREATE_SALE", "crm_id": entered.crm_id, **finished("CREATED")}, attention=0)

    asked = await figure("RECOGNISED")
    population = await behind(asked["measure"])

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("0.4000", 5)
    assert left_out(asked) == {"DISMISSED": 1}
    counted = {edge["node"]["id"] for edge in population["edges"] if edge["counts"]}
    assert counted == {a.ticket_id, b.ticket_id}


async def test_inbox(figure, behind, db):
    await save(
        waiting("WAITING", "NO_KIT"),
        waiting("WAITING", "NO_KIT"),
        waiting("WAITING", "AMBIGUOUS_KIT"),
        waiting("RESOLVED", "NO_KIT"),
        waiting("DISMISSED", "NO_KIT"),
    )

    measure = (await figure("INBOX"))["measure"]

    assert measure["value"] == "3"
    assert (await behind(measure, order="DUE_ON_ASC"))["totalCount"] == 3


async def effects(*items: dict, attention: int) -> None:
    action = models.Action(
        kind="SYNC_OPPORTUNITIES",
        status="RUNNING",
        item_count=len(items),
        attention_count=attention,
        created_at=NOW,
    )
    await save(
        action,
        *(
            models.ActionItem(
                action_id=action.id,
                position=n,
                lane="",
                key=str(factories.number()),
                reference="",
                label="Formazione",
                next_try_at=NOW,
                created_at=NOW,
                **{"kind": "CREATE_OPPORTUNITY", **one},
            )
            for n, one in enumerate(items, 1)
        ),
    )


def finished(outcome: str) -> dict:
    return {"state": "FINISHED", "outcome": outcome}


async def test_crm_pending(figure, db):
    still_open = [
        {"state": state, "open_key": f"key-{n}"} for n, state in enumerate(("PENDING", "PENDING", "SENDING"))
    ]
    await effects(*still_open, finished("CREATED"), finished("FAILED"), attention=1)

    assert (await figure("CRM_PENDING"))["measure"]["value"] == "3"


async def test_crm_attention(figure, behind, db):
    pending = {"state": "PENDING", "open_key": "key"}
    await effects(finished("FAILED"), finished("NEEDS_ATTENTION"), finished("CREATED"), pending, attention=2)
    await effects(finished("FAILED"), attention=0)

    measure = (await figure("CRM_ATTENTION"))["measure"]

    assert measure["value"] == "2"
    assert len((await behind(measure))["edges"]) == 2


@pytest.mark.parametrize(
    ("key", "by", "parts"),
    [
        ("LATE", "LIGHT", {"ORANGE": "1", "RED": "1"}),
        ("OPEN", "LIGHT", {"ORANGE": "1", "RED": "1", "YELLOW": "1", "GREEN": "1"}),
        ("ONBOARDED", "COHORT", {"2026-11": "0.0000"}),
        ("OPPORTUNITIES", "OPPORTUNITY_STATUS", {"WON": "1", "LOST": "1", "OPEN": "2"}),
    ],
)
async def test_what_else_a_figure_can_be_taken_apart_by(ask, behind, work, opportunities, key, by, parts):
    days = (DAY[6], DAY[20], DAY[23], date(2026, 12, 21))
    await work.tasks(*(due(day) for day in days))
    await factories.store_facts()

    data = await ask(
        'query($figure: KpiRequest!, $by: KpiDimension!) { kpis(from: "2026-11-01", to: "2026-12-01",'
        " figures: [$figure]) { figures { groups(by: $by) { key measure { value count address } } } } }",
        figure={"key": key},
        by=by,
    )

    groups = data["kpis"]["figures"][0]["groups"]
    assert {group["key"]: group["measure"]["value"] for group in groups} == parts
    for group in groups:
        assert (await behind(group["measure"]))["totalCount"] == group["measure"]["count"]
