"""The dialect of searches (§2.0)."""

import contextlib
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from services.crm.sandbox.odata_meaning import compile_filter
from services.crm.sandbox.odata_syntax import ODataError, parse_filter, parse_order
from services.crm.sandbox.resources import Kind
from tests.support.sandbox_client import Driver

KINDS = {
    "id": Kind.INTEGER,
    "subject": Kind.TEXT,
    "amount": Kind.NUMBER,
    "active": Kind.BOOLEAN,
    "closedDate": Kind.DATE,
    "opportunityId": Kind.INTEGER,
    "emails": Kind.LIST,
}

RECORD = {
    "id": 5,
    "subject": "L'Officina Òro",
    "amount": 12.5,
    "active": True,
    "closedDate": "2019-10-06T23:59:59.999Z",
    "opportunityId": None,
    "emails": [{"value": "info@alfa.example"}, {"value": "vendite@alfa.example"}],
}


def kind_of(name: str) -> Kind:
    if name not in KINDS:
        raise ODataError(f"There is no {name}.")
    return KINDS[name]


def holds(text: str, record: dict[str, object] = RECORD) -> bool:
    return compile_filter(parse_filter(text, ZoneInfo("UTC")), kind_of)(record)


@pytest.mark.parametrize(
    "text",
    [
        "id eq 5",
        "id ne 6",
        "id gt 4 and id ge 5 and id lt 6 and id le 5",
        "id eq 1 or id eq 5",
        "id eq 5 or id eq 1 and id eq 2",
        "(id eq 1 or id eq 5) and active eq true",
        "not (id eq 1)",
        "not active eq false",
        "not not active",
        "active",
        "subject eq 'L''Officina Òro'",
        "startswith(subject,'L''')",
        "endswith(subject, 'Òro')",
        "contains(subject,'ffic')",
        "substringof('ffic',subject)",
        "contains(tolower(subject),'òro')",
        "toupper(subject) eq 'L''OFFICINA ÒRO'",
        "length(subject) eq 14",
        "indexof(subject,'Officina') eq 2",
        "indexof(subject,'nowhere') eq -1",
        "substring(subject,2,8) eq 'Officina'",
        "substring(subject,11) eq 'Òro'",
        "replace(subject,'Òro','Argento') eq 'L''Officina Argento'",
        "amount gt 12 and amount lt 13",
        "amount eq 12.50",
        "amount add 1 eq 13.5",
        "amount sub 2 mul 3 eq 6.5",
        "(amount sub 2.5) div 2 eq 5",
        "id mod 2 eq 1",
        "closedDate eq 2019-10-06T23:59:59.999Z",
        "closedDate gt 2019-10-06 and closedDate lt 2019-10-07",
        "closedDate le 2019-10-07T01:59:59.999+02:00",
        "opportunityId eq null",
        "subject ne null",
        "startswith(emails,'vendite')",
        "contains(emails,'@alfa')",
        "  id   eq   5  ",
    ],
)
def test_a_filter_that_is_true_of_a_record_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "id eq 6",
        "subject eq 'l''officina òro'",
        "opportunityId gt 0",
        "opportunityId le 0",
        "opportunityId add 1 eq 1",
        "opportunityId ne null",
        "id div 0 eq 1",
        "startswith(emails,'nobody')",
        "closedDate gt 2019-10-06T23:59:59.999Z",
        "length(null) gt 0",
    ],
)
def test_a_filter_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id", id="no condition"),
        pytest.param("id eq", id="missing operand"),
        pytest.param("id eq 5 5", id="something after the end"),
        pytest.param("id = 5", id="foreign operator"),
        pytest.param("id EQ 5", id="capital operator"),
        pytest.param("id eq 'five'", id="number and text"),
        pytest.param("closedDate ge '2026-01-01'", id="date in quotes"),
        pytest.param("closedDate ge 2026-13-01", id="month thirteen"),
        pytest.param("subject eq 'open", id="open string"),
        pytest.param("(id eq 5", id="open parenthesis"),
        pytest.param("frob(subject) eq 1", id="unknown function"),
        pytest.param("startswith(subject)", id="missing argument"),
        pytest.param("startswith(id,'5')", id="argument of the wrong kind"),
        pytest.param("length(emails) eq 2", id="list where text belongs"),
        pytest.param("contains(emails,emails)", id="two lists"),
        pytest.param("emails eq 'info@alfa.example'", id="list compared"),
        pytest.param("not id", id="negated number"),
        pytest.param("subject add 1 eq 2", id="sum of text"),
        pytest.param("id eq 5 and", id="dangling and"),
        pytest.param("()", id="nothing in parentheses"),
        pytest.param("(" * 200 + "id eq 5" + ")" * 200, id="too deep"),
        pytest.param("id" + " add 1" * 200 + " eq 5", id="too long a sum"),
    ],
)
def test_a_filter_is_refused(text: str) -> None:
    with pytest.raises(ODataError):
        holds(text)


def test_hundreds_of_alternatives_are_no_depth() -> None:
    assert holds(" or ".join(f"id eq {number}" for number in range(800)))


@given(st.text())
def test_any_text_survives_its_quoting(text: str) -> None:
    quoted = text.replace("'", "''")

    assert holds(f"subject eq '{quoted}'", {"subject": text})
    assert not holds(f"subject ne '{quoted}'", {"subject": text})


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_instant_is_read_back(instant: object) -> None:
    text = str(instant).replace(" ", "T").replace("+00:00", "Z")

    assert holds(f"closedDate eq {text}", {"closedDate": text})


WORDS = "id subject active emails eq gt not and or add div ( ) , 5 -1.5 'a''b' null true 2026-01-01 length contains"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12))
def test_any_words_are_a_condition_or_a_refusal(words: list[str]) -> None:
    with contextlib.suppress(ODataError):
        assert holds(" ".join(words)) in (True, False)


def test_an_order_is_read_with_its_directions() -> None:
    assert parse_order("closeDate desc, title asc,id") == [
        ("closeDate", True),
        ("title", False),
        ("id", False),
    ]


@pytest.mark.parametrize("text", ["title sideways", "title asc desc", ",", "title DESC"])
def test_an_order_is_refused(text: str) -> None:
    with pytest.raises(ODataError):
        parse_order(text)


@pytest.mark.parametrize("path", ["Company/Search", "Company/SearchByODataCriteria", "companies/search"])
@pytest.mark.parametrize("sign", ["$", ""])
async def test_a_search_filters_sorts_and_pages(crm: Driver, path: str, sign: str) -> None:
    for name in ("Delta", "Alfa", "Gamma", "Beta"):
        await crm.save("Company", companyName=name)
    query = {"filter": "companyName ne 'Gamma'", "orderby": "companyName desc", "top": 2, "skip": 1}

    found = await crm.get(path, **{sign + name: value for name, value in query.items()})

    assert [record["companyName"] for record in found] == ["Beta", "Alfa"]


async def test_a_search_without_an_order_follows_the_ids(crm: Driver) -> None:
    made = [await crm.save("Company", companyName=name) for name in ("Delta", "Alfa")]

    assert await crm.search("Company", "") == made


@pytest.mark.parametrize("path", ["Company/SearchIds", "Company/SearchIdsByODataCriteria"])
async def test_a_search_for_ids_answers_integers_in_their_own_order(crm: Driver, path: str) -> None:
    made = [await crm.save("Company", companyName=name) for name in ("Delta", "Alfa")]

    found = await crm.get(path, **{"$filter": "id ne 0", "$orderBy": "id desc"})
    other_order = await crm.call("GET", path, orderby="companyName")

    assert found == made[::-1]
    assert other_order.status == 400


@pytest.mark.parametrize("path", ["Company/Count", "Company/CountByODataCriteria"])
async def test_a_count_is_a_bare_integer(crm: Driver, path: str) -> None:
    for name in ("Alfa", "Beta"):
        await crm.save("Company", companyName=name)

    assert await crm.get(path, filter="companyName eq 'Beta'") == 1


async def test_a_page_holds_fifty_unless_asked_and_five_hundred_at_most(sampled_crm: Driver) -> None:
    for number in range(55):
        await sampled_crm.control("POST", "records/Activity", {"subject": str(number)})

    assert len(await sampled_crm.get("Activity/Search", filter="subTypeId eq null")) == 50
    assert len(await sampled_crm.get("Activity/Search", filter="subTypeId eq null", top=500)) == 55


@pytest.mark.parametrize(
    ("name", "value"),
    [("$top", "0"), ("$top", "501"), ("top", "-1"), ("top", "ten"), ("skip", "1e3"), ("skip", "²")],
)
async def test_a_page_out_of_range_is_refused(crm: Driver, name: str, value: str) -> None:
    reply = await crm.call("GET", "Company/Search", **{name: value})

    assert reply.status == 400
    assert name.strip("$") in reply.json["message"]


@pytest.mark.parametrize(
    "filter_text",
    [
        pytest.param("CompanyName eq 'Alfa'", id="wrong case"),
        pytest.param("nothing eq 1", id="unknown property"),
        pytest.param("categories ne null", id="not searchable"),
    ],
)
async def test_a_filter_names_only_searchable_properties_in_their_own_case(
    crm: Driver, filter_text: str
) -> None:
    reply = await crm.call("GET", "Company/Search", filter=filter_text)

    assert reply.status == 400
    assert filter_text.split()[0] in reply.json["message"]


async def test_a_quote_travels_through_the_address(crm: Driver) -> None:
    company_id = await crm.save("Company", companyName="Bar dell'Arco & C. +39 100%")

    assert await crm.search("Company", "companyName eq 'Bar dell''Arco & C. +39 100%'") == [company_id]


async def test_the_older_search_by_field_is_refused_rather_than_misread(crm: Driver) -> None:
    reply = await crm.call("GET", "Company/Search", field="companyName", value="Alfa")

    assert reply.status == 400
