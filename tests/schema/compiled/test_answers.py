"""What one compiled statement answers, as callers see it over HTTP."""

import sqlite3

import pytest

import models
from models.identity import new_id
from schema.execution import DOCUMENTS
from services.vocabulary import Role
from tests.support.factories import NOW, save_tickets, save_tree

TREE = """query Tree($id: ID!) { ticket(id: $id) { ...Shown treeSeq treeCursor children { ...Shown } } }
fragment Shown on Ticket { id progress sla milestones { title tasks { title dueOn } } }"""


async def logged(tree):
    """Give a tree the stream of events that every tree of the program has."""
    await models.Stream.create(id=tree.parent.id, seq=3)
    await log_event(tree, seq=3, change_id="chg_1", entity_id="tsk_1", actor="test")


async def log_event(tree, **columns):
    of_a_task = {"kind": "TASK_DONE", "entity": "Task", "cause": "test", "schema_version": 1}
    await models.Event.create(
        stream_id=tree.parent.id, occurred_at=tree.parent.created_at, **{**of_a_task, **columns}
    )


async def test_a_whole_tree_with_its_place_in_the_log_is_one_statement(caller, statements):
    tree = await save_tree(children=2)
    await logged(tree)

    answer = await caller.ask(TREE, id=tree.parent.id)

    assert answer.status == 200
    assert len(answer.json["data"]["ticket"]["children"]) == 2
    assert answer.json["data"]["ticket"]["treeSeq"] == 3
    assert answer.json["extensions"]["cost"]["statements"] == len(statements) == 1
    assert caller.count("compiled") == 1


async def test_a_page_with_its_count_and_place_is_one_statement(caller, statements):
    await save_tickets(*({"title": f"Vendita {n}"} for n in range(5)))
    page = """query ($after: String) { tickets(first: 2, after: $after, orderBy: TITLE_ASC) {
      totalCount nodes { title } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""

    first = (await caller.ask(page)).json["data"]["tickets"]
    second = (await caller.ask(page, after=first["pageInfo"]["endCursor"])).json["data"]["tickets"]

    assert [one["title"] for one in first["nodes"] + second["nodes"]] == [f"Vendita {n}" for n in range(4)]
    assert first["totalCount"] == second["totalCount"] == 5
    assert second["pageInfo"]["hasPreviousPage"]
    assert second["pageInfo"]["endCursor"] == second["edges"][1]["cursor"]
    assert len(statements) == caller.count("compiled") == 2


@pytest.mark.parametrize(("length", "shown"), [(3, 3), (4, 4), (7, 4)])
async def test_a_list_is_counted_up_to_a_bound_by_either_executor(caller, ask, monkeypatch, length, shown):
    monkeypatch.setattr("services.reads.statements.MOST_COUNTED", 3)
    [ticket] = await save_tickets({})
    await models.Stream.create(id=ticket.id, seq=length)
    for seq in range(1, length + 1):
        columns = {"change_id": new_id("chg"), "entity_id": ticket.id, "actor": "test"}
        await models.Event.create(
            stream_id=ticket.id,
            seq=seq,
            occurred_at=NOW,
            kind="TEST",
            entity="Ticket",
            cause="test",
            **columns,
        )
    await save_tickets(*({} for _ in range(length - 1)))
    query = "query ($id: ID!) { tickets { totalCount } ticket(id: $id) { events(first: 1) { totalCount } } }"

    compiled = (await caller.ask(query, id=ticket.id)).json["data"]
    executed = await ask(query, id=ticket.id)

    counts = {"tickets": {"totalCount": shown}, "ticket": {"events": {"totalCount": shown}}}
    assert compiled == executed == counts
    assert caller.count("compiled") == 1


async def test_what_was_done_by_whom_is_one_statement(caller, statements):
    tree = await save_tree(children=0)
    await models.Stream.create(id=tree.parent.id, seq=3)
    ada, task = tree.operator, await models.Task.first()
    by_a_person, by_the_hub, by_one_who_is_gone = (new_id("chg") for _ in range(3))
    await log_event(tree, seq=1, change_id=by_a_person, entity_id=task.id, actor=ada.id)
    await log_event(tree, seq=2, change_id=by_the_hub, entity_id=tree.parent.id, actor="system:poller")
    await log_event(tree, seq=3, change_id=by_one_who_is_gone, entity_id=new_id("tsk"), actor="opr_gone")
    register = """query ($filter: EventFilter) { changes(filter: $filter, automatic: true) { nodes {
        by { ... on Actor { ... on Operator { id } ... on SystemActor { __typename name } } }
        first { node { __typename ... on Task { id } ... on Ticket { code } } } } } }"""
    statements.clear()

    async def done(change_id):
        answer = await caller.ask(register, filter={"changeId": {"eq": change_id}})
        [change] = answer.json["data"]["changes"]["nodes"]
        return change["by"], change["first"]["node"]

    assert await done(by_a_person) == ({"id": ada.id}, {"__typename": "Task", "id": task.id})
    assert await done(by_the_hub) == (
        {"__typename": "SystemActor", "name": "poller"},
        {"__typename": "Ticket", "code": tree.parent.code},
    )
    assert await done(by_one_who_is_gone) == ({"__typename": "SystemActor", "name": "opr_gone"}, None)
    assert len(statements) == caller.count("compiled") == 3


async def test_a_row_that_the_caller_may_not_see_is_refused_as_ever(caller):
    tree = await save_tree(children=0)
    await models.Stream.create(id=tree.parent.id, seq=1)
    await log_event(tree, seq=1, change_id="chg_1", entity_id=new_id("tok"), actor="system:poller")

    answer = await caller.ask(
        "query ($id: ID!) { events(filter: { streamId: { eq: $id } }) { nodes { node { id } } } }",
        id=tree.parent.id,
    )

    assert answer.codes == ["FORBIDDEN"]
    assert caller.count("executed", "doubt") == 1


async def test_an_answer_keeps_the_envelope_of_every_answer(caller):
    plain = await caller.post({"query": "{ tickets { nodes { id } } }"})
    asked = await caller.post(
        {"query": "{ tickets { nodes { id } } }", "variables": None, "operationName": None, "extensions": {}},
        accept="application/graphql-response+json",
    )

    assert plain.headers["content-type"] == "application/json"
    assert asked.headers["content-type"] == "application/graphql-response+json"
    assert plain.headers["x-request-id"] != asked.headers["x-request-id"]
    assert plain.headers["cache-control"] == "no-store"
    assert caller.count("compiled") == 2


async def test_a_client_that_would_also_accept_streams_is_answered_by_a_compiled_statement(caller):
    """As urql asks, the console's client, and as strict ones do that want nothing else."""
    several = (
        "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, "
        "multipart/mixed"
    )

    answers = [
        await caller.post({"query": "{ tickets { nodes { id } } }"}, accept=accepted)
        for accepted in (several, "multipart/mixed;deferSpec=20220824", "text/event-stream")
    ]

    assert [one.headers["content-type"] for one in answers] == [
        "application/graphql-response+json",
        "application/json",
        "application/json",
    ]
    assert [one.json["data"] for one in answers] == [{"tickets": {"nodes": []}}] * 3
    assert caller.count("compiled") == 3


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(
            {"query": "query A { work { mine } } query B { work { mine } }"}, "BAD_REQUEST", id="unnamed"
        ),
        pytest.param(
            {"query": "query A { work { mine } }", "operationName": "B"}, "BAD_REQUEST", id="unknown"
        ),
        pytest.param(
            {"query": "{ tickets { nodes { nonsense } } }"}, "GRAPHQL_VALIDATION_FAILED", id="invalid"
        ),
        pytest.param({"query": "{ tickets {"}, "GRAPHQL_PARSE_FAILED", id="broken"),
        pytest.param({"query": ""}, "BAD_REQUEST", id="empty"),
        pytest.param({"query": "{ tickets(first: 101) { nodes { id } } }"}, "BAD_USER_INPUT", id="too many"),
        pytest.param({"query": '{ ticket(code: "\\u0000") { id } }'}, "BAD_USER_INPUT", id="not storable"),
        pytest.param({"query": '{ ticket(id: "cmp_1") { id } }'}, "BAD_USER_INPUT", id="no id"),
    ],
)
async def test_what_is_wrong_is_refused_as_ever(caller, sent, code):
    answer = await caller.post(sent)

    assert answer.codes == [code]
    assert caller.count("compiled") == 0


async def test_the_named_operation_of_several_is_answered(caller):
    tickets = await save_tickets({})
    both = "query A { tickets { nodes { id } } } query B { tickets { totalCount } }"

    first = await caller.post({"query": both, "operationName": "A"})
    second = await caller.post({"query": both, "operationName": "B"})

    assert first.json["data"] == {"tickets": {"nodes": [{"id": tickets[0].id}]}}
    assert second.json["data"] == {"tickets": {"totalCount": 1}}
    assert caller.count("compiled") == 2


async def test_each_value_of_a_condition_has_an_answer_of_its_own(caller):
    await save_tickets({})
    query = "query ($count: Boolean!) { tickets { totalCount @include(if: $count) nodes { code @skip(if: $count) } } }"

    counted, listed = await caller.ask(query, count=True), await caller.ask(query, count=False)

    assert counted.json["data"]["tickets"] == {"totalCount": 1, "nodes": [{}]}
    assert list(listed.json["data"]["tickets"]) == ["nodes"]
    assert caller.count("compiled") == 2


async def test_a_role_never_gets_the_answer_of_another(callers):
    admin, viewer = await callers(Role.ADMIN), await callers(Role.VIEWER)
    tokens, events = "{ tokens { nodes { label } } }", "{ events { nodes { kind } totalCount } }"

    seen = [await admin.ask(tokens), await admin.ask(events)]
    refused, hidden = await viewer.ask(tokens), await viewer.ask(events)

    assert [one.codes for one in seen] == [[], []]
    assert refused.codes == ["FORBIDDEN"]
    assert seen[1].json["data"]["events"]["totalCount"] > 0
    assert hidden.json["data"]["events"] == {"nodes": [], "totalCount": 0}
    assert admin.count("compiled") == 3
    assert viewer.count("executed", "forbidden") == 1


async def test_limits_are_checked_for_each_request_of_a_known_document(caller):
    query = "query ($n: Int) { tickets(first: $n) { nodes { children { milestones { tasks { id } } } } } }"

    codes = [(await caller.ask(query, n=n)).codes for n in (1, 0, 100, 1)]

    assert codes == [[], ["BAD_USER_INPUT"], ["COST_EXCEEDED"], []]
    assert caller.count("compiled") == 2


async def test_an_answer_with_too_many_entries_is_refused(caller, monkeypatch):
    monkeypatch.setattr("services.reads.reader.MOST_ENTRIES", 10)
    tree = await save_tree(children=1, milestones=3, tasks=4)

    answer = await caller.ask(TREE.replace("treeSeq treeCursor", ""), id=tree.parent.id)

    assert answer.codes == ["RESULT_TOO_LARGE"]
    assert caller.count("executed", "result_too_large") == 1


async def test_a_read_that_takes_too_long_is_not_begun_again(caller, statements, monkeypatch):
    monkeypatch.setattr("services.reads.reader.READ_SECONDS", 0.0)

    answer = await caller.ask("{ tickets { nodes { id } } }")

    assert answer.codes == ["READ_TIMEOUT"]
    assert caller.count("executed", "read_timeout") == 1
    assert statements == []


async def test_null_where_a_value_is_promised_is_the_error_that_it_was(caller):
    tree = await save_tree(children=0)

    answer = await caller.ask("query ($id: ID!) { ticket(id: $id) { id treeSeq } }", id=tree.parent.id)

    assert answer.codes == ["INTERNAL"]
    assert answer.json["data"] == {"ticket": None}
    assert caller.count("executed", "doubt") == 1


async def test_a_word_that_the_schema_does_not_know_is_the_error_that_it_was(caller):
    [ticket] = await save_tickets({"priority": "PERHAPS"})

    answer = await caller.ask("query ($id: ID!) { ticket(id: $id) { id priority } }", id=ticket.id)

    assert answer.codes == ["INTERNAL"]
    assert caller.count("executed", "doubt") == 1


async def test_a_mutation_runs_once(caller):
    tree = await save_tree(children=0)
    document = """query Look { tickets { totalCount } }
      mutation Rename($id: ID!) {
        updateTicket(ticketId: $id, input: { notes: "Nuovo" }) { ticket { version } problems { code } } }"""
    await caller.post({"query": document, "operationName": "Look"})

    sent = {"query": document, "operationName": "Rename", "variables": {"id": tree.parent.id}}
    answer = await caller.post(sent)

    assert answer.json["data"]["updateTicket"] == {"ticket": {"version": 2}, "problems": []}
    assert caller.count("executed", "no_query") == 1


async def test_a_field_that_python_computes_is_executed_with_its_whole_query(caller, statements):
    await save_tickets({})

    answer = await caller.ask("{ tickets { nodes { id availability { cancel { allowed } } } } }")

    assert answer.codes == []
    assert caller.count("executed", "function") == 1
    assert caller.count("compiled") == 0


@pytest.mark.only_on("sqlite")
async def test_a_query_that_sqlite_cannot_parse_is_executed(caller):
    tree = await save_tree(children=1)
    deep = "parent { " * 10 + "id" + " }" * 10

    answer = await caller.ask(f"query ($id: ID!) {{ ticket(id: $id) {{ {deep} }} }}", id=tree.children[0].id)

    assert answer.json["data"] == {"ticket": {"parent": {"parent": None}}}
    parsed = sqlite3.sqlite_version_info >= (3, 46)
    assert caller.count("compiled") == int(parsed)
    assert caller.count("executed", "depth") == int(not parsed)


async def test_what_is_compiled_counts_for_the_bound_of_kept_documents(caller, monkeypatch):
    monkeypatch.setattr(DOCUMENTS, "_most_bytes", 200_000)

    for n in range(40):
        await caller.ask(f"{{ a{n}: tickets {{ nodes {{ id title milestones {{ id title }} }} }} }}")

    assert 0 < DOCUMENTS.bytes <= 200_000
    assert len(DOCUMENTS) < 40
