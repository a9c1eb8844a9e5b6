from datetime import timedelta

import pytest

import models
from tests.support.factories import NOW, TODAY, save_tickets, save_tree


async def test_a_list_is_paged_in_its_order(ask, statements):
    tickets = await save_tickets(*({"due_on": TODAY + timedelta(days=n // 2)} for n in range(5)))
    ids = [one.id for one in sorted(tickets, key=lambda one: (one.due_on, one.id))]
    document = """query($after: String) { tickets(first: 2, after: $after, orderBy: DUE_ON_ASC) {
        totalCount nodes { id } edges { cursor node { id } } pageInfo {
            hasNextPage hasPreviousPage startCursor endCursor } } }"""

    first = (await ask(document))["tickets"]
    second = (await ask(document, after=first["pageInfo"]["endCursor"]))["tickets"]

    assert first["totalCount"] == second["totalCount"] == 5
    assert [node["id"] for node in first["nodes"] + second["nodes"]] == ids[:4]
    assert [edge["node"] for edge in first["edges"]] == first["nodes"]
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    assert second["pageInfo"]["hasPreviousPage"]
    assert len(statements) == 4


async def test_nothing_is_counted_unless_asked(ask, statements):
    await save_tickets({})

    await ask("{ tickets { nodes { milestones { progress } } } }")

    assert len(statements) == 2
    assert not any('COUNT(*) FROM "ticket"' in statement for statement in statements)


async def test_a_page_holds_twenty_five_by_default(ask):
    await save_tickets(*({} for _ in range(30)))

    data = await ask("{ tickets { nodes { id } } last: tickets(last: 3) { nodes { id } } }")

    assert len(data["tickets"]["nodes"]) == 25
    assert len(data["last"]["nodes"]) == 3


async def test_an_empty_list_has_no_cursors(ask):
    data = await ask(
        "{ tickets { totalCount edges { cursor } pageInfo { startCursor endCursor hasNextPage } } }"
    )

    assert data["tickets"] == {
        "totalCount": 0,
        "edges": [],
        "pageInfo": {"startCursor": None, "endCursor": None, "hasNextPage": False},
    }


FILTERS = {
    "nothing": ({}, "abcd"),
    "one value": ({"status": {"eq": "OPEN"}}, "ab"),
    "one of several": ({"status": {"in": ["CLOSED", "CANCELLED"]}}, "cd"),
    "none of any": ({"status": {"in": []}}, ""),
    "two columns": ({"status": {"eq": "OPEN"}, "priority": {"eq": "HIGH"}}, "b"),
    "a day or later": ({"dueOn": {"gte": str(TODAY + timedelta(days=2))}}, "cd"),
    "between": (
        {"dueOn": {"gte": str(TODAY + timedelta(days=1)), "lt": str(TODAY + timedelta(days=3))}},
        "bc",
    ),
    "no value": ({"closedAt": {"eq": None}}, "abd"),
    "an instant": ({"closedAt": {"eq": NOW.isoformat()}}, "c"),
    "an instant of another zone": ({"closedAt": {"eq": "2026-11-23T10:30:00+01:00"}}, "c"),
    "a null comparison says nothing": ({"closedAt": None}, "abcd"),
    "or": ({"or": [{"status": {"eq": "CLOSED"}}, {"priority": {"eq": "HIGH"}}]}, "bc"),
    "or of nothing": ({"or": []}, ""),
    "and": ({"and": [{"status": {"eq": "OPEN"}}, {"priority": {"eq": "HIGH"}}]}, "b"),
    "not": ({"not": {"status": {"eq": "OPEN"}}}, "cd"),
    "not later, with what has no value": ({"not": {"closedAt": {"gte": "2026-01-01T00:00:00Z"}}}, "abd"),
    "not neither": ({"not": {"or": [{"status": {"eq": "OPEN"}}, {"status": {"eq": "CLOSED"}}]}}, "d"),
}


@pytest.mark.parametrize(
    ("wanted", "titles"), [pytest.param(*case, id=name) for name, case in FILTERS.items()]
)
async def test_a_filter_lets_through_what_it_says(ask, wanted, titles):
    await save_tickets(
        {"title": "a", "due_on": TODAY},
        {"title": "b", "due_on": TODAY + timedelta(days=1), "priority": "HIGH"},
        {"title": "c", "due_on": TODAY + timedelta(days=2), "status": "CLOSED", "closed_at": NOW},
        {"title": "d", "due_on": TODAY + timedelta(days=3), "status": "CANCELLED"},
    )

    data = await ask(
        "query($filter: TicketFilter) { tickets(filter: $filter, orderBy: DUE_ON_ASC) { totalCount nodes { title } } }",
        filter=wanted,
    )

    assert "".join(node["title"] for node in data["tickets"]["nodes"]) == titles
    assert data["tickets"]["totalCount"] == len(titles)


async def test_a_record_is_found_by_its_number_in_the_crm(ask):
    tree = await save_tree(children=2)
    wanted = await models.Opportunity.filter(ticket_id=tree.parent.id).first()

    data = await ask(
        "query($crmId: ID!) { opportunities(filter: {crmId: {eq: $crmId}}) { nodes { id crmId } } }",
        crmId=str(wanted.crm_id),
    )

    assert data["opportunities"]["nodes"] == [{"id": wanted.id, "crmId": str(wanted.crm_id)}]
