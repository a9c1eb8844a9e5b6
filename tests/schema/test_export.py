from pathlib import Path

from schema import schema

EXPORTED = Path(__file__).parents[2] / "schema.graphql"


def test_the_exported_schema_is_the_one_that_the_code_says():
    assert EXPORTED.read_text() == schema.as_str() + "\n", "Run `python -m server schema export`."
