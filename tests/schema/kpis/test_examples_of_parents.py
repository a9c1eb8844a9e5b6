"""Examples of the way from a sale to its delivery, worked out by hand in each definition, here by the hub."""

import models
from tests.schema.kpis.conftest import at
from tests.schema.kpis.example_rows import children, closed, completed, left_out, sale
from tests.support.factories import NOW, save


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
