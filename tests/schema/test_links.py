"""Addresses of documents are attached to tickets, milestones and tasks."""

import pytest

import models
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import NOW, save

LINK = "id subjectId kind title url addedBy { name } addedAt"
ADD = f"""
mutation ($subject: ID!, $url: String!, $title: String!, $kind: LinkKind! = OTHER) {{
  addLink(subjectId: $subject, url: $url, title: $title, kind: $kind) {{
    link {{ {LINK} }} treeSeq changed {{ links {{ title }} tasks {{ id }} }} problems {{ code path }}
  }}
}}
"""
REMOVE = """
mutation ($id: ID!) {
  removeLink(linkId: $id) { removedId treeSeq changed { links { id } } problems { code path } }
}
"""
ADDRESS = "https://docs.example.it/d/4711?v=2#firma"


@pytest.fixture
async def giulia(db):
    giulia = factories.operator(name="Giulia")
    await save(giulia)
    return worker(operator_id=giulia.id)


@pytest.fixture
async def task(db):
    tree = await factories.save_tree(children=0)
    await factories.store_facts()
    await models.Event.all().delete()
    return await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first()


async def test_a_link_shows_who_attached_it_and_what_it_leads_to(execute, giulia, task):
    answer = await execute(
        ADD, giulia, subject=task.id, url=f" {ADDRESS} ", title=" Incarico ", kind="SIGNED_ENGAGEMENT"
    )

    payload = answer.data["addLink"]
    assert payload["link"] == {
        "id": payload["link"]["id"],
        "subjectId": task.id,
        "kind": "SIGNED_ENGAGEMENT",
        "title": "Incarico",
        "url": ADDRESS,
        "addedBy": {"name": "Giulia"},
        "addedAt": NOW.isoformat(),
    }
    assert payload["changed"] == {"links": [{"title": "Incarico"}], "tasks": [{"id": task.id}]}


async def test_the_same_address_again_updates_its_title(execute, giulia, task):
    await execute(ADD, giulia, subject=task.id, url=ADDRESS, title="Bozza")

    answer = await execute(ADD, giulia, subject=task.id, url=ADDRESS, title="Incarico", kind="FILING")

    link = answer.data["addLink"]["link"]
    assert (link["title"], link["kind"]) == ("Incarico", "FILING")
    assert await models.Link.all().count() == 1


async def test_the_same_address_may_belong_to_several_things(execute, giulia, task):
    for subject in (task.id, task.milestone_id, task.ticket_id):
        await execute(ADD, giulia, subject=subject, url=ADDRESS, title="Incarico")

    found = await execute(
        "query ($id: ID!) { ticket(id: $id) { links { url } milestones { links { title } tasks { links { url } } } } }",
        giulia,
        id=task.ticket_id,
    )

    assert found.data["ticket"]["links"] == [{"url": ADDRESS}]
    [milestone] = found.data["ticket"]["milestones"]
    assert milestone["links"] == [{"title": "Incarico"}]
    assert [one["links"] for one in milestone["tasks"]] == [[{"url": ADDRESS}], [], [], []]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.it/x",
        "//example.it",
        "example.it",
        "https://",
        "https:///x",
        "https://giulia:tramonto@example.it/",
        "https://example.it@evil.example/",
        "https://exa mple.it",
        "https://example.it/\nx",
        "https://example.it\\@evil.example/",
        "https://example.it/\u202egpj.exe",
        "https://[::1",
        "https://example.it:99999/",
        "",
    ],
)
async def test_only_the_address_of_a_page_can_be_attached(execute, giulia, task, url):
    answer = await execute(ADD, giulia, subject=task.id, url=url, title="Incarico")

    assert answer.errors is None
    assert answer.data["addLink"]["problems"] == [{"code": "BAD_USER_INPUT", "path": ["url"]}]
    assert await models.Event.all().count() == 0


@pytest.mark.parametrize(
    ("asked", "code", "path"),
    [
        pytest.param(
            {"url": "https://example.it/" + "x" * 2000}, "TEXT_TOO_LONG", ["url"], id="a long address"
        ),
        pytest.param({"title": " "}, "BAD_USER_INPUT", ["title"], id="no title"),
        pytest.param({"title": "x" * 201}, "TEXT_TOO_LONG", ["title"], id="a long title"),
        pytest.param({"subject": "tsk_x"}, "UNKNOWN_SUBJECT", ["subjectId"], id="no such task"),
    ],
)
async def test_an_impossible_link_is_a_problem_with_its_path(execute, giulia, task, asked, code, path):
    answer = await execute(
        ADD, giulia, **{"subject": task.id, "url": "http://example.it:8080/Perché", "title": "x", **asked}
    )

    assert answer.data["addLink"]["problems"] == [{"code": code, "path": path}]


async def test_a_hundred_links_are_as_many_as_there_can_be(execute, giulia, task):
    for number in range(100):
        await execute(ADD, giulia, subject=task.id, url=f"https://example.it/{number}", title="x")

    answer = await execute(ADD, giulia, subject=task.id, url="https://example.it/100", title="x")
    renamed = await execute(ADD, giulia, subject=task.id, url="https://example.it/7", title="y")

    assert answer.data["addLink"]["problems"] == [{"code": "TOO_MANY", "path": ["subjectId"]}]
    assert renamed.data["addLink"]["problems"] == []


async def test_a_removed_link_is_gone_and_the_log_shows_what_it_was(execute, giulia, task):
    added = await execute(ADD, giulia, subject=task.id, url=ADDRESS, title="Incarico")
    link_id = added.data["addLink"]["link"]["id"]

    answer = await execute(REMOVE, giulia, id=link_id)
    again = await execute(REMOVE, giulia, id=link_id)

    assert answer.data["removeLink"]["removedId"] == link_id
    assert answer.data["removeLink"]["changed"] == {"links": []}
    assert again.data["removeLink"]["problems"] == [{"code": "UNKNOWN_LINK", "path": ["linkId"]}]
    event = await models.Event.get(kind="LINK_REMOVED")
    assert (event.before["url"], event.after) == (ADDRESS, None)


async def test_the_links_of_a_tree_take_five_statements(execute, giulia, task, statements):
    for one in await models.Task.all():
        for number in range(3):
            await execute(ADD, giulia, subject=one.id, url=f"https://example.it/{number}", title=str(number))
    statements.clear()

    found = await execute(
        "query ($id: ID!) { ticket(id: $id) { milestones { tasks { links { title addedBy { name } } } } } }",
        giulia,
        id=task.ticket_id,
    )

    tasks = found.data["ticket"]["milestones"][0]["tasks"]
    assert [[link["title"] for link in one["links"]] for one in tasks] == [["2", "1", "0"]] * 4
    assert len(statements) == 5
