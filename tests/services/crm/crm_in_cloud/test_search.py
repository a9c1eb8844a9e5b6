"""Look-ups are complete or raise, whatever the CRM makes of our filters and pages."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmForbidden, CrmUnavailable
from tests.support.recorded_answers import SETTINGS, ClientMaker, RecordedBudget

Row = dict[str, Any]

REFUSED = CallbackResult(status=400, payload={"message": "This property is not searchable."})
SINCE = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


@dataclass
class Shelf:
    """The rows of one controller, served page by page; it ignores every filter that it does not refuse."""

    rows: list[Row]
    refuses: str = "nothing at all"
    private: Collection[int] = ()
    filters: list[str] = field(default_factory=list)
    before_page: Callable[[int], None] = lambda _: None

    def search(self, url: URL, *, params: dict[str, str], **_: object) -> CallbackResult:
        self.filters.append(params["$filter"])
        if self.refuses in params["$filter"]:
            return REFUSED
        self.before_page(len(self.filters))
        return CallbackResult(payload=self._page(params))

    def search_ids(self, url: URL, *, params: dict[str, str], **_: object) -> CallbackResult:
        if self.refuses in params["$filter"]:
            return REFUSED
        return CallbackResult(payload=[row["id"] for row in self._page(params)])

    def full(self, url: URL, **_: object) -> CallbackResult:
        number = int(url.parts[-2])
        if number in self.private:
            return CallbackResult(status=403, payload={"message": "This activity is private."})
        return CallbackResult(payload=next(row for row in self.rows if row["id"] == number))

    def _page(self, params: dict[str, str]) -> list[Row]:
        skip = int(params["$skip"])
        return self.rows[skip : skip + int(params["$top"])]


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    return client_for(replace(SETTINGS, page_size=10))


def serve(crm_http: aioresponses, controller: str, shelf: Shelf) -> Shelf:
    address = f"https://crm.test/api/v1/{controller}"
    crm_http.get(re.compile(rf"{address}/Search\?"), callback=shelf.search, repeat=True)
    crm_http.get(re.compile(rf"{address}/SearchIds\?"), callback=shelf.search_ids, repeat=True)
    crm_http.get(re.compile(rf"{address}/\d+/GetFull"), callback=shelf.full, repeat=True)
    return shelf


def opportunities(count: int, **more: object) -> list[Row]:
    return [
        {"id": number, "crossId": 12, "crossType": 0, "code": f"C-{number}"} | more
        for number in range(1, count + 1)
    ]


def activities(count: int, **more: object) -> list[Row]:
    return [
        {"id": number, "subTypeId": 63705, "opportunityId": 7001} | more for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 28, 29, 100])
async def test_every_page_is_read(crm: CrmInCloudClient, crm_http: aioresponses, count: int) -> None:
    serve(crm_http, "Opportunity", Shelf(opportunities(count)))

    found = await crm.get_opportunities(12)

    assert [opportunity.id for opportunity in found] == list(range(1, count + 1))


async def test_a_list_that_fits_a_page_costs_one_call(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    serve(crm_http, "Opportunity", Shelf(opportunities(9)))

    await crm.get_opportunities(12)

    assert len(budget.taken) == 1


@pytest.mark.parametrize("wrapper", ["value", "data", "items"], ids=lambda wrapper: f"as {wrapper}")
async def test_a_list_may_come_wrapped(crm: CrmInCloudClient, crm_http: aioresponses, wrapper: str) -> None:
    crm_http.get(re.compile(r".*/Opportunity/Search"), payload={wrapper: opportunities(2)})

    assert len(await crm.get_opportunities(12)) == 2


async def test_a_row_that_vanishes_between_two_pages_is_noticed(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    shelf = serve(crm_http, "Opportunity", Shelf(opportunities(25)))

    def delete_the_first_row(page: int) -> None:
        if page == 2:
            del shelf.rows[0]

    shelf.before_page = delete_the_first_row

    with pytest.raises(CrmUnavailable, match="changed while it was read"):
        await crm.get_opportunities(12)


async def test_a_crm_that_repeats_its_first_page_is_noticed(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get(re.compile(r".*/Opportunity/Search"), payload=opportunities(10), repeat=True)

    with pytest.raises(CrmUnavailable, match="changed while it was read"):
        await crm.get_opportunities(12)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"message": "nothing found"}', id="an object"),
        pytest.param("17", id="a number"),
        pytest.param("null", id="null"),
        pytest.param('{"value": 3}', id="a wrapped number"),
        pytest.param('[{"id": 1, "crossId": 12}, {"crossId": 12}]', id="a row without an id"),
        pytest.param('[{"id": 1, "crossId": 12}, null]', id="a row that is none"),
    ],
)
async def test_what_is_no_list_is_not_an_empty_one(
    crm: CrmInCloudClient, crm_http: aioresponses, body: str
) -> None:
    crm_http.get(re.compile(r".*/Opportunity/Search"), body=body)

    with pytest.raises(CrmUnavailable):
        await crm.get_opportunities(12)


async def test_what_the_crm_did_not_filter_is_filtered_here(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    foreign = [
        {"id": 91, "crossId": 13, "crossType": 0},
        {"id": 92, "crossId": 12, "crossType": 1},
        {"id": 93, "crossId": None},
    ]
    serve(crm_http, "Opportunity", Shelf(opportunities(2) + foreign))

    found = await crm.get_opportunities(12)

    assert [opportunity.id for opportunity in found] == [1, 2]


async def test_activities_of_other_sub_types_and_opportunities_are_left_out(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    serve(crm_http, "Activity", Shelf([*activities(2), {"id": 3, "subTypeId": 5, "opportunityId": 6}]))

    of_sub_type = await crm.list_activities(63705)
    of_opportunity = await crm.get_activities(7001)

    assert [activity.id for activity in of_sub_type] == [1, 2]
    assert [activity.id for activity in of_opportunity] == [1, 2]


async def test_what_cannot_be_searched_is_read_one_by_one(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    serve(crm_http, "Activity", Shelf(activities(23), refuses="opportunityId"))

    found = await crm.get_activities(7001)

    assert [activity.id for activity in found] == list(range(1, 24))


async def test_a_date_that_cannot_be_searched_is_left_out_of_the_filter(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    shelf = serve(crm_http, "Activity", Shelf(activities(2), refuses="lastModifiedDate"))

    found = await crm.list_activities(63705, modified_since=SINCE)

    assert len(found) == 2
    assert shelf.filters == [
        "subTypeId eq 63705 and lastModifiedDate ge 2026-12-01T08:30:00Z",
        "subTypeId eq 63705",
    ]


async def test_where_only_the_date_can_be_searched_it_spares_us_all_the_rest(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    shelf = serve(crm_http, "Activity", Shelf(activities(2), refuses="subTypeId"))

    found = await crm.list_activities(63705, modified_since=SINCE)

    assert len(found) == 2
    assert shelf.filters[-1] == "lastModifiedDate ge 2026-12-01T08:30:00Z"


async def test_a_search_beyond_our_rights_is_not_worked_around(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    crm_http.get(re.compile(r".*/Activity/Search"), status=403, payload={"message": "Out of scope"})

    with pytest.raises(CrmForbidden):
        await crm.get_activities(7001)


async def test_a_crm_that_breaks_down_while_reading_one_by_one_gives_no_list(
    crm: CrmInCloudClient, crm_http: aioresponses
) -> None:
    shelf = Shelf(activities(3), refuses="opportunityId")
    crm_http.get(re.compile(r".*/Activity/Search\?"), callback=shelf.search)
    crm_http.get(re.compile(r".*/Activity/SearchIds\?"), callback=shelf.search_ids)
    crm_http.get(re.compile(r".*/Activity/1/GetFull"), callback=shelf.full)
    crm_http.get(re.compile(r".*/Activity/2/GetFull"), status=502)

    with pytest.raises(CrmUnavailable):
        await crm.get_activities(7001)


@pytest.mark.parametrize(
    "found_row", [pytest.param(3, id="an id"), pytest.param({"id": 3, "subject": "Firma"}, id="half a row")]
)
async def test_a_search_that_shows_too_little_is_completed(
    crm: CrmInCloudClient, crm_http: aioresponses, found_row: object
) -> None:
    crm_http.get(re.compile(r".*/Activity/Search"), payload=[found_row])
    crm_http.get(re.compile(r".*/Activity/3/GetFull"), payload={"id": 3, "opportunityId": 7001})

    (activity,) = await crm.get_activities(7001)

    assert activity.id == 3
