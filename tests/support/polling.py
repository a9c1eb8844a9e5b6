"""Rounds of polling, and what they leave behind."""

from datetime import UTC, datetime

from models import CrmActivity, IntakeItem, PollMark
from services.intake.polling import Poller, PollSettings
from tests.support.hub import INTAKE_SUB_TYPE

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def be_due():
    await PollMark.all().update(holder=None, not_before=LONG_AGO)


async def be_tried_again():
    await IntakeItem.filter(next_try_at__isnull=False).update(next_try_at=LONG_AGO)


async def poll(hub):
    """A round, as if one were due."""
    await be_due()
    return await hub.poller.poll()


def poller_over(hub, **poll_settings):
    return Poller(
        crm=hub.crm,
        intake=hub.intake,
        sub_type_id=INTAKE_SUB_TYPE,
        settings=PollSettings(**poll_settings),
        clock=hub.clock,
    )


async def sources():
    return set(await CrmActivity.all().values_list("crm_id", flat=True))


async def mark():
    return await PollMark.get()
