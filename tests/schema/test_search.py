"""The search of the palette: whatever a few words may mean, the best first."""

import pytest

import models
from tests.support import factories
from tests.support.factories import NOW, save

SEARCH = """query($text: String!, $kinds: [SearchKind!], $first: Int) {
    search(text: $text, kinds: $kinds, first: $first) { more hits { title subtitle ranges { start end }
        node { __typename ... on Node { id } ... on Ticket { code status } ... on Task { ticket { code } } } } } }"""


@pytest.fixture
def search(ask):
    async def run(text, **variables):
        return (await ask(SEARCH, text=text, **variables))["search"]

    return run


async def name(row, **columns):
    await type(row).filter(id=row.id).update(**row.with_sort_keys(columns))


@pytest.fixture
async def tree(db):
    """The sale of a kit to a foundry: one child, an opportunity, and its work."""
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    await name(tree.company, name="Fonderie dei Colli Euganei S.p.A.", vat_number="IT01234567890")
    await name(tree.operator, name="Giulia Sartori", email="giulia@studio.example")
    await name(tree.parent, title="Start Office Finance · Fonderie dei Colli Euganei", code="TCK-SOF-5155-00")
    await name(tree.children[0], title="Formazione 4.0", code="TCK-F40-5155-01")
    [opportunity] = await models.Opportunity.all()
    await name(opportunity, title="[F40] Formazione 4.0", code="TCK-F40-5155-01", crm_id=118001)
    kit = factories_kit(await models.Service.first())
    await save(
        kit, waiting("Venduto kit Start Office alle Fonderie"), waiting("Già fatto", status="RESOLVED")
    )
    await factories.store_facts()
    return tree


def factories_kit(service):
    return models.Kit(
        code="SOF",
        name="Start Office Finance",
        description="",
        main_service_id=service.id,
        active=True,
        digest="",
    )


def waiting(subject, status="WAITING"):
    return models.IntakeItem(
        crm_activity_id=factories.number(),
        status=status,
        reason="NO_KIT",
        explanation="",
        subject=subject,
        description="",
        created_at=NOW,
    )


def types(found):
    return [hit["node"]["__typename"] for hit in found["hits"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("TCK-SOF-5155-00", ["Ticket"], id="a code"),
        pytest.param("5155", ["Ticket", "Ticket", "Opportunity"], id="a part of a code"),
        pytest.param("118001", ["Opportunity"], id="an id of the CRM"),
        pytest.param("it01234567890", ["Company"], id="a VAT number"),
        pytest.param("sartori", ["Operator"], id="a name"),
        pytest.param("giulia@studio", ["Operator"], id="an address"),
        pytest.param("già fatto", [], id="what no longer waits"),
        pytest.param("firma colli", ["Task", "Task"], id="work and its company"),
        pytest.param("visura", [], id="nothing"),
    ],
)
async def test_a_thing_is_found_by_what_it_is_called(search, tree, text, expected):
    found = await search(text, kinds=["TICKET", "COMPANY", "OPPORTUNITY", "OPERATOR", "INTAKE_ITEM"])
    work = await search(text, kinds=["TASK"]) if "Task" in expected else {"hits": []}

    assert sorted(types(found) + types(work)[:2]) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("start office finance", ["Kit", "Ticket"], id="the whole before the beginning"),
        pytest.param(
            "fonderie", ["Company", "Ticket", "IntakeItem"], id="the beginning before words elsewhere"
        ),
    ],
)
async def test_the_best_comes_first(search, tree, text, expected):
    found = types(await search(text))

    assert found[: len(expected)] == expected


async def test_a_hit_shows_what_it_is_and_where_the_words_stand(search, tree):
    [hit] = (await search("EUGANÉI start", kinds=["TICKET"]))["hits"]

    title = "TCK-SOF-5155-00 · Start Office Finance · Fonderie dei Colli Euganei"
    assert hit["title"] == title
    assert hit["subtitle"] == "Fonderie dei Colli Euganei S.p.A."
    assert [title[one["start"] : one["end"]] for one in hit["ranges"]] == ["Start", "Euganei"]
    assert hit["node"]["code"] == "TCK-SOF-5155-00"


async def test_finished_work_is_not_found(search, tree):
    await models.Task.all().update(status="DONE")
    await factories.store_facts()

    assert (await search("firma", kinds=["TASK"]))["hits"] == []


async def test_there_are_never_more_hits_than_asked_for(search, tree):
    found = await search("5155", first=2)

    assert len(found["hits"]) == 2
    assert found["more"] is True


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        pytest.param({"text": " - "}, "text", id="no word"),
        pytest.param({"text": "a" * 101}, "text", id="too long"),
        pytest.param({"text": "rossi", "first": 0}, "first", id="no hits"),
        pytest.param({"text": "rossi", "first": 51}, "first", id="too many hits"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(execute, db, variables, argument):
    [error] = (await execute(SEARCH, **variables)).errors

    assert error.extensions == {"code": "BAD_USER_INPUT", "argument": argument, "path": [argument]}


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(40, id="many")])
async def test_a_search_takes_ten_statements_whatever_there_is(search, statements, children):
    await factories.save_tree(children=children)
    await factories.store_facts()
    statements.clear()

    await search("firma x", first=50)

    assert len(statements) == 10
