"""What figures can be taken apart by."""

from datetime import date

import pytest

from tests.schema.kpis.example_rows import DAY, due
from tests.support import factories


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
