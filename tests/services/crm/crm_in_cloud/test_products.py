"""The codes of what an opportunity sells: asked for together, and completely."""

import re

import pytest
from aioresponses import CallbackResult, aioresponses
from yarl import URL

from services.crm.crm_in_cloud.client import CrmInCloudClient
from tests.support.recorded_answers import SETTINGS, ClientMaker, RecordedBudget

PRODUCTS = {5: "F40", 6: "BND", 7: ""}


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    return client_for(SETTINGS)


def serve(crm_http: aioresponses, *, found: list[int], status: int = 200) -> None:
    """A Catalog whose search shows only what is `found`."""

    def full(url: URL, **_: object) -> CallbackResult:
        number = int(url.parts[-1] if url.parts[-1].isdigit() else url.parts[-2])
        if number not in PRODUCTS:
            return CallbackResult(status=404, payload={"message": "gone"})
        return CallbackResult(payload={"id": number, "code": PRODUCTS[number]})

    rows = [{"id": number, "code": PRODUCTS[number]} for number in found]
    answer = rows if status == 200 else {"message": "no"}
    crm_http.get(re.compile(r".*/Catalog/Search\?"), status=status, payload=answer, repeat=True)
    crm_http.get(re.compile(r".*/Catalog/\d+"), callback=full, repeat=True)


async def test_many_products_cost_one_call(
    crm: CrmInCloudClient, crm_http: aioresponses, budget: RecordedBudget
) -> None:
    serve(crm_http, found=[5, 6, 7])

    codes = await crm.get_product_codes([6, 5, 7, 5])

    assert codes == PRODUCTS
    assert len(budget.taken) == 1


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param([5], 200, id="shows only some"),
        pytest.param([], 200, id="shows nothing"),
        pytest.param([], 400, id="declines the filter"),
    ],
)
async def test_what_is_not_found_is_read_by_its_id_where_the_search(
    crm: CrmInCloudClient, crm_http: aioresponses, found: list[int], status: int
) -> None:
    serve(crm_http, found=found, status=status)

    assert await crm.get_product_codes([5, 6]) == {5: "F40", 6: "BND"}


async def test_a_product_that_is_gone_is_left_out(crm: CrmInCloudClient, crm_http: aioresponses) -> None:
    serve(crm_http, found=[5])

    assert await crm.get_product_codes([5, 99]) == {5: "F40"}
