"""Plans can be repeated, and each of them is large enough to show something."""

from dataclasses import replace

import pytest

from services.crm.sandbox.faults import Fault
from services.crm.sandbox.switches import Switches
from tests.faults.families import FAMILIES
from tests.faults.plan import Button, Family

EVERY = [pytest.param(family, id=name) for name, family in FAMILIES.items()]


@pytest.mark.parametrize("family", EVERY)
def test_a_seed_gives_the_same_plan_again_and_another_one_another(family: Family):
    assert family.plan(7) == family.plan(7)
    assert family.plan(7) != family.plan(8)


@pytest.mark.parametrize("family", EVERY)
def test_every_plan_presses_every_button_of_three_companies(family: Family):
    for seed in range(5):
        pressed = {(press.button, press.company) for press in family.plan(seed).presses}

        assert {button for button, _ in pressed} == set(Button)
        assert len({company for _, company in pressed}) >= 3


@pytest.mark.parametrize("family", EVERY)
def test_the_sandbox_understands_every_plan(family: Family):
    for seed in range(5):
        plan = family.plan(seed)

        assert [Fault.model_validate(fault).fault for fault in plan.faults] == [
            fault["fault"] for fault in plan.faults
        ]
        assert Switches.model_validate(plan.switches)


def test_faults_of_every_kind_have_their_twenty_seeds():
    assert {family.long for family in FAMILIES.values() if not family.control_of} == {20}


def test_a_control_carries_out_the_plans_of_its_family():
    controls = [family for family in FAMILIES.values() if family.control_of]

    assert {family.hook for family in controls} == {
        "no look-up",
        "no compare-and-set",
        "no limiter",
        "no reading back",
    }
    for family in controls:
        ours, theirs = family.plan(3), FAMILIES[family.control_of].plan(3)
        assert ours == replace(theirs, family=family.name, hook=family.hook)
