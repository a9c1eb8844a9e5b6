"""A replay tells what the intake would do and why, and does nothing."""

import pytest

from models import CrmActivity
from resolvers.errors import Forbidden
from schema import schema
from services.errors import Refusal
from services.replay import replay_activity
from services.vocabulary import IntakeReason, OwnerSource, ReplayOutcome, Role
from tests.hub import (
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
from tests.schema.conftest import context_for

AMBIGUOUS, NAMELESS, OF_THE_AGENCY = 844018, 844206, 844590
PHONE_CALL = 841950
ECHO = "[IH:TCK-F40-5155-01:2] SOD"


async def replay(hub, crm_activity_id=ACTIVITY_OF_THE_STORY):
    return await replay_activity(
        crm_activity_id,
        crm=hub.crm,
        sub_type_id=INTAKE_SUB_TYPE,
        today=hub.calendar.today(hub.clock()),
        calendar=hub.calendar,
    )


# No effect


async def test_a_replay_leaves_no_trace_here_or_in_the_crm(hub, hub_url, sandbox, giulia):
    echo = await sell(sandbox, ECHO)
    before, records = dump(hub_url), await sandbox.records("Activity")

    for number in (ACTIVITY_OF_THE_STORY, AMBIGUOUS, NAMELESS, OF_THE_AGENCY, PHONE_CALL, echo):
        await replay(hub, number)

    assert dump(hub_url) == before
    assert await sandbox.records("Activity") == records
    written = [call for call in await sandbox.calls("") if call["method"] != "GET"]
    assert {call["path"].rpartition("/")[2] for call in written} == {"Login"}


# What would come of it


async def test_a_new_sale_would_become_a_ticket_with_the_code_it_then_gets(hub, giulia):
    told = await replay(hub)

    ticket = await take_in(hub, actor=giulia.id)
    assert (told.outcome, told.ticket_code) == (ReplayOutcome.WOULD_CREATE, ticket.code)
    assert (told.owner_id, told.owner_source) == (giulia.id, OwnerSource.CRM_OWNER)
    assert told.ticket_id is None


async def test_the_code_passes_over_digits_that_are_taken(hub, giulia):
    await add_operator(hub.events, "Sara", crm_user_id=2004)
    await take_in(hub, 843311, actor=giulia.id)

    assert (await replay(hub, 833311)).ticket_code == "TCK-SOF-33311-00"


async def test_the_evidence_is_every_place_that_names_the_kit(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita sod", "come detto: start-office   DIGITAL, da subito")

    told = await replay(hub, number)

    assert [(one.source, one.text, one.spelling, one.key) for one in told.evidence] == [
        ("title", "sod", "SOD", "SOD"),
        ("description", "start-office   DIGITAL", "Start Office Digital", "SOD"),
    ]
    assert told.candidates == ("SOD",)


async def test_a_service_s_responsible_is_named_as_such(hub):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    told = await replay(hub)

    assert (told.owner_id, told.owner_source) == (paolo.id, OwnerSource.SERVICE_RESPONSIBLE)


async def test_a_sale_that_is_a_ticket_already_shows_it(hub, giulia):
    ticket = await take_in(hub, actor=giulia.id)

    told = await replay(hub)

    assert (told.outcome, told.ticket_id, told.ticket_code) == (
        ReplayOutcome.EXISTS,
        ticket.id,
        ticket.code,
    )
    assert told.candidates == ("SOD",)


@pytest.mark.parametrize(
    ("number", "reason", "candidates"),
    [
        pytest.param(NAMELESS, IntakeReason.NO_KIT, (), id="no kit"),
        pytest.param(AMBIGUOUS, IntakeReason.AMBIGUOUS_KIT, ("SOD", "SOT"), id="two kits"),
        pytest.param(OF_THE_AGENCY, IntakeReason.NO_OWNER, ("SOS",), id="nobody's"),
    ],
)
async def test_what_would_wait_says_why(hub, giulia, number, reason, candidates):
    told = await replay(hub, number)

    assert (told.outcome, told.reason) == (ReplayOutcome.WOULD_WAIT, reason)
    assert told.candidates == candidates
    assert {one.key for one in told.evidence} == set(candidates)


async def test_what_waits_and_was_corrected_would_become_a_ticket(hub, sandbox, giulia):
    imported = await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await edit_record(sandbox, "Activity", NAMELESS, description="Start Office Digital")

    told = await replay(hub, NAMELESS)

    assert (told.outcome, told.intake_item_id) == (ReplayOutcome.WOULD_CREATE, imported.intake_item_id)


async def test_what_was_dismissed_is_told_so(hub, giulia):
    imported = await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await hub.intake.dismiss(imported.intake_item_id, actor=giulia.id)

    assert (await replay(hub, NAMELESS)).outcome == ReplayOutcome.DISMISSED


async def test_what_is_no_sale_is_told_so_with_the_kit_that_it_names(hub, giulia):
    told = await replay(hub, PHONE_CALL)

    assert (told.outcome, told.reason) == (ReplayOutcome.NOT_A_SALE, None)
    assert told.evidence != ()


async def test_our_own_echo_is_told_so(hub, sandbox, giulia):
    number = await sell(sandbox, ECHO)

    assert (await replay(hub, number)).outcome == ReplayOutcome.OWN_ECHO


async def test_the_shadow_of_a_milestone_is_an_echo_even_without_its_marker(
    hub, sandbox, giulia, opportunity
):
    await show_milestones(hub, opportunity, actor=giulia.id)
    shadow = await CrmActivity.filter(role="SHADOW").first()
    await edit_record(
        sandbox, "Activity", shadow.crm_id, subject="SOD", description="", subTypeId=INTAKE_SUB_TYPE
    )

    assert (await replay(hub, shadow.crm_id)).outcome == ReplayOutcome.OWN_ECHO


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(None, "UNKNOWN_ACTIVITY", id="no such activity"),
        pytest.param("drop_before", "CRM_UNAVAILABLE", id="no CRM"),
    ],
)
async def test_without_the_activity_there_is_nothing_to_tell(hub, sandbox, fault, code):
    if fault:
        await sandbox.plan(fault, match={"controller": "Activity"}, times=None)

    with pytest.raises(Refusal) as caught:
        await replay(hub, 999_999)

    assert caught.value.code == code


# Over GraphQL

REPLAY = """
query ($id: ID!) {
  replayActivity(crmActivityId: $id) {
    replay {
      outcome reason ownerSource ticketCode candidates
      owner { name } ticket { code } intakeItem { status }
      evidence { source start end text spelling kitCode }
    }
    problems { code }
  }
}
"""


async def execute(hub, number, role):
    context = context_for(role, crm=hub.crm, intake=hub.intake, events=hub.events)
    return await schema.execute(REPLAY, {"id": str(number)}, context_value=context)


async def ask(hub, number):
    result = await execute(hub, number, Role.OPERATOR)
    assert result.errors is None, result.errors
    return result.data["replayActivity"]


async def test_the_api_tells_viewers_nothing_because_it_costs_calls(hub, sandbox):
    result = await execute(hub, ACTIVITY_OF_THE_STORY, Role.VIEWER)

    assert [error.original_error.__class__ for error in result.errors] == [Forbidden]
    assert await sandbox.calls("") == []


async def test_the_api_tells_operators_the_same(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita SOD")

    answer = await ask(hub, number)

    assert answer == {
        "replay": {
            "outcome": "WOULD_CREATE",
            "reason": None,
            "ownerSource": "CRM_OWNER",
            "ticketCode": f"TCK-SOD-{str(number)[-4:]}-00",
            "candidates": ["SOD"],
            "owner": {"name": "Giulia"},
            "ticket": None,
            "intakeItem": None,
            "evidence": [
                {
                    "source": "TITLE",
                    "start": 8,
                    "end": 11,
                    "text": "SOD",
                    "spelling": "SOD",
                    "kitCode": "SOD",
                }
            ],
        },
        "problems": [],
    }


async def test_what_is_not_there_is_a_problem(hub):
    answer = await ask(hub, 999_999)

    assert answer == {"replay": None, "problems": [{"code": "UNKNOWN_ACTIVITY"}]}
