"""The sample data: whole, plausible, and planted once."""

from pathlib import Path

import pytest

from services.crm.sandbox.sample import sample_records
from tests.support.sandbox_client import Driver, SteeredClock, listening_sandbox

SALE = 63705
TOUR_ACTIVITY = 845155


def has_valid_check_digit(vat_id: str) -> bool:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(vat_id)]
    return len(vat_id) == 11 and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


@pytest.mark.parametrize("company", sample_records()["Company"], ids=lambda company: company["companyName"])
def test_the_vat_number_of_a_company_is_well_formed(company: dict[str, str]) -> None:
    assert has_valid_check_digit(company["vatId"])


async def test_every_record_is_planted_under_its_own_id(sampled_crm: Driver) -> None:
    for controller, records in sample_records().items():
        assert await sampled_crm.get(controller) == sorted(record["id"] for record in records)


async def test_the_sales_are_reported_apart_by_their_sub_type(sampled_crm: Driver) -> None:
    sales = await sampled_crm.search("Activity", f"subTypeId eq {SALE}")

    everything = await sampled_crm.get("Activity/Count")
    assert len(sales) == 17
    assert everything > len(sales)


async def test_the_sale_of_the_tour_names_its_kit_and_lies_in_the_past(
    sampled_crm: Driver, clock: SteeredClock
) -> None:
    sale = await sampled_crm.get(f"Activity/{TOUR_ACTIVITY}")

    company = await sampled_crm.get(f"Company/{sale['companyId']}")
    assert "Start Office Digital" in sale["subject"]
    assert company["companyName"] == "Officine Meccaniche Brembate S.r.l."
    assert sale["activityDate"] == "2026-11-21T09:30:00.000Z"


async def test_one_phase_wins_and_one_loses(sampled_crm: Driver) -> None:
    won = await sampled_crm.search("OpportunityPhase", "status eq 3 and weight eq 100")
    lost = await sampled_crm.search("OpportunityPhase", "status eq 4 and weight eq 0")
    under_way = await sampled_crm.search("OpportunityPhase", "status eq 1")

    assert (len(won), len(lost), len(under_way)) == (1, 1, 4)


async def test_new_records_continue_after_the_sample(sampled_crm: Driver) -> None:
    activity_id = await sampled_crm.save("Activity", subject="new")

    assert activity_id > max(record["id"] for record in sample_records()["Activity"])


async def test_the_sample_is_not_planted_again_over_what_was_changed(
    tmp_path: Path, clock: SteeredClock
) -> None:
    path = tmp_path / "crm.sqlite3"
    async with listening_sandbox(path, clock, seed=True) as crm:
        await crm.control("DELETE", f"records/Activity/{TOUR_ACTIVITY}")

    async with listening_sandbox(path, clock, seed=True) as crm:
        assert TOUR_ACTIVITY not in await crm.get("Activity")
        assert len(await crm.get("Company")) == 12
