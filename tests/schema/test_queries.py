import pytest

import models
from models.identity import new_id
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, save, save_tickets, save_tree


async def test_the_viewer_is_who_asks(execute, db):
    operator = factories.operator(name="Ada Bianchi")
    await save(operator)
    context = context_for(Role.OPERATOR, operator_id=operator.id)

    result = await execute("{ viewer { name role operator { name role } } }", context=context)

    assert result.data == {
        "viewer": {"name": "Ada", "role": "OPERATOR", "operator": {"name": "Ada Bianchi", "role": "OPERATOR"}}
    }


async def test_a_ticket_is_found_by_its_id_and_by_its_code(ask):
    [ticket] = await save_tickets({"title": "Digital"})
    document = "query($id: ID, $code: String) { ticket(id: $id, code: $code) { title } }"

    by_id, by_code = await ask(document, id=ticket.id), await ask(document, code=ticket.code)

    assert by_id == by_code == {"ticket": {"title": "Digital"}}


async def test_what_is_not_there_is_null(ask):
    missing = new_id("tck")

    data = await ask(
        "query($id: ID!) { ticket(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }", id=missing
    )

    assert data == {"ticket": None, "node": None, "nodes": [None]}


async def test_nodes_of_any_type_come_in_the_order_of_their_ids(ask, statements):
    tree = await save_tree(children=1)
    ids = [
        tree.company.id,
        tree.parent.id,
        new_id("tck"),
        tree.operator.id,
        tree.children[0].id,
        tree.company.id,
    ]

    data = await ask(
        """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
        ... on Ticket { code milestones { title } } ... on Company { name } } }""",
        ids=ids,
    )

    assert [node and node["id"] for node in data["nodes"]] == [*ids[:2], None, *ids[3:]]
    assert data["nodes"][0] == {"__typename": "Company", "id": ids[0], "name": tree.company.name}
    assert data["nodes"][1]["code"] == tree.parent.code
    assert data["nodes"][3] == {"__typename": "Operator", "id": tree.operator.id}
    # Companies, tickets, their milestones, operators.
    assert len(statements) == 4


TICKETS = (
    "query($first: Int, $after: String, $last: Int, $before: String) {"
    " tickets(first: $first, after: $after, last: $last, before: $before) { nodes { id } } }"
)
TICKET = "query($id: ID, $code: String) { ticket(id: $id, code: $code) { id } }"
FILTERED = "query($filter: TicketFilter) { tickets(filter: $filter) { nodes { id } } }"


@pytest.mark.parametrize(
    ("document", "variables", "argument"),
    [
        pytest.param(TICKETS, {"first": 0}, "first", id="no entries"),
        pytest.param(TICKETS, {"first": -1}, "first", id="fewer than none"),
        pytest.param(TICKETS, {"first": 101}, "first", id="too many entries"),
        pytest.param(TICKETS, {"last": 101}, "last", id="too many at the end"),
        pytest.param(TICKETS, {"first": 1, "last": 1}, "last", id="both ends"),
        pytest.param(TICKETS, {"after": "garbage"}, "after", id="no cursor"),
        pytest.param(TICKETS, {"before": "W10"}, "before", id="an empty cursor"),
        pytest.param(TICKET, {}, "id", id="neither id nor code"),
        pytest.param(TICKET, {"id": new_id("tck"), "code": "TCK-X-1-00"}, "id", id="id and code"),
        pytest.param(TICKET, {"id": "7"}, "id", id="no id"),
        pytest.param(TICKET, {"id": new_id("tck").upper()}, "id", id="an id in capitals"),
        pytest.param(TICKET, {"id": new_id("mil")}, "id", id="the id of a milestone"),
        pytest.param(
            "query($id: ID!) { node(id: $id) { id } }", {"id": new_id("zzz")}, "id", id="the id of nothing"
        ),
        pytest.param('{ nodes(ids: ["x"]) { id } }', {}, "ids", id="no ids"),
        pytest.param(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            {"ids": [new_id("tck")] * 101},
            "ids",
            id="too many ids",
        ),
        pytest.param(
            FILTERED, {"filter": {"code": {"in": ["TCK-X-1-00"] * 101}}}, "filter", id="too many values"
        ),
        pytest.param(
            FILTERED,
            {"filter": {"or": [{"code": {"eq": "TCK-X-1-00"}}] * 51}},
            "filter",
            id="too many comparisons",
        ),
        pytest.param(
            FILTERED,
            {"filter": {"not": {"not": {"not": {"not": {"not": {}}}}}}},
            "filter",
            id="a filter too deep",
        ),
        pytest.param(
            '{ opportunities(filter: {crmId: {eq: "twelve"}}) { nodes { id } } }',
            {},
            "filter",
            id="no CRM id",
        ),
        pytest.param(
            '{ opportunities(filter: {crmId: {eq: "9999999999999999999"}}) { nodes { id } } }',
            {},
            "filter",
            id="a CRM id too long",
        ),
    ],
)
async def test_an_argument_that_means_nothing_is_named(execute, document, variables, argument):
    result = await execute(document, **variables)

    [error] = result.errors
    assert (error.extensions["code"], error.extensions["argument"]) == ("BAD_USER_INPUT", argument)


LISTS = [
    "tickets",
    "opportunities",
    "companies",
    "operators",
    "services",
    "kits",
    "workflowTemplates",
    "intakeItems",
    "actions",
    "events",
]


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_can_be_read_by_a_viewer(ask, name):
    data = await ask(f"{{ {name} {{ totalCount nodes {{ id }} }} }}")

    assert data == {name: {"totalCount": 0, "nodes": []}}


TOKENS = "{ tokens { nodes { label operator { name } } } }"


async def save_token():
    operator = factories.operator(name="Ada")
    token = models.Token(
        operator_id=operator.id, kind="API", label="BI", digest=new_id("tok"), role="VIEWER", created_at=NOW
    )
    await save(operator, token)
    return token


async def test_tokens_are_for_administrators(execute, db):
    await save_token()

    shown = await execute(TOKENS, context=context_for(Role.ADMIN))
    refused = await execute(TOKENS, context=context_for(Role.OPERATOR))

    assert shown.data == {"tokens": {"nodes": [{"label": "BI", "operator": {"name": "Ada"}}]}}
    assert refused.data is None
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]


@pytest.mark.parametrize("selection", ["id", "__typename", "... on Token { label }"])
async def test_no_way_round_leads_to_a_token(execute, db, selection):
    token = await save_token()

    result = await execute(f"query($id: ID!) {{ node(id: $id) {{ {selection} }} }}", id=token.id)

    assert result.data == {"node": None}
    assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


async def test_a_kept_plan_does_not_open_the_door(execute, db):
    await save_token()
    await execute(TOKENS, context=context_for(Role.ADMIN))

    result = await execute(TOKENS, context=context_for(Role.VIEWER))

    assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


async def test_a_service_shows_the_current_version_of_its_workflow(ask):
    old = factories.template(code="FORM", version=1, current=False)
    current = factories.template(code="FORM", version=2)
    await save(old, current, factories.service(code="F40", workflow_code="FORM"), factories.service(code="Z"))

    data = await ask("{ services { nodes { code workflow { version } } } }")

    assert data["services"]["nodes"] == [
        {"code": "F40", "workflow": {"version": 2}},
        {"code": "Z", "workflow": None},
    ]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        pytest.param("Proposta", {"phase": "Proposta", "phaseId": None}, id="by its name"),
        pytest.param("53001", {"phase": None, "phaseId": "53001"}, id="by its number alone"),
        pytest.param(None, {"phase": None, "phaseId": None}, id="not at all"),
    ],
)
async def test_a_phase_is_shown_as_the_crm_gives_it(ask, stored, shown):
    [ticket] = await save_tickets({})
    await save(factories.opportunity(ticket, phase=stored))

    data = await ask("{ opportunities { nodes { phase phaseId } } }")

    assert data == {"opportunities": {"nodes": [shown]}}


async def test_an_unmatched_opportunity_without_a_code_shows_none(ask):
    [ticket] = await save_tickets({})
    columns = {"company_id": ticket.company_id, "reason": "NO_SERVICE", "candidate_line_ids": []}
    await models.UnmatchedOpportunity.create(
        crm_id=9, code="", title="Altro", status="OPEN", created_at=NOW, **columns
    )

    data = await ask("{ unmatchedOpportunities { nodes { code title } } }")

    assert data == {"unmatchedOpportunities": {"nodes": [{"code": None, "title": "Altro"}]}}


async def test_a_text_that_holds_nothing_is_null(ask):
    tree = await save_tree(children=0, milestones=1, tasks=1)
    await models.Ticket.filter(id=tree.parent.id).update(notes="")
    await models.Task.all().update(notes="Chiamare prima")
    query = "query ($id: ID!) { ticket(id: $id) { notes milestones { tasks { notes } } } }"

    ticket = (await ask(query, id=tree.parent.id))["ticket"]

    assert ticket["notes"] is None
    assert ticket["milestones"][0]["tasks"][0] == {"notes": "Chiamare prima"}
