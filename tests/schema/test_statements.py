import pytest

from tests.support.factories import save_tree

DEEP = """
query Deep($id: ID!) {
  ticket(id: $id) {
    code
    company { name }
    owner { name }
    milestones { title tasks { title } }
    children { code milestones { title progress tasks { title status } } }
    lines { name }
    opportunities { title }
  }
}
"""


@pytest.mark.parametrize(
    ("children", "milestones", "tasks", "at_least"),
    [
        pytest.param(1, 1, 1, 10, id="ten nodes"),
        pytest.param(40, 6, 11, 3000, id="three thousand nodes"),
    ],
)
async def test_a_whole_tree_takes_ten_statements_whatever_its_size(
    ask, statements, children, milestones, tasks, at_least
):
    tree = await save_tree(children=children, milestones=milestones, tasks=tasks)

    data = await ask(DEEP, id=tree.parent.id)

    assert tree.node_count >= at_least
    assert len(data["ticket"]["children"]) == children
    assert len(data["ticket"]["children"][0]["milestones"][0]["tasks"]) == tasks
    assert len(statements) == 10


async def test_only_the_columns_asked_for_are_read(ask, statements):
    tree = await save_tree(children=1)

    await ask("query($id: ID!) { ticket(id: $id) { title } }", id=tree.parent.id)

    [statement] = statements
    assert statement.startswith(
        'SELECT "this"."title" AS c0, "this"."id" AS c1 FROM "ticket" AS "this" WHERE'
    )
