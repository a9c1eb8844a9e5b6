"""Names are sorted as Italians sort them, alike on SQLite and PostgreSQL."""

import pytest

import models
from services.events import Broadcast, EventLog
from tests.support import factories
from tests.support.factories import NOW, save, save_tickets

IN_ORDER = [
    "  2 Emme",
    "Àbaco",
    "abaco due",
    "Dabbene",
    "D'Amico",
    "DAMICO e figli",
    "D’Àmico & Nipoti",
    "De Luca",
    "de  Santis",
    "Deluca",
    "È Vero",
    "Eccelsa",
    "evento",
    "Fabbri",
    "F.lli Rossi",
    "S.r.l. Nuova",
    "srl vecchia",
    "straße",
    "ŽIŽEK",
    "Zuliani",
    "Ωmega",
]
MIXED = sorted(IN_ORDER, key=lambda name: name[::-1])
PAGE = """query($first: Int, $last: Int, $after: String, $before: String, $order: CompanyOrder) {
    companies(first: $first, last: $last, after: $after, before: $before, orderBy: $order) {
        nodes { name } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }"""


def rows(field, names):
    match field:
        case "companies":
            return [factories.company(name=name) for name in names]
        case "operators":
            return [factories.operator(name=name) for name in names]
        case "services":
            return [factories.service(name=name) for name in names]
    sold = factories.service(name="Formazione")
    kits = [
        {
            "code": f"K{number}",
            "name": name,
            "description": "",
            "main_service_id": sold.id,
            "active": True,
            "digest": "",
        }
        for number, name in enumerate(names)
    ]
    return [sold, *(models.Kit(**columns) for columns in kits)]


@pytest.mark.parametrize("field", ["companies", "operators", "services", "kits"])
async def test_a_list_by_name_follows_no_case_accent_or_apostrophe(ask, field):
    await save(*rows(field, MIXED))

    data = await ask(f"{{ {field}(first: 100, orderBy: NAME_ASC) {{ nodes {{ name }} }} }}")

    assert [node["name"] for node in data[field]["nodes"]] == IN_ORDER


async def test_a_list_by_title_does_the_same(ask):
    [ticket] = await save_tickets({})
    await save(*(factories.opportunity(ticket, title=title) for title in MIXED))

    data = await ask("{ opportunities(first: 100, orderBy: TITLE_ASC) { nodes { title } } }")

    assert [node["title"] for node in data["opportunities"]["nodes"]] == IN_ORDER


async def test_pages_by_name_join_without_a_gap_both_ways(ask):
    await save(*rows("companies", MIXED))

    forward, cursor, more = [], None, True
    while more:
        page = (await ask(PAGE, first=4, after=cursor, order="NAME_ASC"))["companies"]
        forward += [node["name"] for node in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    backward, cursor, more = [], None, True
    while more:
        page = (await ask(PAGE, last=4, before=cursor, order="NAME_DESC"))["companies"]
        backward = [node["name"] for node in page["nodes"]] + backward
        cursor, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]

    assert forward == IN_ORDER
    assert backward == IN_ORDER[::-1]


async def test_rows_of_one_name_keep_their_order_on_every_page(ask):
    same = [factories.company(name=name) for name in ("Rossi", "ROSSI", "Ròssi", "rossi")]
    await save(*same[::-1])
    document = (
        "query($after: String) { companies(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"
    )

    ids, cursor = [], None
    for _ in same:
        page = (await ask(document, after=cursor))["companies"]
        ids.append(page["nodes"][0]["id"])
        cursor = page["pageInfo"]["endCursor"]

    assert ids == [row.id for row in same]


async def test_a_row_that_is_renamed_moves_to_its_new_place_and_its_event_shows_the_name_alone(ask):
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast())
    await save(*rows("companies", ["Bianchi", "Neri"]))
    async with events.change("intake", actor="opr_1") as change:
        for company in await models.Company.filter(name="Bianchi"):
            await change.update(company, kind="COMPANY_REFRESHED", name="Òmega")

    data = await ask("{ companies { nodes { name } } }")

    event = await models.Event.get()
    assert [node["name"] for node in data["companies"]["nodes"]] == ["Neri", "Òmega"]
    assert event.after == {"name": "Òmega", "version": 2}
