"""A company that was renamed or merged in the CRM is followed by the synchronisation that reads it."""

from models import ActionItem, Company, Event, Opportunity, Ticket
from services.vocabulary import ItemKind, ItemOutcome
from tests.support.hub import (
    BREMBATE,
    VALDARNO,
    edit_record,
    generate,
    sell,
    show_milestones,
    synchronise,
    take_in,
)
from tests.support.sync_findings import mirrored


async def test_a_renamed_company_has_its_new_name_here_and_in_what_is_made_from_then_on(
    hub, sandbox, sync, giulia, closed_parent
):
    await edit_record(sandbox, "Company", BREMBATE, companyName="Brembate Group S.p.A.")

    await sync()
    await generate(hub, closed_parent.id, actor=giulia.id)

    assert (await Company.get(crm_id=BREMBATE)).name == "Brembate Group S.p.A."
    titles = [one["title"] for one in await sandbox.records("Opportunity")]
    assert all("Brembate Group S.p.A." in title for title in titles)


async def test_a_name_that_stays_the_same_writes_nothing(sync, children):
    await sync()

    assert await Event.filter(kind__in=["COMPANY_REFRESHED", "COMPANY_MERGED"]).count() == 0


async def test_a_company_merged_into_an_unknown_one_continues_as_that_one(
    hub, sandbox, sync, giulia, children
):
    before = await Company.get(crm_id=BREMBATE)
    survivor = await sandbox.add("Company", companyName="Gruppo Orobico S.p.A.")
    await sandbox.merge("Company", BREMBATE, into=survivor)

    items = await sync()
    made = await show_milestones(hub, await mirrored(1), actor=giulia.id)

    after = await Company.get(id=before.id)
    assert (after.crm_id, after.name) == (survivor, "Gruppo Orobico S.p.A.")
    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert await Opportunity.filter(flag__not_isnull=True).count() == 0
    assert {item.outcome for item in made} == {ItemOutcome.CREATED}


async def test_a_company_merged_into_one_that_we_know_hands_its_tickets_over(
    hub, sandbox, sync, giulia, children
):
    other = await take_in(
        hub, await sell(sandbox, "Start Office Digital", companyId=VALDARNO), actor=giulia.id
    )
    await sandbox.merge("Company", BREMBATE, into=VALDARNO)

    await sync()
    items = await synchronise(hub, actor=giulia.id, company_id=other.company_id)

    assert await Ticket.exclude(company_id=other.company_id).count() == 0
    assert await Opportunity.exclude(company_id=other.company_id).count() == 0
    assert await Opportunity.filter(flag__not_isnull=True).count() == 0
    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert await Event.filter(kind="TICKET_COMPANY_MERGED").count() == 1 + len(children)


async def test_a_company_that_is_gone_is_reported_and_nothing_of_it_is_lost(
    hub, sandbox, giulia, sync, children
):
    await sandbox.switch(merged_ids="missing")
    await sandbox.merge("Company", BREMBATE, into=VALDARNO)

    await sync()

    [company] = [one async for one in Company.filter(crm_id=BREMBATE)]
    assert await Ticket.filter(company_id=company.id).count() == 1 + len(children)
    assert set(await Opportunity.all().values_list("flag", flat=True)) == {"MOVED"}


COMPANIES = "{ companies(first: 9) { nodes { name vatNumber defects } } }"
PREVIEW = """query($id: ID!) {
  previewSyncOpportunities(companyId: $id) { items { explanation } } }"""
SENTENCE = "da chiedere alla sig.ra Rossi dopo le ferie"


async def company_item():
    """The last item that stands for a whole company."""
    return await ActionItem.filter(kind=ItemKind.SYNC_COMPANY).order_by("-created_at").first()


async def test_fields_that_cannot_be_stored_are_reported_until_they_are_corrected(
    sandbox, sync, ask, closed_parent
):
    await edit_record(sandbox, "Company", BREMBATE, companyName="A" * 300, vatId=SENTENCE)

    await sync()
    reported = await company_item()
    kept = (await ask(COMPANIES))["nodes"]
    await edit_record(sandbox, "Company", BREMBATE, companyName="Brembate", vatId="99012340164")
    await sync()
    corrected = await company_item()

    assert reported.outcome == ItemOutcome.UNCHANGED
    assert reported.explanation == (
        "Its name in the CRM is too long and is kept shortened. "
        "Its VAT number in the CRM is too long to be one and is not kept."
    )
    assert kept == [
        {"name": "A" * 279 + "…", "vatNumber": None, "defects": ["NAME_TOO_LONG", "VAT_NUMBER_TOO_LONG"]}
    ]
    assert corrected.explanation is None
    assert (await ask(COMPANIES))["nodes"] == [
        {"name": "Brembate", "vatNumber": "99012340164", "defects": []}
    ]


async def test_the_preview_reports_fields_that_cannot_be_stored(sandbox, ask, closed_parent):
    await edit_record(sandbox, "Company", BREMBATE, vatId=SENTENCE)

    answer = await ask(PREVIEW, id=closed_parent.company_id)

    assert "VAT number" in answer["items"][0]["explanation"]


async def test_a_name_that_becomes_blank_in_the_crm_does_not_replace_ours(sandbox, sync, closed_parent):
    before = await Company.get(crm_id=BREMBATE)
    await edit_record(sandbox, "Company", BREMBATE, companyName="\u200b")

    await sync()
    reported = await company_item()

    after = await Company.get(crm_id=BREMBATE)
    assert (after.name, after.defects) == (before.name, ["NAME_MISSING"])
    assert reported.explanation == "Its name in the CRM is blank."
