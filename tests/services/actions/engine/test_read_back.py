"""An id that a create is answered with counts once a read of it shows our reference: answers lose digits."""

import pytest

from services.actions import Costs, Engine
from services.crm.errors import CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from tests.support.action_kinds import TIMING, press, work


@pytest.fixture
def engine(events, making):
    return Engine(kinds={"MAKE": making}, events=events, timing=TIMING, costs=Costs())


async def test_an_id_that_is_not_our_record_s_is_not_believed(engine, events, clock, making):
    making.script = ["committed, and another id answered"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert making.recorded == [("A", 100), ("B", 101)]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(CrmUnavailable("busy", retry_after=60), id="a pause"),
        pytest.param(CrmRefused("no", status=403), id="a refusal"),
        pytest.param(CrmOutcomeUnknown("lost"), id="no answer"),
        pytest.param(ZeroDivisionError(), id="a bug"),
    ],
)
async def test_an_id_that_cannot_be_read_leaves_the_outcome_open(engine, events, clock, making, error):
    making.read_script = [error]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert making.recorded == [("A", 100), ("B", 101)]


async def test_control_an_id_that_is_not_read_is_a_stranger_s(engine, events, clock, making, monkeypatch):
    async def believe(item, crm_id):
        return True

    monkeypatch.setattr(making, "carries", believe)
    making.script = ["committed, and another id answered"]
    await press(events, "A")

    await work(engine, clock)

    assert making.recorded == [("A", 46)]
