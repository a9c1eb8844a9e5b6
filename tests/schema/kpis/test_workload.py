"""The examples of what will be late and of who has too much to do, worked out by hand there, here by the hub."""

from datetime import date
from decimal import Decimal

import pytest

from tests.schema.kpis.conftest import at
from tests.support import factories
from tests.support.factories import save

MONDAY = date(2026, 11, 23)


def due(day: date, days: int = 1, **columns: object) -> dict:
    return {"due_on": day, "original_due_on": day, "sla_days": days, **columns}


@pytest.fixture
def stage(work):
    """A milestone that waits for those at some positions, with its tasks."""
    position = 0

    async def add(day: date, *tasks: dict, waits_for: tuple[int, ...] = (), **columns: object) -> int:
        nonlocal position
        position += 1
        [milestone] = await work.milestones(
            {**due(day), "position": position, "depends_on": list(waits_for), **columns}
        )
        rows = [
            factories.task(milestone, position=n, assignee_id=work.operator.id, **one)
            for n, one in enumerate(tasks, 1)
        ]
        await save(*rows)
        return position

    return add


async def test_at_risk(figure, behind, stage):
    done = {"status": "COMPLETED", "completed_at": at("2026-11-20 09:00")}
    # What is finished holds nothing up, so a milestone that waits for it begins today.
    free = (await stage(MONDAY, **done),)
    a = await stage(date(2026, 11, 25), due(MONDAY, 2), waits_for=free)
    await stage(date(2026, 11, 25), due(MONDAY, 1), waits_for=(a,))
    await stage(date(2026, 11, 24), due(MONDAY, 1), due(MONDAY, 3, mandatory=False), waits_for=free)
    await stage(date(2026, 11, 20), due(MONDAY, 5), waits_for=free)
    await stage(MONDAY, due(MONDAY, 5), waits_for=free)
    await stage(MONDAY, due(MONDAY, 5), waits_for=free, **done)

    at_risk = await figure("AT_RISK", period={"lastDays": 1})

    assert at_risk["measure"] | {"address": ""} == {
        "value": "2", "unit": "COUNT", "count": 2, "numerator": None, "address": "",
    }  # fmt: skip
    members = await behind(at_risk["measure"])
    assert sorted(one["at"][:10] for one in members["edges"]) == ["2026-11-22", "2026-11-24"]


async def test_a_ticket_is_at_risk_if_its_last_work_is_foreseen_after_its_due_date(figure, work, stage):
    await stage(date(2026, 12, 30), due(MONDAY, 5))
    await work.parent.filter(id=work.parent.id).update(due_on=date(2026, 11, 27))
    late = await figure("AT_RISK", subject="PARENTS", period={"lastDays": 1})
    await work.parent.filter(id=work.parent.id).update(due_on=date(2026, 11, 30))
    in_time = await figure("AT_RISK", subject="PARENTS", period={"lastDays": 1})

    assert (late["measure"]["value"], in_time["measure"]["value"]) == ("1", "0")


def hours(count: str, day: date, **columns: object) -> dict:
    return due(day, estimated_hours=Decimal(count), **columns)


async def test_load_share(figure, behind, ask, work):
    giulia, luca, ada = (factories.operator(weekly_hours=hours) for hours in (Decimal(20), Decimal(10), None))
    await save(giulia, luca, ada)
    friday = date(2026, 11, 27)
    await work.tasks(
        hours("30", friday, assignee_id=giulia.id),
        hours("6", friday, assignee_id=giulia.id),
        hours("24", date(2026, 11, 20), assignee_id=luca.id),
        hours("8", date(2026, 12, 23), assignee_id=giulia.id),
        hours("5", friday, assignee_id=ada.id),
    )

    share = await figure("LOAD_SHARE", period={"lastDays": 1})
    of_luca = await figure("LOAD_SHARE", period={"lastDays": 1}, filter={"operatorId": {"eq": luca.id}})

    assert (share["measure"]["value"], share["measure"]["count"]) == ("1.0000", 3)
    assert [(one["reason"], one["measure"]["value"]) for one in share["exclusions"]] == [("NO_CAPACITY", "1")]
    assert of_luca["measure"]["value"] == "1.2000"
    weights = [one["weight"] for one in (await behind(share["measure"]))["edges"]]
    assert weights == ["1.2000", "0.7500", "0.1500"]


async def test_the_load_of_each_operator_is_over_their_own_hours(ask, work, db):
    giulia, luca = factories.operator(weekly_hours=Decimal(20)), factories.operator(weekly_hours=Decimal(10))
    await save(giulia, luca)
    await work.tasks(
        hours("30", MONDAY, assignee_id=giulia.id),
        hours("10", MONDAY, assignee_id=giulia.id),
        hours("5", MONDAY, assignee_id=luca.id),
    )
    await factories.store_facts()

    data = await ask(
        "{ kpis(lastDays: 1, figures: [{key: LOAD_SHARE}]) { figures"
        " { groups(by: OPERATOR) { key measure { value } } } } }"
    )

    groups = {one["key"]: one["measure"]["value"] for one in data["kpis"]["figures"][0]["groups"]}
    assert groups == {giulia.id: "1.0000", luca.id: "0.2500"}
