"""How old our copy of the CRM is."""

from datetime import UTC, datetime, timedelta

import pytest

from models import ActionItem, Opportunity
from services.opportunities.mirror_age import mirror_age
from services.vocabulary import ItemKind, ItemOutcome, ItemReason

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FAILED = {"outcome": ItemOutcome.FAILED, "reason": ItemReason.CRM_REFUSED}


@pytest.fixture
async def company_id(children):
    """A company whose opportunities were seen two hours ago, and synchronised an hour ago."""
    await Opportunity.all().update(refreshed_at=NOW - timedelta(hours=2))
    await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).update(finished_at=NOW - timedelta(hours=1))
    return children[0].company_id


async def test_what_a_synchronisation_left_unchanged_was_seen_by_it(company_id):
    assert await mirror_age([company_id], now=NOW) == 3600


async def test_a_synchronisation_that_failed_saw_nothing(company_id):
    await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).update(**FAILED)

    assert await mirror_age([company_id], now=NOW) == 7200


async def test_the_oldest_opportunity_gives_the_age(company_id):
    await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).update(**FAILED)
    newest = await Opportunity.all().order_by("id").first()
    await Opportunity.filter(id=newest.id).update(refreshed_at=NOW)

    assert await mirror_age([company_id], now=NOW) == 7200


async def test_without_an_opportunity_there_is_no_age(hub, parent):
    assert await mirror_age([parent.company_id], now=NOW) is None
