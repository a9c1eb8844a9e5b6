"""However a selection is worded, the same rows come of it."""

import pytest
from graphql import parse

import models
from resolvers.reads.documents import Documents
from schema import schema
from schema.execution import DOCUMENTS
from tests.support.factories import event, save, save_tree

WORDINGS = {
    "plainly": "{ticket(id: $id) {title milestones {title} company {name}}}",
    "in fragments": "{ticket(id: $id) {...A ...B}} fragment A on Ticket {title milestones {title}}"
    " fragment B on Ticket {company {name} ...C} fragment C on Ticket {title}",
    "in a fragment on an interface": "{ticket(id: $id) {... on Node {...A}}}"
    " fragment A on Ticket {title milestones {title} company {name}}",
    "inline": "{ticket(id: $id) {... {title} ... on Ticket {milestones {... on Milestone {title}}} company {name}}}",
    "twice": "{ticket(id: $id) {title title milestones {title} milestones {title} company {name}}}",
    "with directives": "{ticket(id: $id) {title @skip(if: false) milestones @include(if: true) {title}"
    " company {name @include(if: $yes)} code @include(if: $no) notes @skip(if: $yes)}}",
    "in two roots": "{ticket(id: $id) {title} ...More}"
    " fragment More on Query {ticket(id: $id) {milestones {title} company {name}}}",
}


@pytest.mark.parametrize("wording", [pytest.param(text, id=name) for name, text in WORDINGS.items()])
async def test_every_wording_of_a_selection_reads_the_same(ask, statements, wording):
    tree = await save_tree(children=0)
    variables = "$id: ID!" + (", $yes: Boolean!, $no: Boolean!" if "$yes" in wording else "")

    data = await ask(
        f"query({variables}) {wording}",
        id=tree.parent.id,
        **({"yes": True, "no": False} if "$yes" in wording else {}),
    )

    assert data == {
        "ticket": {
            "title": "Start Office Finance",
            "milestones": [{"title": "Onboarding"}],
            "company": {"name": tree.company.name},
        }
    }
    assert len(statements) == 3


async def test_aliases_of_a_relation_share_its_rows(ask, statements):
    tree = await save_tree(children=0)

    data = await ask(
        "query($id: ID!) { ticket(id: $id) { a: milestones { title } b: milestones { stage: title status } } }",
        id=tree.parent.id,
    )

    assert data["ticket"]["a"] == [{"title": "Onboarding"}]
    assert data["ticket"]["b"] == [{"stage": "Onboarding", "status": "PLANNED"}]
    assert len(statements) == 2


async def test_the_same_document_is_planned_again_for_other_booleans(ask):
    tree = await save_tree(children=0)
    document = (
        "query($id: ID!, $deep: Boolean!) { ticket(id: $id) { id milestones @include(if: $deep) { title } } }"
    )

    shallow = await ask(document, id=tree.parent.id, deep=False)
    deep = await ask(document, id=tree.parent.id, deep=True)

    assert shallow["ticket"] == {"id": tree.parent.id}
    assert deep["ticket"]["milestones"] == [{"title": "Onboarding"}]


async def test_a_plan_is_kept_for_the_next_time_and_holds_no_values(ask):
    tree = await save_tree(children=1)
    document = """query Kept($id: ID!, $first: Int, $after: String) {
        ticket(id: $id) { title events(first: $first, after: $after) { nodes { kind } } } }"""
    await ask(document, id=tree.parent.id)
    prepared = DOCUMENTS.find(schema, document)
    kept = list(prepared.plans.values())

    await ask(document, id=tree.children[0].id, first=7)
    await ask(document, id=tree.parent.id, first=8)

    assert list(prepared.plans.values()) == kept
    assert len(kept) == 1


async def test_what_is_kept_for_a_document_does_not_grow_with_what_callers_send(ask):
    document = """query Grown($first: Int, $name: CompanyFilter, $yes: Boolean = true) {
        companies(first: $first, filter: $name) { nodes { id name @include(if: $yes) } } }"""
    await ask(document)
    size = DOCUMENTS.bytes

    for number in range(20):
        await ask(document, first=number + 1, name={"name": {"eq": "x" * 200 + str(number)}})

    assert DOCUMENTS.bytes == size


def test_documents_are_kept_within_their_bytes():
    documents = Documents(most_bytes=100_000)
    for number in range(100):
        text = f"query Q{number} {{ companies {{ nodes {{ id name }} }} }}"
        documents.keep(schema, text, parse(text), ())

    assert documents.bytes <= 100_000
    assert 10 < len(documents) < 30
    assert documents.find(schema, "query Q99 { companies { nodes { id name } } }")


async def test_a_type_name_alone_is_an_answer(ask):
    tree = await save_tree(children=0)

    data = await ask(
        "query($id: ID!) { ticket(id: $id) { __typename milestones { __typename } } }", id=tree.parent.id
    )

    assert data["ticket"] == {"__typename": "Ticket", "milestones": [{"__typename": "Milestone"}]}


async def test_pages_below_many_rows_take_one_statement(ask, statements):
    tree = await save_tree(children=2)
    await save_events(tree.parent.id, 5)
    document = """query($id: ID!) { ticket(id: $id) { children {
        first: events(first: 2) { totalCount nodes { seq } pageInfo { hasNextPage endCursor } }
        again: events(first: 2) { edges { node { kind } cursor } }
        last: events(last: 1) { nodes { seq } pageInfo { hasPreviousPage } }
    } } }"""

    data = await ask(document, id=tree.parent.id)

    for child in data["ticket"]["children"]:
        assert child["first"]["nodes"] == [{"seq": 1}, {"seq": 2}]
        assert child["first"]["totalCount"] == 5
        assert child["first"]["pageInfo"]["endCursor"] == child["again"]["edges"][1]["cursor"]
        assert child["last"] == {"nodes": [{"seq": 5}], "pageInfo": {"hasPreviousPage": True}}
    # The ticket, its children, the first page with its count, and the last page.
    assert len(statements) == 5


async def test_a_page_below_continues_at_its_cursor(ask):
    tree = await save_tree(children=0)
    await save_events(tree.parent.id, 3)
    document = """query($id: ID!, $after: String) { ticket(id: $id) {
        events(first: 2, after: $after) { nodes { seq } pageInfo { endCursor hasNextPage } } } }"""

    first = (await ask(document, id=tree.parent.id))["ticket"]["events"]
    second = (await ask(document, id=tree.parent.id, after=first["pageInfo"]["endCursor"]))["ticket"][
        "events"
    ]

    assert [node["seq"] for node in first["nodes"] + second["nodes"]] == [1, 2, 3]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def save_events(stream_id: str, number_of: int) -> None:
    stream = models.Stream(id=stream_id, seq=number_of)
    await save(stream, *(event(stream, seq) for seq in range(1, number_of + 1)))
