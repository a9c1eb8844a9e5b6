"""Every record of the CRM leads to its page there, if somebody has said where such pages are."""

import pytest

import models
from services.crm.pages import CrmPages
from services.planning.actions.preview import Foreseen
from services.previews import Preview
from services.vocabulary import ForeseenOutcome, ItemKind, Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, save

PAGES = CrmPages(
    company="https://crm.example/#/company/{id}",
    opportunity="https://crm.example/#/opportunity/{id}?tab=1",
    activity="https://crm.example/#/activity/{id}",
)
RECORDS = """query($id: ID!) {
    ticket(id: $id) {
        company { crmId crmUrl } sourceActivity { crmId crmUrl } opportunities { crmId crmUrl }
    }
    unmatchedOpportunities { nodes { crmId crmUrl } }
    intakeItems { nodes { crmActivityId crmUrl } }
    actions { nodes { items(first: 20) { nodes { kind crmId crmUrl } } } } }"""


@pytest.fixture
async def parent(db):
    tree = await factories.save_tree(children=1)
    reported = {"subject": "", "created_at": NOW}
    action = models.Action(kind="SYNC_OPPORTUNITIES", status="COMPLETED", item_count=1, created_at=NOW)
    await save(
        models.CrmActivity(role="SOURCE", crm_id=845155, ticket_id=tree.parent.id, **reported),
        models.IntakeItem(
            crm_activity_id=845156,
            status="WAITING",
            reason="NO_KIT",
            explanation="",
            description="",
            **reported,
        ),
        models.UnmatchedOpportunity(
            crm_id=118001,
            company_id=tree.company.id,
            code="",
            title="",
            status="OPEN",
            reason="NO_SERVICE",
            created_at=NOW,
        ),
        action,
        *(item(action, position, kind) for position, kind in enumerate(ItemKind, start=1)),
    )
    return tree.parent


def item(action, position, kind):
    return models.ActionItem(
        action_id=action.id,
        position=position,
        lane="",
        kind=kind,
        key=str(position),
        reference="",
        label="",
        state="FINISHED",
        crm_id=7000 + position,
        next_try_at=NOW,
        created_at=NOW,
    )


async def test_records_lead_to_their_pages(execute, parent):
    data = (await execute(RECORDS, context_for(crm_pages=PAGES), id=parent.id)).data

    ticket = data["ticket"]
    assert ticket["company"]["crmUrl"] == f"https://crm.example/#/company/{ticket['company']['crmId']}"
    assert ticket["sourceActivity"]["crmUrl"] == "https://crm.example/#/activity/845155"
    [sold] = ticket["opportunities"]
    assert sold["crmUrl"] == f"https://crm.example/#/opportunity/{sold['crmId']}?tab=1"
    [unmatched] = data["unmatchedOpportunities"]["nodes"]
    assert unmatched["crmUrl"] == "https://crm.example/#/opportunity/118001?tab=1"
    [waiting] = data["intakeItems"]["nodes"]
    assert waiting["crmUrl"] == "https://crm.example/#/activity/845156"


async def test_an_effect_leads_to_the_record_that_it_is_about(execute, parent):
    data = (await execute(RECORDS, context_for(crm_pages=PAGES), id=parent.id)).data

    items = data["actions"]["nodes"][0]["items"]["nodes"]
    record = {one["kind"]: one["crmUrl"] and one["crmUrl"].split("/")[4] for one in items}
    assert record == {
        "CREATE_SALE": "activity",
        "CREATE_OPPORTUNITY": "opportunity",
        "RECREATE_OPPORTUNITY": "opportunity",
        "REPAIR_OPPORTUNITY": "opportunity",
        "SYNC_COMPANY": None,
        "SYNC_OPPORTUNITY": "opportunity",
        "CREATE_ACTIVITY": "activity",
        "UPDATE_ACTIVITY": "activity",
        "CHECK_ACTIVITIES": None,
        "SECOND_LOOK": None,
    }


class Foretold:
    """A preview of one activity that the CRM has and one that it has not."""

    async def generate_activities(self, _opportunity_id):
        effects = {"kind": ItemKind.CREATE_ACTIVITY, "key": "", "reference": None, "label": ""}
        items = [Foreseen(**effects, outcome=ForeseenOutcome.UPDATE, crm_id=crm_id) for crm_id in (5, None)]
        return Preview(
            items=items,
            crm_calls=0,
            estimated_seconds=0,
            mirror_age_seconds=None,
            looked=True,
            plan_token=None,
        )


async def test_a_preview_leads_to_the_records_that_are_there(execute, db):
    context = context_for(Role.OPERATOR, crm_pages=PAGES, previews=Foretold())

    preview = '{ previewGenerateActivities(opportunityId: "crm:5") { items { crmUrl } } }'
    data = (await execute(preview, context)).data

    found = data["previewGenerateActivities"]["items"]
    assert found == [{"crmUrl": "https://crm.example/#/activity/5"}, {"crmUrl": None}]


async def test_without_configured_addresses_nothing_leads_to_the_crm(ask, parent):
    data = await ask(RECORDS, id=parent.id)

    assert data["ticket"]["company"]["crmUrl"] is None
    assert {one["crmUrl"] for one in data["actions"]["nodes"][0]["items"]["nodes"]} == {None}
