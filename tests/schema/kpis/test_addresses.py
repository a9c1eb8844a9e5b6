"""Every number opens into the rows behind it."""

from datetime import date, timedelta

import pytest

import models
from tests.schema.kpis.conftest import NOVEMBER, at
from tests.schema.kpis.example_rows import closed, done, due
from tests.support import factories
from tests.support.factories import TODAY, save

SERIES = """query($figure: KpiRequest!, $interval: KpiInterval!) {
  kpis(from: "2026-11-01", to: "2026-12-01", figures: [$figure]) {
    figures { measure { value } series(interval: $interval) { from to partial measure { value address } } }
  }
}"""
GROUPS = """query($figure: KpiRequest!, $by: KpiDimension!, $first: Int) {
  kpis(from: "2026-11-01", to: "2026-12-01", figures: [$figure]) {
    figures {
      measure { value }
      groups(by: $by, first: $first) {
        key label node { id } measure { value count address } previous { value }
      }
    }
  }
}"""


@pytest.fixture
async def finished(work):
    """Five tasks that were finished in November, 1 to 5 days late."""
    tasks = await work.tasks(
        *({**due(date(2026, 11, 2)), **done(f"2026-11-{n + 2:02d} 09:00")} for n in range(1, 6))
    )
    await factories.store_facts()
    return tasks


async def test_a_number_opens_into_its_rows(figure, behind, work, finished):
    measure = (await figure("FINISHED"))["measure"]

    population = await behind(measure)

    assert population["totalCount"] == measure["count"] == 5
    assert {edge["node"]["id"] for edge in population["edges"]} == {task.id for task in finished}
    assert population["measure"]["value"] == "5"
    assert (population["from"], population["to"]) == ("2026-11-01", "2026-12-01")
    [first, *_] = population["edges"]
    assert first["title"] == f"{work.parent.code} · Firma Incarico"
    assert first["subtitle"] == f"{work.company.name} · {work.operator.name}"
    assert (first["weight"], first["counts"]) == ("1", True)


async def test_rows_behind_a_duration_come_longest_first_and_page_by_page(figure, behind, work):
    tickets = await work.tickets(
        *(closed("2026-11-02 09:00", f"2026-11-{n:02d} 09:00") for n in (3, 4, 10, 10, 20))
    )
    measure = (await figure("LEAD_TIME", subject="PARENTS"))["measure"]

    first = await behind(measure, first=3)
    rest = await behind(measure, first=3, after=first["pageInfo"]["endCursor"])

    assert [edge["weight"] for edge in first["edges"]] == ["14", "6", "6"]
    assert [edge["weight"] for edge in rest["edges"]] == ["2", "1"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    found = [edge["node"]["id"] for edge in (*first["edges"], *rest["edges"])]
    assert sorted(found) == sorted(ticket.id for ticket in tickets)


@pytest.mark.parametrize("order", ["WEIGHT_ASC", "WEIGHT_DESC", "AT_DESC", "DUE_ON_ASC"])
async def test_each_order_shows_every_row_once(figure, behind, finished, order):
    measure = (await figure("ON_TIME", subject="TASKS"))["measure"]
    seen, after = [], None

    for _ in range(5):
        page = await behind(measure, first=1, after=after, order=order)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert sorted(seen) == sorted(task.id for task in finished)


async def test_a_bucket_and_an_exclusion_open_too(figure, behind, work):
    await work.tickets(
        closed("2026-11-02 09:00", "2026-11-03 09:00"),
        closed("2026-11-02 09:00", "2026-11-10 09:00"),
        {"status": "CANCELLED", "cancelled_at": at("2026-11-05 09:00")},
    )
    asked = await figure("LEAD_TIME", subject="PARENTS")

    bucket = await behind(asked["buckets"][2]["measure"])
    excluded = await behind(asked["exclusions"][0]["measure"])

    assert [edge["weight"] for edge in bucket["edges"]] == ["6"]
    assert bucket["measure"] == {"value": "1", "count": 1, "numerator": None}
    assert [edge["counts"] for edge in excluded["edges"]] == [False]
    assert excluded["totalCount"] == 1


@pytest.mark.parametrize(("interval", "stretches"), [("DAY", 30), ("WEEK", 6), ("MONTH", 1)])
async def test_the_points_of_a_series_add_up_and_open(ask, behind, finished, interval, stretches):
    [asked] = (await ask(SERIES, figure={"key": "FINISHED"}, interval=interval))["kpis"]["figures"]

    points = asked["series"]
    assert len(points) == stretches
    assert sum(int(point["measure"]["value"]) for point in points) == int(asked["measure"]["value"]) == 5
    for point in points:
        assert (await behind(point["measure"]))["totalCount"] == int(point["measure"]["value"])
    assert points[-1]["partial"] is True


async def test_a_state_is_known_of_today_only(ask, work):
    await work.tasks({}, {})
    await factories.store_facts()

    [asked] = (await ask(SERIES, figure={"key": "OPEN"}, interval="DAY"))["kpis"]["figures"]

    known = {
        point["from"]: point["measure"]["value"] for point in asked["series"] if point["measure"]["value"]
    }
    assert known == {str(TODAY): "2"}


async def test_the_parts_of_a_figure_add_up_and_open(ask, behind, work):
    colleagues = [factories.operator(name=name) for name in ("Anna", "Bruno", "Carla")]
    await save(*colleagues)
    done_by = [colleagues[n] for n in (0, 0, 0, 1, 1, 2)]
    await work.tasks(*({**done("2026-11-10 09:00"), "assignee_id": one.id} for one in done_by))
    await work.tasks({**done("2026-10-10 09:00"), "assignee_id": colleagues[0].id})
    await factories.store_facts()

    [asked] = (await ask(GROUPS, figure={"key": "FINISHED"}, by="OPERATOR", first=2))["kpis"]["figures"]

    groups = asked["groups"]
    assert [(one["label"], one["measure"]["value"]) for one in groups] == [
        ("Anna", "3"),
        ("Bruno", "2"),
        ("rest", "1"),
    ]
    assert groups[0]["node"] == {"id": colleagues[0].id}
    assert groups[0]["previous"]["value"] == "1"
    for group in groups:
        assert (await behind(group["measure"]))["totalCount"] == int(group["measure"]["value"])


async def test_finished_work_stays_with_whom_it_belonged_to_then(ask, work):
    then, now = factories.operator(name="Allora"), factories.operator(name="Adesso")
    await save(then, now)
    await work.tasks({**done("2026-11-10 09:00"), "assignee_id": now.id, "finished_owner_id": then.id}, {})
    await factories.store_facts()

    [asked] = (await ask(GROUPS, figure={"key": "FINISHED"}, by="OPERATOR"))["kpis"]["figures"]

    assert [one["label"] for one in asked["groups"]] == ["Allora"]


@pytest.mark.parametrize(
    "by", ["KIT", "SERVICE", "TEMPLATE", "MILESTONE", "COMPANY", "TICKET_KIND", "PRIORITY"]
)
async def test_a_figure_can_be_taken_apart_by_each_dimension(ask, finished, by):
    [asked] = (await ask(GROUPS, figure={"key": "FINISHED"}, by=by))["kpis"]["figures"]

    assert [group["measure"]["value"] for group in asked["groups"]] == ["5"]


async def test_a_filter_lets_through_what_meets_all_of_it(figure, work, finished):
    await models.Ticket.filter(id=work.parent.id).update(priority="HIGH")
    matching = {
        "ticketKind": {"eq": "PARENT"},
        "templateCode": {"eq": work.workflow.code},
        "milestoneTitle": {"in": ["Onboarding", "Analisi"]},
        "operatorId": {"in": [work.operator.id]},
        "companyId": {"eq": work.company.id},
        "priority": {"eq": "HIGH"},
        "kitId": {"eq": None},
        "serviceId": {"eq": None},
    }

    assert (await figure("FINISHED", filter=matching))["measure"]["value"] == "5"
    for name, other in (("priority", "LOW"), ("ticketKind", "CHILD"), ("milestoneTitle", "Altra")):
        narrowed = {**matching, name: {"eq": other}}
        assert (await figure("FINISHED", filter=narrowed))["measure"]["value"] == "0"


async def test_the_period_before_and_the_trend_are_told(figure, work):
    await work.tasks(*[done("2026-11-23 08:00")] * 2, *[done("2026-11-22 08:00")] * 3)

    asked = await figure("FINISHED", period={"lastDays": 1})

    assert (asked["measure"]["value"], asked["previous"]["value"], asked["trend"]) == ("2", "3", "WORSE")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("lastDays: 0, figures: [{key: DUE}]", ["lastDays"]),
        ("lastDays: 732, figures: [{key: DUE}]", ["lastDays"]),
        ("figures: [{key: DUE}]", ["from"]),
        ('from: "2026-11-01", figures: [{key: DUE}]', ["from"]),
        ('from: "2026-11-01", to: "2026-11-01"', ["from"]),
        ('from: "2026-11-01", to: "2026-11-05", lastDays: 3', ["lastDays"]),
        ("lastDays: 3, figures: []", ["figures"]),
        ("lastDays: 3, figures: [{key: PROGRESS, subject: TASKS}]", ["figures", "0", "subject"]),
        ('lastDays: 3, filter: {kitId: {eq: "x"}}', ["filter", "kitId", "eq"]),
        ('lastDays: 3, filter: {templateCode: {in: ["!"]}}', ["filter", "templateCode", "in"]),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_place(execute, db, arguments, path):
    answer = await execute(f"{{ kpis({arguments}) {{ figures {{ measure {{ value }} }} }} }}")

    [error] = answer.errors
    assert (error.extensions["code"], error.extensions["path"]) == ("BAD_USER_INPUT", path)


@pytest.mark.parametrize("address", ["", "x", "W10", "bnVsbA", "WzEsMiwzXQ", "é", "A" * 30_000])
async def test_a_text_that_is_no_address_is_refused(execute, db, address):
    answer = await execute("query($a: ID!) { kpiPopulation(address: $a) { totalCount } }", a=address)

    [error] = answer.errors
    assert (error.extensions["code"], error.extensions["path"]) == ("BAD_USER_INPUT", ["address"])


async def test_all_definitions_are_told_in_words(ask, db):
    asked = await ask(
        "{ kpiDefinitions { key title question formula clock nature subjects leavesOut unit direction dimensions "
        "example } }"
    )

    assert len(asked["kpiDefinitions"]) >= 7
    for definition in asked["kpiDefinitions"]:
        words = [definition[name] for name in ("title", "question", "formula", "clock", "example")]
        assert all(text and text[0].isupper() for text in words)
        assert len(definition["example"]) > 100


async def test_the_whole_board_takes_nine_statements(ask, statements, work, finished):
    await work.tasks({}, done("2026-11-20 09:00"), status="IN_PROGRESS")
    await factories.store_facts()
    keys = [one["key"] for one in (await ask("{ kpiDefinitions { key } }"))["kpiDefinitions"]]
    statements.clear()

    data = await ask(
        BOARD,
        cards=[{"key": key} for key in keys[:24]],
        load=[{"key": key} for key in ("FINISHED", "OPEN", "LATE")],
        stages=[{"key": "PROGRESS"}],
    )

    assert len(data["stages"]["figures"][0]["population"]["edges"]) == 1
    assert len(statements) == 9


BOARD = """query($cards: [KpiRequest!]!, $load: [KpiRequest!]!, $stages: [KpiRequest!]!) {
  cards: kpis(lastDays: 30, figures: $cards) {
    from to today computedAt dataUntil
    figures {
      address trend measure { value } previous { value } statistics { name measure { value } }
      target { value met } exclusions { reason measure { value } }
      series { from measure { value address } target partial }
    }
  }
  load: kpis(lastDays: 30, figures: $load) {
    figures { groups(by: OPERATOR, first: 8) { key label node { id } measure { value } } }
  }
  stages: kpis(lastDays: 30, figures: $stages) {
    figures {
      measure { value count }
      population(first: 7, orderBy: DUE_ON_ASC) {
        edges { node { ... on Milestone { title progress dueOn sla ticket { id code company { name } } } } }
      }
    }
  }
}"""


def test_november_is_the_month_of_the_tests():
    assert NOVEMBER["from"] <= str(TODAY - timedelta(days=1)) < NOVEMBER["to"]


@pytest.mark.parametrize("cursor", ["", "x", "W10", "MQ", "bnVsbA", "WyJXRUlHSFRfREVTQyIsbnVsbCwieCJd"])
async def test_a_text_that_is_no_cursor_is_refused(execute, figure, finished, cursor):
    address = (await figure("FINISHED"))["measure"]["address"]

    answer = await execute(
        "query($a: ID!, $c: String) { kpiPopulation(address: $a, after: $c) { totalCount } }",
        a=address,
        c=cursor,
    )

    [error] = answer.errors
    assert (error.extensions["code"], error.extensions["path"]) == ("BAD_USER_INPUT", ["after"])


async def test_a_cursor_of_days_is_refused_where_there_are_instants(execute, figure, behind, finished):
    due_then, finished_then = await figure("DUE"), await figure("FINISHED")
    page = await behind(due_then["measure"], first=1, order="AT_DESC")

    answer = await execute(
        "query($a: ID!, $c: String) { kpiPopulation(address: $a, after: $c, orderBy: AT_DESC) { totalCount } }",
        a=finished_then["measure"]["address"],
        c=page["pageInfo"]["endCursor"],
    )

    assert [error.extensions["path"] for error in answer.errors] == [["after"]]
