"""The operations that GraphiQL offers: each must run against today's schema."""

import json
from pathlib import Path

import pytest
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, build_schema, parse, validate, visit

ROOT = Path(__file__).parent.parent.parent
OPERATIONS = sorted((ROOT / "console" / "src" / "operations").glob("*.graphql"))
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_a_saved_operation_fits_the_schema(path):
    assert validate(SCHEMA, parse(path.read_text())) == []


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_a_saved_operation_has_a_title_and_the_variables_it_needs(path):
    text = path.read_text()
    operation = parse(text).definitions[0]
    values = path.with_suffix(".json")

    title, explanation, *_ = text.splitlines()
    given = json.loads(values.read_text()) if values.exists() else {}

    assert title.startswith("# ")
    assert explanation.startswith("# ")
    assert {variable.variable.name.value for variable in operation.variable_definitions or ()} == set(given)


def test_the_whole_story_is_there():
    fields = {
        selection.name.value
        for path in OPERATIONS
        for selection in parse(path.read_text()).definitions[0].selection_set.selections
    }

    assert fields >= {
        "importActivity",
        "ticket",
        "completeTask",
        "generateOpportunities",
        "syncOpportunities",
        "generateActivities",
        "action",
        "milestoneProgress",
    }


class Ids(Visitor):
    """The types whose ids a document shows."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.types: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value == "id" and (parent := self.info.get_parent_type()):
            self.types.add(parent.name)


def test_the_ids_that_operations_ask_for_are_shown_by_others():
    info = TypeInfo(SCHEMA)
    ids = Ids(info)
    for path in OPERATIONS:
        visit(parse(path.read_text()), TypeInfoVisitor(info, ids))

    assert ids.types >= {"Ticket", "Task", "Opportunity", "Action", "Company", "IntakeItem"}
