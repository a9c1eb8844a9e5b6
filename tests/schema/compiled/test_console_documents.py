"""The operations of the console and of GraphiQL: all are valid, and it is known which queries one statement answers."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import FragmentSpreadNode, OperationDefinitionNode, OperationType, parse, print_ast, visit
from graphql.language import Visitor

import models
from models.identity import new_id
from schema import schema
from schema.compiled import CompiledReads, Missed, Question
from schema.limits import prepare_document
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.repository import ROOT

COMPILED = CompiledReads(schema)
IN_TEMPLATES = re.compile(r"graphql\(\s*`(.*?)`", re.DOTALL)
OF_CLIENTS = re.compile(r" @_unmask\b")

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


def documents(*kinds: OperationType) -> Iterator[tuple[str, str]]:
    """Yield the operations of these kinds by name, each with the fragments that it needs."""
    fragments: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for text in _texts():
        for one in parse(OF_CLIENTS.sub("", text)).definitions:
            if not isinstance(one, OperationDefinitionNode):
                fragments[one.name.value] = one  # type: ignore[attr-defined]
            elif one.operation in kinds and one.name:
                operations[one.name.value] = one
    for name, operation in sorted(operations.items()):
        needed = _needed(operation, fragments)
        yield (
            name,
            "\n".join(print_ast(one) for one in (operation, *(fragments[it] for it in sorted(needed)))),
        )


def _named(*kinds: OperationType) -> list[Any]:
    return [pytest.param(name, text, id=name) for name, text in documents(*kinds)]


def _texts() -> Iterator[str]:
    source = ROOT / "console" / "src"
    for path in sorted([*source.rglob("*.ts"), *source.rglob("*.tsx")]):
        yield from IN_TEMPLATES.findall(path.read_text())
    for path in sorted((source / "operations").glob("*.graphql")):
        yield path.read_text()


def _needed(node: Any, fragments: dict[str, Any]) -> set[str]:
    found: set[str] = set()

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            found.add(node.name.value)

    visit(node, Spreads())
    for name in list(found):
        found |= _needed(fragments[name], fragments)
    return found


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
        assert isinstance(answer, bytes), answer
        assert orjson.loads(answer)["extensions"]["cost"]["statements"] == 1
    else:
        assert answer == Missed("function")
