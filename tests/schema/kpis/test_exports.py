"""The rows behind a number as a file."""

import asyncio
import csv
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, strategies as st

from server.csv_words import ENGLISH, ITALIAN, as_csv
from services.events import Broadcast, EventLog
from services.kpis import whole_populations
from services.vocabulary import Role
from tests.schema.kpis.conftest import at
from tests.support import factories
from tests.support.asgi_client import AsgiClient, Response, client_maker
from tests.support.factories import NOW, save

PATH = "/exports/kpi-population"


@pytest.fixture
async def viewer(db) -> AsgiClient:
    return await client_maker(EventLog(clock=lambda: NOW, broadcast=Broadcast()))(Role.VIEWER)


@pytest.fixture
async def finished(work) -> list[Any]:
    """Nine tasks, of which every other one was finished after its due date."""
    return await work.tasks(
        *(
            {
                "status": "DONE",
                "finished_at": at(f"2026-11-{n + 2:02d} 23:30"),
                "due_on": date(2026, 11, n + 2 + n % 2),
                "original_due_on": date(2026, 11, n + 2 + n % 2),
            }
            for n in range(1, 10)
        )
    )


async def export(caller: AsgiClient, address: str, language: str = "en", **rest: Any) -> Response:
    return await caller.post({"address": address}, PATH, accept_language=language, **rest)


def lines_of(answer: Response, delimiter: str = ",") -> list[dict[str, str]]:
    assert answer.status == 200, answer.body
    return list(csv.DictReader(StringIO(answer.body.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("key", ["FINISHED", "ON_TIME", "SLIP"])
@pytest.mark.parametrize("stretch", [2, 3, 9, 5_000])
async def test_a_file_has_all_rows_in_the_order_of_the_screen(
    figure, behind, finished, viewer, statements, monkeypatch, key, stretch
):
    monkeypatch.setattr(whole_populations, "STRETCH", stretch)
    measure = (await figure(key, subject="TASKS"))["measure"]
    shown = (await behind(measure, first=100))["edges"]
    statements.clear()

    lines = lines_of(await export(viewer, measure["address"]))

    assert [line["ID"] for line in lines] == [edge["node"]["id"] for edge in shown]
    assert [line["Item"] for line in lines] == [edge["title"] for edge in shown]
    assert [f"{line['Company']} · {line['Operator']}" for line in lines] == [
        edge["subtitle"] for edge in shown
    ]
    assert [line["Counts"] for line in lines] == ["yes" if edge["counts"] else "no" for edge in shown]
    assert [datetime.fromisoformat(line["When"]) for line in lines] == [
        datetime.fromisoformat(edge["at"]) for edge in shown
    ]
    assert [list(line.values())[3] for line in lines] == [edge["weight"] for edge in shown]
    assert len([sql for sql in statements if "AS members" in sql]) == -(-len(finished) // stretch)


async def test_a_file_is_written_for_the_language_that_is_asked_for(figure, work, viewer):
    await work.tasks({"estimated_hours": Decimal("2.5"), "due_on": date(2026, 11, 24)})
    address = (await figure("LOAD", subject="TASKS", period={"lastDays": 1}))["measure"]["address"]

    english = await export(viewer, address, "en-GB, it")
    italian = await export(viewer, address, "it-IT, en;q=0.5")

    assert english.headers["content-type"] == "text/csv; charset=utf-8"
    assert english.headers["content-disposition"] == ('attachment; filename="load-2026-11-23-2026-11-23.csv"')
    [line] = lines_of(english)
    assert line["Contribution (hours)"] == "2.5"
    [line] = lines_of(italian, ";")
    assert line["Contributo (ore)"] == "2,5"
    assert line["Conta"] == "sì"


async def test_an_instant_is_written_in_the_time_of_the_calendar(figure, work, viewer):
    await work.tasks({"status": "DONE", "finished_at": at("2026-11-02 23:30")})
    address = (await figure("FINISHED"))["measure"]["address"]

    [line] = lines_of(await export(viewer, address))

    assert line["When"] == "2026-11-03T00:30:00+01:00"


async def test_a_number_with_nothing_behind_it_is_a_file_of_heads(figure, db, viewer):
    address = (await figure("FINISHED"))["measure"]["address"]

    answer = await export(viewer, address)

    assert lines_of(answer) == []
    assert answer.body.decode("utf-8-sig").split(",")[0] == "Item"


async def test_a_name_that_is_a_formula_stays_a_name(figure, work, viewer):
    hostile = factories.company(name='=HYPERLINK("http://evil.example";"pay")')
    await save(hostile)
    await work.tickets({"company_id": hostile.id, "status": "OPEN"})
    address = (await figure("OPEN", subject="PARENTS", period={"lastDays": 1}))["measure"]["address"]

    companies = {line["Company"] for line in lines_of(await export(viewer, address))}

    assert companies == {f"'{hostile.name}", work.company.name}


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), min_size=1), st.sampled_from([ENGLISH, ITALIAN]))
def test_every_text_is_read_back_and_none_is_a_formula(rows, words):
    written = as_csv(rows, words).decode()

    read = list(csv.reader(StringIO(written, newline=""), delimiter=words.separator))

    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not [cell for row in read for cell in row if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


async def test_an_export_is_for_those_who_are_signed_in(figure, finished, viewer):
    address = (await figure("FINISHED"))["measure"]["address"]

    stranger = await export(viewer, address, authorization="Bearer ihub_" + "x" * 43)

    assert (stranger.status, stranger.json["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "BAD_USER_INPUT", id="nothing"),
        pytest.param({"address": "W10"}, "BAD_USER_INPUT", id="no address"),
        pytest.param({"address": 1}, "BAD_USER_INPUT", id="a number"),
        pytest.param({"address": "x" * 30_000}, "TEXT_TOO_LONG", id="endless"),
        pytest.param({"address": "W10", "more": 1}, "BAD_USER_INPUT", id="an unknown name"),
        pytest.param([], "BAD_USER_INPUT", id="a list"),
    ],
)
async def test_what_names_no_number_is_refused(viewer, body, code):
    answer = await viewer.post(body, PATH)

    assert (answer.status, answer.json["code"]) == (400, code)


async def test_more_rows_than_a_file_may_have_are_refused_before_they_are_read(
    figure, finished, viewer, statements, monkeypatch
):
    address = (await figure("FINISHED"))["measure"]["address"]
    monkeypatch.setattr(whole_populations, "MOST_ROWS", 8)
    statements.clear()

    answer = await export(viewer, address)

    assert (answer.status, answer.json["code"]) == (422, "RESULT_TOO_LARGE")
    assert not [sql for sql in statements if "AS members" in sql]
    monkeypatch.setattr(whole_populations, "MOST_ROWS", 9)
    assert len(lines_of(await export(viewer, address))) == 9


async def test_a_third_export_waits_until_one_of_two_is_read(figure, finished, viewer):
    address = (await figure("FINISHED"))["measure"]["address"]
    begun, read = asyncio.Barrier(3), asyncio.Event()

    async def hold() -> None:
        await begun.wait()
        await read.wait()

    slow = [asyncio.create_task(export(viewer, address, hold=hold)) for _ in range(2)]
    await begun.wait()
    third = await export(viewer, address)

    assert (third.status, third.json["code"]) == (429, "RATE_LIMITED")
    assert third.headers["retry-after"] == "5"
    read.set()
    for answer in await asyncio.gather(*slow):
        assert len(lines_of(answer)) == 9
    assert len(lines_of(await export(viewer, address))) == 9
