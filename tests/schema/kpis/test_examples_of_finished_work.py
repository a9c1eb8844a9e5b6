"""Examples of what was finished and of what was due, worked out by hand in each definition, here by the hub."""

from datetime import date

from tests.schema.kpis.conftest import at
from tests.schema.kpis.example_rows import DAY, closed, completed, done, due, left_out, summed
from tests.support import factories
from tests.support.factories import save

DECEMBER = {"from": "2026-12-01", "to": "2027-01-01"}


async def test_on_time(figure, work):
    await work.milestones(
        {**due(DAY[10]), **completed("2026-11-10 15:00")},
        {**due(DAY[10], DAY[20]), **completed("2026-11-18 15:00")},
        {**due(DAY[10]), **completed("2026-11-09 15:00", "2026-11-12 15:00")},
        {**due(DAY[10]), "status": "CANCELLED", "cancelled_at": at("2026-11-10 15:00")},
    )
    summer = {"from": "2026-07-01", "to": "2026-08-01"}
    await work.milestones({**due(date(2026, 7, 10)), **completed("2026-07-10 22:30")})

    latest = await figure("ON_TIME")
    july = await figure("ON_TIME", period=summer)
    both = {"from": "2026-07-01", "to": "2026-12-01"}
    whole, first = await figure("ON_TIME", period=both), await figure("ON_TIME", period=both, close="FIRST")
    current = await figure("ON_TIME", period=both, against="CURRENT")

    assert (latest["measure"]["numerator"], latest["measure"]["count"]) == (1, 3)
    assert (july["measure"]["numerator"], july["measure"]["count"]) == (0, 1)
    assert (whole["measure"]["value"], whole["measure"]["numerator"]) == ("0.2500", 1)
    assert left_out(whole) == {"CANCELLED": 1}
    assert (first["measure"]["value"], first["measure"]["numerator"]) == ("0.5000", 2)
    assert current["measure"]["numerator"] == 2


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


async def test_finished(figure, work):
    await work.tasks(
        done("2026-11-03 09:00"),
        done("2026-11-30 09:00"),
        done("2026-11-05 09:00", "2026-12-02 09:00"),
        {"status": "SKIPPED", "finished_at": at("2026-11-07 09:00")},
        done("2026-11-30 23:30"),
    )
    await work.tasks({}, status="CANCELLED", cancelled_at=at("2026-11-08 09:00"))

    november = await figure("FINISHED")
    december = await figure("FINISHED", period={"from": "2026-12-01", "to": "2027-01-01"})
    first = await figure("FINISHED", close="FIRST")

    assert november["measure"]["value"] == "2"
    assert left_out(november) == {"CANCELLED": 1, "SKIPPED": 1}
    assert december["measure"]["value"] == "2"
    assert first["measure"]["value"] == "3"


async def test_due(figure, work):
    await work.tasks(
        {**due(DAY[10]), **done("2026-11-09 09:00")},
        due(DAY[10]),
        {**due(DAY[10]), "status": "SKIPPED", "finished_at": at("2026-11-09 09:00")},
        due(DAY[12], date(2026, 12, 3)),
        due(date(2026, 12, 1)),
    )

    original, current = await figure("DUE"), await figure("DUE", against="CURRENT")

    assert (original["measure"]["value"], left_out(original)) == ("3", {"SKIPPED": 1})
    assert current["measure"]["value"] == "2"


async def test_lead_time(figure, work):
    monday = "2026-11-30 08:00"
    await work.tickets(
        closed(monday, "2026-11-30 16:00"),
        closed(monday, "2026-12-02 16:00"),
        closed(monday, "2026-12-09 16:00"),
        closed(monday, "2026-12-04 16:00", "2026-12-14 16:00"),
        {"created_at": at(monday), "status": "CANCELLED", "cancelled_at": at("2026-12-01 09:00")},
    )
    period = {"from": "2026-11-30", "to": "2027-01-01"}

    latest = await figure("LEAD_TIME", subject="PARENTS", period=period)
    first = await figure("LEAD_TIME", subject="PARENTS", period=period, close="FIRST")

    def of(figure):
        return {one["name"]: one["measure"]["value"] for one in figure["statistics"]}

    assert (latest["measure"]["value"], latest["measure"]["count"]) == ("2", 4)
    assert of(latest) == {"MIN": "0", "MEDIAN": "2", "P85": "9", "MAX": "9"}
    assert of(first) == {"MIN": "0", "MEDIAN": "2", "P85": "6", "MAX": "6"}
    assert [one["measure"]["value"] for one in latest["buckets"]] == ["2", "0", "2", "0", "0"]
    assert left_out(latest) == {"CANCELLED": 1}


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
