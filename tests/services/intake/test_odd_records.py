"""Records as a CRM really holds them: whatever stands in one, the others come in and nothing is lost."""

from datetime import UTC, datetime

import pytest

from models import Company, CrmActivity, IntakeItem, PollMark, Ticket
from services.crm.crm_in_cloud.gateway import Gateway
from services.vocabulary import IntakeReason
from tests.support.hub import BREMBATE, SteppedClock, add_operator, hub_over, sell, take_in

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def poll(hub):
    """A round, as if one were due."""
    await PollMark.all().update(holder=None, not_before=LONG_AGO)
    return await hub.poller.poll()


@pytest.fixture
async def hub(hub, giulia):
    """One that has begun to poll, and whose Giulia owns what she sells."""
    await hub.poller.poll()
    return hub


@pytest.fixture
def altered(monkeypatch):
    """Alter what the CRM answers: by a path, or how paths begin, what is made of the body."""
    alterations = {}
    request = Gateway.request

    async def answer(self, call, **rest):
        body = await request(self, call, **rest)
        for part, alter in alterations.items():
            is_meant = call.path.startswith(part) if part.endswith("/") else call.path == part
            body = alter(body) if is_meant and not call.writes else body
        return body

    monkeypatch.setattr(Gateway, "request", answer)
    return alterations


async def sources():
    return set(await CrmActivity.all().values_list("crm_id", flat=True))


# Texts


async def test_a_sale_with_a_nul_in_its_subject_becomes_a_ticket(hub, altered, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital @ ok")
    altered["Activity/"] = lambda row: {**row, "subject": row["subject"].replace("@", "\0 \ud83d")}

    ticket = await take_in(hub, number, actor=giulia.id)

    source = await CrmActivity.get(ticket_id=ticket.id)
    assert source.subject == "Start Office Digital � � ok"


@pytest.mark.parametrize(
    ("fields", "name", "vat_number", "defect"),
    [
        pytest.param(
            {"companyName": "A" * 400},
            "A" * 279 + "…",
            "99012340164",
            "NAME_TOO_LONG",
            id="a name over its column",
        ),
        pytest.param(
            {"companyName": "\u200b \u2060"},
            f"#{BREMBATE}",
            "99012340164",
            "NAME_MISSING",
            id="no visible name",
        ),
        pytest.param(
            {"vatId": "da chiedere alla sig.ra Rossi dopo le ferie"},
            "Officine Meccaniche Brembate S.r.l.",
            None,
            "VAT_NUMBER_TOO_LONG",
            id="a sentence for a VAT number",
        ),
    ],
)
async def test_a_company_whose_fields_do_not_fit_is_kept_and_says_so(
    hub, altered, giulia, fields, name, vat_number, defect
):
    altered["Company/"] = lambda row: {**row, **fields}

    ticket = await take_in(hub, actor=giulia.id)

    company = await Company.get(crm_id=BREMBATE)
    assert (company.name, company.vat_number, company.defects) == (name, vat_number, [defect])
    assert ticket.title == f"Start Office Digital · {name}"


# Numbers


async def test_a_company_id_that_is_no_id_waits_as_an_unknown_company(hub, altered, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital")
    altered["Activity/"] = lambda row: {**row, "companyId": 9223372036854775808}

    imported = await hub.intake.import_activity(number, actor=giulia.id)

    item = await IntakeItem.get(id=imported.intake_item_id)
    assert (item.reason, item.crm_company_id) == (IntakeReason.UNKNOWN_COMPANY, None)


# Dates


async def test_a_sale_of_the_hour_that_is_repeated_comes_in_where_dates_have_no_zone(
    hub_url, altered, sandbox
):
    # At 01:20 UTC on this night, clocks in Rome show 02:20 for the second time.
    now = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    number = await sell(sandbox, "Start Office Digital")
    shown = {"createdDate": "2026-10-25T02:15:00", "lastModifiedDate": "2026-10-25T02:15:00"}
    altered["Activity/Search"] = lambda rows: [
        {**row, **shown} for row in rows if isinstance(row, dict) and row["id"] == number
    ]
    async with hub_over(hub_url, sandbox, clock=SteppedClock(now)) as hub:
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        begun = datetime(2026, 10, 25, 1, 14, tzinfo=UTC)
        await PollMark.create(
            name="sales", begins_at=begun, high_water=begun, highest_id=0, not_before=LONG_AGO
        )

        await hub.poller.poll()

        assert await sources() == {number}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"ownerId": None, "activityDate": None}, id="no owner and no date"),
        pytest.param({"activityDate": "9999-12-31T00:00:00Z"}, id="a date that was never set"),
        pytest.param({"createdDate": None, "lastModifiedDate": None}, id="no dates of its own"),
        pytest.param({"lastModifiedDate": "2999-01-01T00:00:00Z"}, id="a change in the future"),
        pytest.param({"subject": "<p>Vendita <b>Start&nbsp;Office</b> Digital</p>"}, id="HTML"),
    ],
)
async def test_a_sale_with_odd_fields_is_never_lost(hub, altered, sandbox, fields):
    odd = await sell(sandbox, "Start Office Digital")
    plain = await sell(sandbox, "Start Office Digital")
    altered["Activity/Search"] = lambda rows: [{**row, **fields} if row["id"] == odd else row for row in rows]

    await poll(hub)
    later = await sell(sandbox, "Start Office Digital")
    await poll(hub)

    waiting = set(await IntakeItem.filter(status="WAITING").values_list("crm_activity_id", flat=True))
    assert {plain, later} <= await sources()
    assert odd in await sources() | waiting
    assert await Ticket.all().count() + len(waiting) == 3


# Rows


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"id": None, "subject": "Kit SOD"}, id="no id"),
        pytest.param({"id": "abc", "subject": "Kit SOD"}, id="a word for an id"),
        pytest.param({"id": 2**63 + 1, "subject": "Kit SOD"}, id="an id over 2^63"),
        pytest.param("riga", id="no record at all"),
    ],
)
async def test_a_row_that_is_no_record_is_reported_once_and_stops_nothing(hub, altered, sandbox, odd):
    altered["Activity/Search"] = lambda rows: [odd, *rows]
    number = await sell(sandbox, "Start Office Digital")
    before = (await PollMark.get()).high_water

    await poll(hub)
    await poll(hub)

    health = await hub.forecaster.health()
    assert await sources() == {number}
    assert (await PollMark.get()).high_water > before
    assert len(health.odd_records) == 1
    assert ("Kit SOD" if isinstance(odd, dict) else "riga") in health.odd_records[0]


async def test_an_object_for_a_subject_waits_in_the_inbox(hub, altered, sandbox):
    plain = await sell(sandbox, "Start Office Digital")
    odd = await sell(sandbox, "Start Office Digital")
    altered["Activity/Search"] = lambda rows: [
        {**row, "subject": {"a": 1}} if row["id"] == odd else row for row in rows
    ]

    await poll(hub)

    assert await sources() == {plain}
    assert (await IntakeItem.get()).crm_activity_id == odd
