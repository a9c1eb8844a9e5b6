"""Where figures should be: administrators say so from a day on, and earlier days keep what held then."""

import pytest

import models
from services.events import Broadcast, EventLog
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.schema.kpis.example_rows import done, due
from tests.support import factories
from tests.support.factories import NOW, TODAY, save

SAVE = """mutation($key: KpiKey!, $subject: KpiSubject, $value: Decimal, $since: Date) {
  saveKpiTarget(key: $key, subject: $subject, value: $value, since: $since) {
    target { value since met setBy { name } }
    problems { code path }
  }
}"""
SHOWN = """query($figure: KpiRequest!) {
  kpis(lastDays: 3, figures: [$figure]) {
    figures { measure { value } target { value met since setBy { name } } series { from target } }
  }
}"""


@pytest.fixture
async def ada(db):
    row = factories.operator(name="Ada", role="ADMIN")
    await save(row)
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast())
    return context_for(Role.ADMIN, operator_id=row.id, events=events)


@pytest.fixture
def set_target(execute, ada):
    async def run(**variables):
        result = await execute(SAVE, ada, **variables)
        assert result.errors is None, result.errors
        return result.data["saveKpiTarget"]

    return run


async def test_a_target_holds_from_its_day_and_says_whether_it_is_met(ask, work, set_target):
    await work.tasks({**due(TODAY), **done("2026-11-22 09:00")}, {**due(TODAY), **done("2026-11-23 09:00")})
    await set_target(key="ON_TIME", subject="TASKS", value="0.8", since="2026-11-01")
    saved = await set_target(key="ON_TIME", subject="TASKS", value="0.95")

    asked = (await ask(SHOWN, figure={"key": "ON_TIME", "subject": "TASKS"}))["kpis"]["figures"][0]

    assert saved["target"] == {
        "value": "0.9500",
        "since": str(TODAY),
        "met": None,
        "setBy": {"name": "Ada"},
    }
    assert asked["target"] == {
        "value": "0.9500",
        "met": True,
        "since": str(TODAY),
        "setBy": {"name": "Ada"},
    }
    assert [point["target"] for point in asked["series"]] == ["0.8000", "0.8000", "0.9500"]


async def test_a_target_of_another_subject_says_nothing(ask, db, set_target):
    await set_target(key="ON_TIME", subject="MILESTONES", value="0.9")

    asked = (await ask(SHOWN, figure={"key": "ON_TIME", "subject": "TASKS"}))["kpis"]["figures"][0]

    assert asked["target"] is None


async def test_the_same_day_is_corrected_and_no_value_ends_a_target(ask, db, set_target):
    await set_target(key="LATE", value="5", since="2026-11-22")
    await set_target(key="LATE", value="3", since="2026-11-22")
    ended = await set_target(key="LATE", since=str(TODAY))

    asked = (await ask(SHOWN, figure={"key": "LATE"}))["kpis"]["figures"][0]

    assert ended == {"target": None, "problems": []}
    assert asked["target"] is None
    assert [point["target"] for point in asked["series"]] == [None, "3.0000", None]
    versions = await models.KpiTarget.all().order_by("since").values_list("version", flat=True)
    assert versions == [2, 1]
    assert await models.Event.filter(kind="KPI_TARGET_SAVED", entity="KpiTarget").count() == 3


@pytest.mark.parametrize(
    ("target", "path"),
    [
        pytest.param({"key": "ON_TIME", "value": "1.5"}, ["value"], id="a share beyond one"),
        pytest.param({"key": "LATE", "value": "-1"}, ["value"], id="less than nothing"),
        pytest.param({"key": "LATE", "value": "NaN"}, ["value"], id="no number"),
        pytest.param({"key": "OPEN", "value": "3"}, ["key"], id="no direction"),
        pytest.param({"key": "PROGRESS", "subject": "TASKS", "value": "1"}, ["subject"], id="not counted"),
        pytest.param({"key": "LATE", "value": "1", "since": "1900-01-01"}, ["since"], id="too long ago"),
    ],
)
async def test_what_cannot_be_a_target_is_a_problem_and_leaves_no_trace(db, set_target, target, path):
    answer = await set_target(**target)

    assert answer == {"target": None, "problems": [{"code": "BAD_USER_INPUT", "path": path}]}
    assert await models.KpiTarget.all().count() == 0
