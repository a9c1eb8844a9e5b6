"""An active operator answers for a service."""

from dataclasses import replace

import pytest

from models import Event, Service
from services.operators import save_operator, set_responsible
from tests.support import factories
from tests.support.operator_drafts import GIULIA
from tests.support.refusals import refusal_of


async def test_a_responsible_is_recorded_as_a_change_of_the_service(giulia, events):
    await factories.save(factories.service(code="F40"))

    await set_responsible("F40", giulia.id, actor="opr_marta", events=events)
    await set_responsible("F40", None, actor="opr_marta", events=events)

    reported = await Event.filter(kind="SERVICE_SAVED").order_by("seq")
    assert [(one.actor, one.after["responsible_id"]) for one in reported] == [
        ("opr_marta", giulia.id),
        ("opr_marta", None),
    ]


@pytest.mark.parametrize(
    ("code", "active", "refused"),
    [
        pytest.param("F40", False, "INACTIVE_OPERATOR", id="somebody who left"),
        pytest.param("F41", True, "UNKNOWN_SERVICE", id="for nothing that is sold"),
    ],
)
async def test_an_unfit_operator_does_not_become_responsible(giulia, events, code, active, refused):
    await factories.save(factories.service(code="F40"))
    await save_operator(giulia.id, replace(GIULIA, active=active), actor="test", events=events)

    refusal = await refusal_of(set_responsible(code, giulia.id, actor="test", events=events))

    assert refusal.code == refused
    assert (await Service.get(code="F40")).responsible_id is None
