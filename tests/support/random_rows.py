"""Rows of every model with random values: nulls, Unicode, quotes, control characters, extreme numbers and dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from graphql import GraphQLEnumType, get_named_type
from tortoise import fields

import models
from models.identity import Row, new_id
from resolvers.reads.row_types import row_types
from resolvers.reads.sources import ColumnSource
from schema import schema
from tests.support.factories import number, save

TEXTS = (
    "",
    " ",
    '"',
    "'",
    "\\",
    "\\u0041",
    "''\"\\\\",
    "perché l’àncora",
    "🎉 ｆｕｌｌ ‮ rtl",
    "\u2028\u2029\u0085\ufeff",
    "\n\r\t\b\f\x0b",
    "\x01\x02\x03\x1f\x7f",
    '\x02"\x03[1]\x03',
    "{row} {today} %s $1 ?1 :a",
    "null",
    "a" * 60,
    "</script>",
    "0",
    "1e5",
)
DAYS = (
    date(1, 1, 2),
    date(1999, 12, 31),
    date(2026, 11, 23),
    date(2026, 11, 24),
    date(2028, 2, 29),
    date(9999, 12, 30),
)
EDGES = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC))
LISTS: dict[str, Any] = {
    "depends_on": [[], [1], [3, 1, 2], [2147483647, -2147483648, 0]],
    "workflow_roles": [[], ["Consulente"], list(TEXTS)],
    "aliases": [[], list(TEXTS)],
    "candidate_line_ids": [[], ["tln_1", '"']],
}
ORDER = (
    models.Operator,
    models.Company,
    models.WorkflowTemplate,
    models.MilestoneTemplate,
    models.TaskTemplate,
    models.Service,
    models.Kit,
    models.KitLine,
    models.Ticket,
    models.TicketLine,
    models.Opportunity,
    models.UnmatchedOpportunity,
    models.Milestone,
    models.Task,
    models.CrmActivity,
    models.Comment,
    models.Link,
    models.IntakeItem,
    models.Action,
    models.ActionItem,
    models.ActionAttempt,
    models.Event,
)
PLAIN_NUMBERS = frozenset({"position", "number", "version", "seq", "task_count", "finished_task_count"})


class RandomRows:
    """Makes rows that refer to each other. `all` holds those made so far, by model."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = _words()
        self.all: dict[type[Row], list[Any]] = {}

    async def write(self, of_each: int) -> None:
        for model in ORDER:
            if model is models.Event:
                self.all[models.Stream] = [self._stream(one.id) for one in self.all[models.Ticket]]
                await save(*self.all[models.Stream])
            for _ in range(of_each):
                # One by one, because a row may refer to another one of its model.
                row = self._row(model)
                await save(row)
                self.all.setdefault(model, []).append(row)

    def _stream(self, tree_id: str) -> models.Stream:
        return models.Stream(id=tree_id, seq=self._random.choice([0, 5, 2**31]))

    def _row(self, model: type[Row]) -> Any:
        columns = {
            name: self._value(model, name, field)
            for name, field in model._meta.fields_map.items()
            if name in model._meta.fields_db_projection
            or name in model._meta.fk_fields | model._meta.o2o_fields
            if name != "id" and name not in model.sort_keys
        }
        references = model._meta.fk_fields | model._meta.o2o_fields
        columns = {
            (f"{name}_id" if name in references else name): value
            for name, value in columns.items()
            if name.removesuffix("_id") not in references or name in references
        }
        return model(**columns)

    def _value(self, model: type[Row], name: str, field: Any) -> Any:
        if name in model._meta.fk_fields | model._meta.o2o_fields:
            return self._reference(field)
        if field.null and self._random.random() < 0.35:
            return None
        return self._filled(model, name, field)

    def _reference(self, field: Any) -> str | None:
        if field.unique or (field.null and self._random.random() < 0.3):
            return None
        known = self.all.get(field.related_model, [])
        if not known and field.null:
            return None
        return self._random.choice(known).id

    def _filled(self, model: type[Row], name: str, field: Any) -> Any:
        random = self._random
        if name in ("entity_id", "cause"):
            return random.choice([self._any_id(), self._any_id(), new_id(models.Token.prefix), "none"])
        if name == "actor":
            known = self.all[models.Operator]
            return random.choice(
                [*(one.id for one in known), "system:engine", "system:", random.choice(TEXTS)]
            )
        if name in ("tree_id", "subject_id", "stream_id"):
            tickets = self.all.get(models.Ticket)
            return random.choice(tickets).id if tickets else "none"
        if field.unique:
            return number() if isinstance(field, fields.BigIntField) else f"U{number()}"
        if words := self._words.get((model, name)):
            return random.choice(words)
        if isinstance(field, fields.JSONField):
            choices = LISTS.get(name)
            if name == "mention_ids":
                choices = [[one.id for one in self.all[models.Operator]][::-1] * 2, [], ["opr_none"]]
            return (
                random.choice(choices) if choices else (field.default() if callable(field.default) else None)
            )
        return self._plain(name, field)

    def _any_id(self) -> str:
        return str(self._random.choice(self._random.choice([*self.all.values()])).id)

    def _plain(self, name: str, field: Any) -> Any:
        random = self._random
        match field:
            case fields.DatetimeField():
                return self._instant()
            case fields.DateField():
                return random.choice(DAYS)
            case fields.DecimalField():
                most = Decimal(10) ** field.max_digits - 1
                cents = random.choice(
                    [
                        Decimal(0),
                        Decimal(-50),
                        Decimal(random.randrange(10 ** min(6, field.max_digits))),
                        most,
                        -most,
                    ]
                )
                return cents.scaleb(-field.decimal_places)
            case fields.BooleanField():
                return random.random() < 0.5
            case fields.BigIntField() if name not in PLAIN_NUMBERS:
                return random.choice([0, -1, 2**31, 2**63 - 1, -(2**63) + 1])
            case fields.IntField() | fields.BigIntField():
                return number() % 97 if name.endswith("count") else number()
            case fields.CharField():
                return random.choice(TEXTS)[: field.max_length]
            case _:
                return random.choice(TEXTS)

    def _instant(self) -> datetime:
        random = self._random
        if not random.randrange(3):
            return random.choice(EDGES)
        micros = random.choice([0, 1, 120_000, 999_999])
        return datetime(2026, 11, 23, 9, 30, tzinfo=UTC) + timedelta(
            minutes=random.randrange(3), microseconds=micros
        )


def _words() -> dict[tuple[type[Row], str], list[str]]:
    """The words that columns may hold, by the enumerations that show them."""
    found: dict[tuple[type[Row], str], list[str]] = {}
    for row_type in row_types(schema).values():
        graphql_type: Any = schema._schema.type_map[row_type.name]
        for name, field in row_type.fields.items():
            kind = get_named_type(graphql_type.fields[name].type)
            if isinstance(field.source, ColumnSource) and isinstance(kind, GraphQLEnumType):
                column = field.source.name or field.attribute
                found[row_type.model, column] = [str(value.value) for value in kind.values.values()]
    return found
