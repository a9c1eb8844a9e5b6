"""A preview shows what the intake would do and why, and does nothing."""

import pytest

from models import CrmActivity, Kit
from resolvers.errors import Forbidden
from schema import schema
from services.errors import Refusal
from services.intake.dry_run import preview_import_activity
from services.intake.sales import Choice
from services.vocabulary import ImportPreviewOutcome, IntakeReason, OwnerSource, Role
from tests.schema.conftest import context_for
from tests.support.hub import (
    ACTIVITY_OF_THE_STORY,
    INTAKE_SUB_TYPE,
    add_operator,
    dump,
    edit_record,
    make_responsible,
    sell,
    show_milestones,
    take_in,
)

AMBIGUOUS, NAMELESS, OF_THE_AGENCY = 844018, 844206, 844590
PHONE_CALL = 841950
COPY = "[IH:TCK-F40-5155-01:2] SOD"


async def preview(hub, crm_activity_id=ACTIVITY_OF_THE_STORY):
    return await preview_import_activity(
        crm_activity_id,
        crm=hub.crm,
        sub_type_id=INTAKE_SUB_TYPE,
        today=hub.calendar.today(hub.clock()),
        calendar=hub.calendar,
    )


async def codes_of(reported):
    codes = dict(await Kit.all().values_list("id", "code"))
    return tuple(codes[kit_id] for kit_id in reported.candidate_kit_ids)


# No effect


async def test_a_preview_leaves_no_trace_here_or_in_the_crm(hub, hub_url, sandbox, giulia):
    copy = await sell(sandbox, COPY)
    before, records = dump(hub_url), await sandbox.records("Activity")

    for number in (ACTIVITY_OF_THE_STORY, AMBIGUOUS, NAMELESS, OF_THE_AGENCY, PHONE_CALL, copy):
        await preview(hub, number)

    assert dump(hub_url) == before
    assert await sandbox.records("Activity") == records
    written = [call for call in await sandbox.calls("") if call["method"] != "GET"]
    assert {call["path"].rpartition("/")[2] for call in written} == {"Login"}


# What would come of it


async def test_a_new_sale_would_become_a_ticket_with_the_code_it_then_gets(hub, giulia):
    reported = await preview(hub)

    ticket = await take_in(hub, actor=giulia.id)
    assert (reported.outcome, reported.ticket_code) == (ImportPreviewOutcome.WOULD_CREATE, ticket.code)
    assert (reported.owner_id, reported.owner_source) == (giulia.id, OwnerSource.CRM_OWNER)
    assert reported.ticket_id is None


async def test_the_code_passes_over_serials_that_are_taken(hub, giulia):
    await add_operator(hub.events, "Sara", crm_user_id=2004)
    await take_in(hub, 843311, actor=giulia.id)

    assert (await preview(hub, 833311)).ticket_code == "TCK-SOF-33311-00"


async def test_the_evidence_is_every_place_that_names_the_kit(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita sod", "come detto: start-office   DIGITAL, da subito")

    reported = await preview(hub, number)

    assert [
        (one.source, one.text, one.spelling, one.kit_code) for one in reported.evidence if one.kit_code
    ] == [
        ("title", "sod", "SOD", "SOD"),
        ("description", "start-office   DIGITAL", "Start Office Digital", "SOD"),
    ]
    assert await codes_of(reported) == ("SOD",)


async def test_a_service_s_responsible_is_named_as_such(hub):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    reported = await preview(hub)

    assert (reported.owner_id, reported.owner_source) == (paolo.id, OwnerSource.SERVICE_RESPONSIBLE)


async def test_a_sale_that_is_a_ticket_already_shows_it(hub, giulia):
    ticket = await take_in(hub, actor=giulia.id)

    reported = await preview(hub)

    assert (reported.outcome, reported.ticket_id, reported.ticket_code) == (
        ImportPreviewOutcome.EXISTS,
        ticket.id,
        ticket.code,
    )
    assert await codes_of(reported) == ("SOD",)


@pytest.mark.parametrize(
    ("number", "reason", "candidates"),
    [
        pytest.param(NAMELESS, IntakeReason.NO_KIT, (), id="no kit"),
        pytest.param(AMBIGUOUS, IntakeReason.AMBIGUOUS_KIT, ("SOD", "SOT"), id="two kits"),
        pytest.param(OF_THE_AGENCY, IntakeReason.NO_OWNER, ("SOS",), id="nobody's"),
    ],
)
async def test_what_would_wait_says_why(hub, giulia, number, reason, candidates):
    reported = await preview(hub, number)

    assert (reported.outcome, reported.reason) == (ImportPreviewOutcome.WOULD_WAIT, reason)
    assert await codes_of(reported) == candidates
    assert {one.kit_code for one in reported.evidence if one.kit_code} == set(candidates)


async def test_what_waits_and_was_corrected_would_become_a_ticket(hub, sandbox, giulia):
    imported = await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await edit_record(sandbox, "Activity", NAMELESS, description="Venduto lo Start Office Digital")

    reported = await preview(hub, NAMELESS)

    assert (reported.outcome, reported.intake_item_id) == (
        ImportPreviewOutcome.WOULD_CREATE,
        imported.intake_item_id,
    )


async def test_a_dismissed_activity_is_shown_as_dismissed(hub, giulia):
    imported = await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await hub.intake.dismiss(imported.intake_item_id, actor=giulia.id)

    assert (await preview(hub, NAMELESS)).outcome == ImportPreviewOutcome.DISMISSED


async def test_an_activity_that_is_no_sale_is_shown_as_such_with_the_kit_that_it_names(hub, giulia):
    reported = await preview(hub, PHONE_CALL)

    assert (reported.outcome, reported.reason) == (ImportPreviewOutcome.NOT_A_SALE, None)
    assert reported.evidence != ()


async def test_a_copy_of_an_activity_of_ours_is_no_echo(hub, sandbox, giulia):
    reported = await preview(hub, await sell(sandbox, COPY))

    assert (reported.outcome, reported.reason) == (ImportPreviewOutcome.WOULD_WAIT, IntakeReason.NO_KIT)


async def test_the_shadow_of_a_milestone_is_an_echo_even_without_its_marker(
    hub, sandbox, giulia, opportunity
):
    await show_milestones(hub, opportunity, actor=giulia.id)
    shadow = await CrmActivity.filter(role="SHADOW").first()
    await edit_record(
        sandbox, "Activity", shadow.crm_id, subject="SOD", description="", subTypeId=INTAKE_SUB_TYPE
    )

    assert (await preview(hub, shadow.crm_id)).outcome == ImportPreviewOutcome.OWN_ECHO


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(None, "UNKNOWN_ACTIVITY", id="no such activity"),
        pytest.param("drop_before", "CRM_UNAVAILABLE", id="no CRM"),
    ],
)
async def test_without_the_activity_there_is_nothing_to_report(hub, sandbox, fault, code):
    if fault:
        await sandbox.plan(fault, match={"controller": "Activity"}, times=None)

    with pytest.raises(Refusal) as caught:
        await preview(hub, 999_999)

    assert caught.value.code == code


# Over GraphQL

PREVIEW = """
query ($id: ID!) {
  previewImportActivity(crmActivityId: $id) {
    preview {
      outcome reason ownerSource ticketCode candidateKits { code name }
      owner { name } ticket { code } intakeItem { status }
      shownSubject shownDescription evidence { source start end text kind spelling kitCode }
    }
    problems { code }
  }
}
"""


async def execute(hub, number, role):
    context = context_for(role, crm=hub.crm, intake=hub.intake, events=hub.events)
    return await schema.execute(PREVIEW, {"id": str(number)}, context_value=context)


async def ask(hub, number):
    result = await execute(hub, number, Role.OPERATOR)
    assert result.errors is None, result.errors
    return result.data["previewImportActivity"]


async def test_the_api_refuses_viewers_because_it_costs_calls(hub, sandbox):
    result = await execute(hub, ACTIVITY_OF_THE_STORY, Role.VIEWER)

    assert [error.original_error.__class__ for error in result.errors] == [Forbidden]
    assert await sandbox.calls("") == []


async def test_the_api_reports_the_same_to_operators(hub, sandbox, giulia):
    number = await sell(sandbox, "Venduto SOD")

    answer = await ask(hub, number)

    assert answer == {
        "preview": {
            "outcome": "WOULD_CREATE",
            "reason": None,
            "ownerSource": "CRM_OWNER",
            "ticketCode": f"TCK-SOD-{str(number)[-4:]}-00",
            "candidateKits": [{"code": "SOD", "name": "Start Office Digital"}],
            "owner": {"name": "Giulia"},
            "ticket": None,
            "intakeItem": None,
            "shownSubject": "Venduto SOD",
            "shownDescription": None,
            "evidence": [
                {
                    "source": "TITLE",
                    "start": 0,
                    "end": 7,
                    "text": "Venduto",
                    "kind": "SALE",
                    "spelling": None,
                    "kitCode": None,
                },
                {
                    "source": "TITLE",
                    "start": 8,
                    "end": 11,
                    "text": "SOD",
                    "kind": "KIT",
                    "spelling": "SOD",
                    "kitCode": "SOD",
                },
            ],
        },
        "problems": [],
    }


async def test_what_is_not_there_is_a_problem(hub):
    answer = await ask(hub, 999_999)

    assert answer == {"preview": None, "problems": [{"code": "UNKNOWN_ACTIVITY"}]}


async def test_an_item_of_the_inbox_shows_the_words_that_deny_the_sale_and_is_still_resolved(
    hub, sandbox, giulia
):
    number = await sell(
        sandbox, "Chiamata", "<p>Il cliente <b>non vuole</b> lo Start&nbsp;Office&nbsp;Digital</p>"
    )
    imported = await hub.intake.import_activity(number, actor=giulia.id)
    context = context_for(Role.OPERATOR, crm=hub.crm, intake=hub.intake, events=hub.events)
    query = """{ intakeItems { nodes {
      reason candidateKits { code } shownDescription evidence { source text kind kitCode }
    } } }"""

    shown = await schema.execute(query, context_value=context)
    resolved = await hub.intake.resolve(imported.intake_item_id, Choice(kit_code="SOD"), actor=giulia.id)

    assert shown.errors is None, shown.errors
    assert shown.data["intakeItems"]["nodes"] == [
        {
            "reason": "NEGATED",
            "candidateKits": [{"code": "SOD"}],
            "shownDescription": "Il cliente non vuole lo Start Office Digital",
            "evidence": [
                {"source": "DESCRIPTION", "text": "non vuole", "kind": "NEGATION", "kitCode": None},
                {"source": "DESCRIPTION", "text": "Start Office Digital", "kind": "KIT", "kitCode": "SOD"},
            ],
        }
    ]
    assert resolved.ticket_id is not None


async def test_an_item_of_the_inbox_shows_the_kits_that_it_may_mean_in_the_order_of_its_text(hub, giulia):
    for number in (AMBIGUOUS, NAMELESS):
        await hub.intake.import_activity(number, actor=giulia.id)
    query = "{ intakeItems(orderBy: CREATED_AT_ASC) { nodes { candidateKits { code name } } } }"

    shown = await schema.execute(query, context_value=context_for(Role.VIEWER))

    assert shown.errors is None, shown.errors
    assert [node["candidateKits"] for node in shown.data["intakeItems"]["nodes"]] == [
        [{"code": "SOD", "name": "Start Office Digital"}, {"code": "SOT", "name": "Start Office Training"}],
        [],
    ]
