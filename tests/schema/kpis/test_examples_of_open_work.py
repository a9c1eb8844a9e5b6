"""Examples of the work that is open, worked out by hand in each definition, here by the hub."""

from datetime import date
from decimal import Decimal

import models
from tests.schema.kpis.conftest import at
from tests.schema.kpis.example_rows import DAY, closed, completed, done, due, left_out, summed
from tests.support import factories
from tests.support.factories import NOW


async def test_open(figure, work):
    await work.tasks(
        {"status": "TODO"},
        {"status": "IN_PROGRESS", "started_at": at("2026-11-20 09:00")},
        done("2026-11-20 09:00"),
        {"status": "SKIPPED", "finished_at": at("2026-11-20 09:00")},
    )
    await work.tasks({"status": "TODO"}, status="CANCELLED", cancelled_at=at("2026-11-20 09:00"))

    assert (await figure("OPEN"))["measure"]["value"] == "2"


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
