"""A compiled query answers exactly as the same query executed field by field."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import models
from schema import schema
from schema.compiled import CompiledReads, Missed, Question
from services.crm.pages import CrmPages
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.random_documents import Known, RandomDocument
from tests.support.random_rows import RandomRows

EXAMPLES = 60
COMPILED = CompiledReads(schema)
PAGES = CrmPages(company='https://crm.example/"{id}"?{today}', opportunity="l'{id}{id}")

_known: dict[int, Known] = {}


def canonical(value: Any) -> str:
    """The JSON of a value, in its order. A whole number is the same with a fraction of zero."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


async def stocked(database: object, random: Random) -> Known:
    """Fill the database once, and return what its rows are called."""
    if id(database) not in _known:
        rows = RandomRows(random)
        await rows.write(of_each=6)
        ids = [one.id for made in rows.all.values() for one in made]
        _known[id(database)] = Known(ids, [one.code for one in rows.all[models.Ticket]])
    return _known[id(database)]


@pytest.mark.parametrize("everything", [False, True], ids=["compilable fields", "all fields"])
# A smaller seed is no simpler document, so there is nothing to shrink.
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 2**32), role=st.sampled_from(Role))
async def test_a_compiled_query_answers_as_an_executed_one(db, monkeypatch, seed, role, everything):
    monkeypatch.setattr("services.reads.reader.READ_SECONDS", 600.0)
    random = Random(seed)
    known = await stocked(db, random)
    document = RandomDocument(random, known, everything)
    text, context = document.text(), context_for(role, crm_pages=PAGES)

    executed = await schema.execute(text, document.variables, context_value=context)
    answered = await COMPILED.answer(Question(text, None, document.variables), context)

    if isinstance(answered, Missed):
        # Below a link to a row that is not there, nobody else looks at the arguments.
        unseen = answered.reason == "arguments" and document.links
        may_miss = everything or answered.reason == "depth" or unseen or executed.errors
        assert may_miss, (answered, text, document.variables)
    else:
        assert not executed.errors, (executed.errors, text, document.variables)
        found = json.loads(answered.json)
        assert canonical(found["data"]) == canonical(executed.data), (text, document.variables)
        assert found["extensions"]["cost"]["requested"] == executed.extensions["cost"]["requested"]
        known.learn(found["data"])
