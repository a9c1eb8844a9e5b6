"""Every figure has an example in its definition, and a test that works it out."""

import re

import pytest

from services.planning.kpis.definitions import DEFINITIONS
from services.planning.kpis.words import KpiKey
from tests.schema.kpis import (
    test_examples_of_finished_work,
    test_examples_of_money,
    test_examples_of_open_work,
    test_examples_of_parents,
    test_examples_of_sales_and_effects,
    test_workload,
)

WORKED_OUT = {
    name
    for module in (
        test_examples_of_finished_work,
        test_examples_of_money,
        test_examples_of_open_work,
        test_examples_of_parents,
        test_examples_of_sales_and_effects,
        test_workload,
    )
    for name in vars(module)
}


@pytest.mark.parametrize("key", list(KpiKey))
def test_a_definition_has_an_example_of_five_things_that_a_test_works_out(key):
    things = set(re.findall(r"\b[A-G]\b", DEFINITIONS[key].example))

    assert things >= set("ABCDE")
    assert f"test_{key.lower()}" in WORKED_OUT
