"""Actions are found by the tree that they touch, and their items by how they ended."""

import pytest

import models
from tests.support import factories
from tests.support.factories import NOW, save

ITEMS = """query ($id: ID!, $filter: ActionItemFilter) {
  node(id: $id) { ... on Action { items(filter: $filter) { totalCount nodes { position reason } } } } }"""
WRITTEN = """query ($id: ID!) { node(id: $id) { ... on Action {
  failed: items(filter: { outcomes: [FAILED] }) { nodes { position } }
  created: items(filter: { outcomes: [CREATED] }) { nodes { position } } } } }"""
OF_TREE = "query ($tree: ID!) { actions(filter: { treeId: { eq: $tree } }) { nodes { id } } }"


def _action(kind="SYNC_OPPORTUNITIES", **columns):
    return models.Action(kind=kind, status="COMPLETED", item_count=0, created_at=NOW, **columns)


def _item(action, position, **columns):
    return models.ActionItem(
        action_id=action.id,
        position=position,
        lane="",
        kind="SYNC_OPPORTUNITY",
        key=str(position),
        reference="",
        label="Formazione",
        next_try_at=NOW,
        created_at=NOW,
        **columns,
    )


@pytest.fixture
async def action(db):
    action = _action()
    await save(
        action,
        _item(action, 1, state="FINISHED", outcome="FAILED", reason="CRM_REFUSED"),
        _item(action, 2, state="FINISHED", outcome="CREATED"),
        _item(action, 3, state="PENDING"),
        _item(action, 4, state="FINISHED", outcome="SKIPPED", reason="CALLED_OFF"),
    )
    return action


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        pytest.param(None, [1, 2, 3, 4], id="all"),
        pytest.param({}, [1, 2, 3, 4], id="an empty filter"),
        pytest.param({"outcomes": ["FAILED", "SKIPPED"]}, [1, 4], id="by outcome"),
        pytest.param({"states": ["PENDING", "SENDING"]}, [3], id="by state"),
        pytest.param({"outcomes": ["CREATED"], "states": ["PENDING"]}, [], id="by both"),
        pytest.param({"outcomes": []}, [], id="none"),
    ],
)
async def test_items_are_found_by_outcome_and_state(ask, action, wanted, positions):
    found = (await ask(ITEMS, id=action.id, filter=wanted))["node"]["items"]

    assert [one["position"] for one in found["nodes"]] == positions
    assert found["totalCount"] == len(positions)


async def test_the_reason_of_an_item_is_a_code(ask, action):
    found = (await ask(ITEMS, id=action.id))["node"]["items"]["nodes"]

    assert [one["reason"] for one in found] == ["CRM_REFUSED", None, None, "CALLED_OFF"]


async def test_one_document_may_ask_for_the_items_under_several_filters(ask, action):
    found = (await ask(WRITTEN, id=action.id))["node"]

    assert found == {
        "failed": {"nodes": [{"position": 1}]},
        "created": {"nodes": [{"position": 2}]},
    }


async def test_a_tree_is_touched_by_what_is_for_it_its_company_or_everything(ask):
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    other = await factories.save_tree(children=1, milestones=1, tasks=1)
    opportunity = await models.Opportunity.get(ticket_id=tree.parent.id)
    theirs = await models.Opportunity.get(ticket_id=other.parent.id)
    touching = [
        _action("GENERATE_OPPORTUNITIES", ticket_id=tree.parent.id, company_id=tree.company.id),
        _action("FOLLOW_MILESTONES", ticket_id=tree.children[0].id),
        _action("GENERATE_ACTIVITIES", opportunity_id=opportunity.id),
        _action(company_id=tree.company.id),
        _action(),
    ]
    beside = [
        _action("GENERATE_OPPORTUNITIES", ticket_id=other.parent.id, company_id=tree.company.id),
        _action("GENERATE_ACTIVITIES", opportunity_id=theirs.id),
        _action(company_id=other.company.id),
        _action("CREATE_TICKET"),
    ]
    await save(*touching, *beside)

    found = (await ask(OF_TREE, tree=tree.parent.id))["actions"]["nodes"]

    assert {one["id"] for one in found} == {one.id for one in touching}
