"""The operations of the console and of GraphiQL: all are valid, and it is known which queries one statement answers."""

from typing import Any

import orjson
import pytest
from graphql import OperationType, parse

import models
from models.identity import new_id
from schema import schema
from schema.compiled import Answered, CompiledReads, Missed, Question
from schema.limits import prepare_document
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.console_documents import documents

COMPILED = CompiledReads(schema)

ANSWERED = frozenset(
    {
        "ActionsHere",
        "ActiveOperators",
        "AlberoDelTicket",
        "AndamentoDiUnAzione",
        "CrmErrors",
        "IntakeChoices",
        "NextTask",
        "RecentTickets",
        "RowDetails",
        "Subjects",
        "TicketCount",
        "TicketFacets",
        "TicketRecenti",
        "Tickets",
        "Timeline",
        "TodoTasks",
        "Tree",
    }
)
"""A field of these that becomes a function of Python would make them slow without a word. So they never miss."""

KEPT = frozenset({"Board", "KpiRows"})
"""What these answer is kept until something is written."""

NODES = {
    "Action": models.Action,
    "AndamentoDiUnAzione": models.Action,
    "IntakeItem": models.IntakeItem,
    "PlanMilestoneDate": models.Milestone,
    "PlanTaskDate": models.Task,
    "TaskPanel": models.Task,
}
"""What the id in a query is of; a ticket's in all others."""

VARIABLES: dict[str, Any] = {
    "ids": [new_id(models.Ticket.prefix)],
    "ticketId": new_id(models.Ticket.prefix),
    "code": "TCK-X-1-00",
    "first": 25,
    "count": True,
    "text": "rossi",
    "filter": {},
    "crmActivityId": "1",
    "companyId": new_id(models.Company.prefix),
    "opportunityId": new_id(models.Opportunity.prefix),
    "dueOn": "2026-12-18",
    "lastDays": 30,
    "interval": "WEEK",
    "figures": [],
    "load": [],
    "kits": [],
    "stages": [],
    "address": "unknown",
}


def _named(*kinds: OperationType) -> list[Any]:
    return [pytest.param(name, text, id=name) for name, text in documents(*kinds)]


@pytest.mark.parametrize(("name", "text"), _named(*OperationType))
def test_the_hub_takes_every_operation_of_the_console(name, text):
    prepared = prepare_document(schema, text)

    assert prepared is not None
    assert list(prepared.errors) == []


@pytest.mark.parametrize(("name", "text"), _named(OperationType.QUERY))
async def test_it_is_known_which_queries_of_the_console_are_compiled(db, name, text):
    asked = {one.variable.name.value for one in parse(text).definitions[0].variable_definitions or ()}  # type: ignore[union-attr]
    known = {**VARIABLES, "id": new_id(NODES.get(name, models.Ticket).prefix)}
    variables = {one: known[one] for one in asked if one in known}

    answer = await COMPILED.answer(Question(text, name, variables), context_for(Role.OPERATOR))

    if name in ANSWERED:
        assert isinstance(answer, Answered), answer
        assert orjson.loads(answer.json)["extensions"]["cost"]["statements"] == 1
    else:
        assert isinstance(answer, Missed), answer
        assert answer.reason == "function"
        assert (answer.place is not None) == (name in KEPT)
