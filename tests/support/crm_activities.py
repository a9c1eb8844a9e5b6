"""The activities in the CRM, as tests of their generation read them."""

import pytest

OPEN, COMPLETED = 1, 2
CREATE = {"controller": "Activity", "action": "create"}
CHANGE = {"controller": "Activity", "action": "update"}


impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


async def in_crm(sandbox):
    """The activities that we made, by the position of their milestone."""
    ours = [one for one in await sandbox.records("Activity") if one["subject"].startswith("[IH:")]
    found = {int(one["subject"].partition("]")[0].rpartition(":")[2]): one for one in ours}
    assert len(found) == len(ours), "Some milestone has two activities."
    return found


def day_of(record):
    return record["activityDate"][:10]
