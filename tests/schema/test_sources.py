"""A declaration that cannot be kept is refused before anybody asks."""

from datetime import datetime
from typing import Any

import pytest
import strawberry

import models
from resolvers.reads.row_types import check_sources, row_types
from resolvers.reads.sources import RelationSource, column, computed, many, one, rows_of
from schema import schema
from schema.nodes import Node


def declare(annotation: Any, source: Any) -> type:
    """A type of tickets with one field."""
    shape = type("Shown", (), {"__annotations__": {"shown": annotation}, "shown": source})
    return rows_of(models.Ticket)(strawberry.type(shape))


def lookup(serial: str) -> str:
    return serial


@pytest.mark.parametrize(
    ("annotation", "source", "complaint"),
    [
        pytest.param(str, strawberry.field(description="?"), "has no source", id="a field without a source"),
        pytest.param(str, column("?", name="colour"), "no column 'colour'", id="an unknown column"),
        pytest.param(str, column("?", name="serial"), "may be null", id="a promise over a nullable column"),
        pytest.param(
            datetime, column("?", name="closed_at"), "may be null", id="an instant that may be missing"
        ),
        pytest.param(str, column("?", name="kit_id"), "may be null", id="a reference that may be missing"),
        pytest.param(
            str, computed(lambda colour: colour, "?"), "no column 'colour'", id="an unknown parameter"
        ),
        pytest.param(
            Node, one("?", by="colour_id"), "no column 'colour_id'", id="a relation by an unknown column"
        ),
    ],
)
def test_a_field_that_cannot_be_read_is_refused_at_import(annotation, source, complaint):
    with pytest.raises(TypeError, match=complaint):
        declare(annotation, source)


def test_what_may_be_null_and_what_a_function_needs_is_accepted():
    declare(str | None, column("?", name="serial"))
    declare(str, computed(lookup, "?"))


def test_a_relation_continuese_way():
    with pytest.raises(TypeError, match="either"):
        one("?")
    with pytest.raises(TypeError, match="either"):
        one("?", by="parent_id", back="parent_id")


@strawberry.type(description="Shows no rows.")
class Stranger:
    name: str = strawberry.field(description="?")


@rows_of(models.Milestone)
@strawberry.type(description="Shows milestones.")
class Stage:
    title: str = column("?")


@pytest.mark.parametrize(
    ("annotation", "source", "complaint"),
    [
        pytest.param(Stranger | None, one("?", by="kit_id"), "shows no rows", id="to a type without rows"),
        pytest.param(
            list[Stage], many("?", by="colour_id", size=9), "'colour_id'", id="by a column that they lack"
        ),
        pytest.param(
            list[Stage],
            many("?", by="ticket_id", size=9, order="colour"),
            "'colour'",
            id="in an unknown order",
        ),
        pytest.param(
            list[Stage],
            many("?", by="ticket_id", size=9, where={"colour": 1}),
            "'colour'",
            id="narrowed by an unknown column",
        ),
        pytest.param(Stage, many("?", by="ticket_id", size=9), "typed otherwise", id="many as one"),
        pytest.param(list[Stage], one("?", by="kit_id"), "typed otherwise", id="one as many"),
        pytest.param(Stage, one("?", by="kit_id"), "may be none", id="a promise over a nullable reference"),
        pytest.param(
            Stage, one("?", back="ticket_id"), "may be none", id="a promise over somebody else's reference"
        ),
    ],
)
def test_a_relation_that_leads_nowhere_is_refused_at_start(annotation, source, complaint):
    shown = declare(annotation, source)

    @strawberry.type(description="?")
    class Query:
        root: shown | None = strawberry.field(description="?")

    with pytest.raises(TypeError, match=complaint):
        check_sources(strawberry.Schema(Query))


def test_a_row_that_holds_little_can_be_shown_compared_and_kept_in_a_set():
    shape = declare(str, column("?", name="title"))
    one_row, other = object.__new__(shape), object.__new__(shape)

    assert repr(one_row) == "<Shown ?>"
    assert one_row != other
    assert len({one_row, other}) == 2


def test_every_relation_follows_an_index():
    """Without one a tree of three thousand nodes takes fifteen times as long."""
    unindexed = [
        f"{target.model.__name__}.{field.source.theirs}"
        for row_type in row_types(schema).values()
        for field in row_type.fields.values()
        if isinstance(field.source, RelationSource)
        for target in [row_types(schema)[field.target]]
        if field.source.theirs not in leading_columns(target.model)
    ]

    assert unindexed == []


def leading_columns(model: type[models.Ticket]) -> set[str]:
    """The columns by which an index of all its rows can be searched."""
    meta = model._meta
    unique = {name for name, field in meta.fields_map.items() if field.unique}
    references = {f"{name}_id" for name in meta.o2o_fields if meta.fields_map[name].unique}
    whole = [columns for columns in (*meta.indexes, *meta.unique_together) if isinstance(columns, tuple)]
    leading = {columns[0] for columns in whole}
    return {meta.pk_attr, *unique, *references, *leading}
