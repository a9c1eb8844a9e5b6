"""The example of each definition, worked out by hand there, and here by the hub."""

from datetime import date

from tests.schema.kpis.conftest import at

DAY = {n: date(2026, 11, n) for n in range(1, 31)}


def due(original: date, current: date | None = None) -> dict:
    return {"original_due_on": original, "due_on": current or original}


def completed(first: str, latest: str | None = None) -> dict:
    """Of a milestone; if it was reopened, with both instants."""
    return {
        "status": "COMPLETED",
        "first_completed_at": at(first),
        "completed_at": at(latest or first),
        "reopened_count": int(latest is not None),
    }


def done(first: str, latest: str | None = None) -> dict:
    """The same of a task."""
    columns = completed(first, latest)
    names = {"first_completed_at": "first_finished_at", "completed_at": "finished_at"}
    return {names.get(name, name): value for name, value in columns.items()} | {"status": "DONE"}


def closed(created: str, first: str, latest: str | None = None) -> dict:
    """The same of a ticket."""
    columns = completed(first, latest)
    names = {"first_completed_at": "first_closed_at", "completed_at": "closed_at"}
    renamed = {names.get(name, name): value for name, value in columns.items()}
    return renamed | {"status": "CLOSED", "created_at": at(created)}


def left_out(figure) -> dict:
    return {one["reason"]: int(one["measure"]["value"]) for one in figure["exclusions"]}


async def test_punctuality(figure, work):
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


async def test_open(figure, work):
    await work.tasks(
        {"status": "TODO"},
        {"status": "IN_PROGRESS", "started_at": at("2026-11-20 09:00")},
        done("2026-11-20 09:00"),
        {"status": "SKIPPED", "finished_at": at("2026-11-20 09:00")},
    )
    await work.tasks({"status": "TODO"}, status="CANCELLED", cancelled_at=at("2026-11-20 09:00"))

    assert (await figure("OPEN"))["measure"]["value"] == "2"


async def test_late(figure, work):
    await work.tasks(
        due(DAY[20]),
        due(DAY[23]),
        due(DAY[20], DAY[25]),
        {**due(DAY[20]), **done("2026-11-21 09:00")},
        {**due(DAY[22]), "status": "IN_PROGRESS"},
    )

    assert (await figure("LATE"))["measure"]["value"] == "2"


async def test_progress(figure, work):
    skipped = {"status": "SKIPPED", "finished_at": at("2026-11-20 09:00")}
    finished = done("2026-11-20 09:00")
    await work.tasks(finished, {}, {}, {}, status="IN_PROGRESS")
    await work.tasks(finished, finished, finished, {}, skipped, status="IN_PROGRESS")
    await work.tasks(skipped, status="IN_PROGRESS")
    await work.tasks({}, status="PLANNED")
    await work.tasks(finished, **completed("2026-11-20 09:00"))

    progress = await figure("PROGRESS")

    assert (progress["measure"]["value"], progress["measure"]["count"]) == ("0.5000", 2)
    assert left_out(progress) == {"NOTHING_TO_DO": 1}
