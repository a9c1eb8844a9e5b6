"""A ticket made by hand is one sale in the CRM and one ticket here, whatever fails and however often one presses."""

import asyncio

import pytest

from models import Action, ActionItem, Company, CrmActivity, IntakeItem, Kit, Operator, PollMark, Ticket
from schema import schema
from services.actions import retry_action
from services.errors import Refusal
from services.ticket_creation import TicketRequest, create_ticket
from services.vocabulary import ActionStatus, CrmActivityRole, ItemOutcome, Role
from tests.hub import (
    BREMBATE,
    INTAKE_SUB_TYPE,
    VALDARNO,
    add_operator,
    dump,
    make_responsible,
    run_to_the_end,
)
from tests.schema.conftest import context_for

CREATES = {"controller": "Activity", "action": "create"}


async def press(hub, operator, **request):
    asked = TicketRequest(**{"kit_code": "SOD", "crm_company_id": BREMBATE, **request})
    return await create_ticket(
        asked, actor=operator.id, crm=hub.crm, events=hub.events, calendar=hub.calendar
    )


async def make(hub, operator, **request):
    """The only item, carried out."""
    (item,) = await run_to_the_end(hub, await press(hub, operator, **request))
    return item


async def made_by_hand(sandbox):
    return [one for one in await sandbox.records("Activity") if "[IH:sale:" in one["subject"]]


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


# What comes of it


async def test_a_sale_entered_by_hand_is_noted_in_the_crm_and_becomes_a_parent(hub, sandbox, giulia):
    item = await make(hub, giulia, notes="Firma entro venerdì")

    ticket = await Ticket.get()
    assert item.outcome == ItemOutcome.CREATED
    assert ticket.code == f"TCK-SOD-{str(item.crm_id)[-4:]}-00"
    assert (ticket.notes, ticket.owner_id) == ("Firma entro venerdì", giulia.id)
    (noted,) = await made_by_hand(sandbox)
    assert (noted["subTypeId"], noted["companyId"], noted["ownerId"]) == (INTAKE_SUB_TYPE, BREMBATE, 2002)
    assert "Firma entro venerdì" not in noted["description"]


async def test_the_ticket_shows_on_the_action(hub, giulia):
    item = await make(hub, giulia)

    action = await Action.get(id=item.action_id)
    assert (action.status, action.ticket_id) == (ActionStatus.COMPLETED, (await Ticket.get()).id)
    assert action.company_id == (await Company.get(crm_id=BREMBATE)).id


async def test_a_company_that_we_know_goes_by_our_id(hub, sandbox, giulia):
    company = await Company.create(crm_id=VALDARNO, name="Valdarno", refreshed_at=hub.clock())

    await make(hub, giulia, crm_company_id=None, company_id=company.id)

    assert (await Ticket.get()).company_id == company.id
    assert (await made_by_hand(sandbox))[0]["companyId"] == VALDARNO


async def test_a_kit_goes_by_its_id_as_well(hub, giulia):
    await make(hub, giulia, kit_code=None, kit_id=(await Kit.get(code="SOF")).id)

    assert (await Ticket.get()).code.startswith("TCK-SOF-")


async def test_the_owner_who_was_chosen_owns_both_ticket_and_activity(hub, sandbox, giulia):
    luca = await add_operator(hub.events, "Luca", crm_user_id=2003)

    await make(hub, giulia, owner_id=luca.id)

    assert (await Ticket.get()).owner_id == luca.id
    assert (await made_by_hand(sandbox))[0]["ownerId"] == 2003


async def test_one_who_is_nobody_in_the_crm_leaves_the_ticket_to_the_kit_s_responsible(hub, giulia):
    token = await add_operator(hub.events, "Portale")
    await make_responsible(giulia, "SOD")

    await make(hub, token)

    assert (await Ticket.get()).owner_id == giulia.id


# Once


async def test_a_second_press_at_the_same_moment_gives_the_same_action(hub, sandbox, giulia):
    actions = await asyncio.gather(*(press(hub, giulia) for _ in range(10)))
    await run_to_the_end(hub, actions[0])

    assert len({action.id for action in actions}) == 1
    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1


async def test_a_second_press_after_the_end_gives_the_same_action(hub, hub_url, giulia):
    item = await make(hub, giulia)
    before = dump(hub_url)

    assert (await press(hub, giulia)).id == item.action_id
    assert dump(hub_url) == before


async def test_a_second_press_needs_no_crm(hub, sandbox, giulia):
    action = await press(hub, giulia)
    await sandbox.plan("drop_before", times=None)

    assert (await press(hub, giulia)).id == action.id


async def test_processes_that_press_at_once_make_one_sale(hub, hub_url, sandbox, giulia, rivals):
    order = ("create ticket", BREMBATE, "SOD", giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)
    await run_to_the_end(hub, await Action.get(id=first))

    assert first == second
    assert len(await made_by_hand(sandbox)) == 1


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"notes": "la seconda sede"}, id="other notes"),
        pytest.param({"kit_code": "SOF"}, id="another kit"),
        pytest.param({"crm_company_id": VALDARNO}, id="another company"),
        pytest.param({"request_key": "due"}, id="a key of its own"),
    ],
)
async def test_what_is_not_the_same_request_is_another_sale(hub, sandbox, giulia, difference):
    await make(hub, giulia)

    await make(hub, giulia, **difference)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 2


async def test_two_operators_who_sell_the_same_make_two_sales(hub, sandbox, giulia):
    luca = await add_operator(hub.events, "Luca", crm_user_id=2003)

    await make(hub, giulia, request_key="uno")
    await make(hub, luca, request_key="uno")

    assert len(await made_by_hand(sandbox)) == 2


async def test_a_key_means_one_request_and_no_other(hub, hub_url, giulia):
    await make(hub, giulia, request_key="uno")
    before = dump(hub_url)

    refusal = await refusal_of(press(hub, giulia, request_key="uno", kit_code="SOF"))

    assert (refusal.code, refusal.path) == ("REQUEST_KEY_REUSED", ("requestKey",))
    assert dump(hub_url) == before


# A CRM that fails


@pytest.mark.parametrize("time_limit", [0.3])
@pytest.mark.parametrize(
    ("fault", "args"),
    [
        pytest.param("commit_then_drop", {}, id="loses its answer"),
        pytest.param("commit_then_delay", {"seconds": 0.6}, id="answers too late"),
        pytest.param("html_200", {"commit": True}, id="answers a page"),
        pytest.param("drop_before", {}, id="drops the line"),
        pytest.param("status", {"status": 503}, id="gives up"),
        pytest.param("status", {"status": 429, "retry_after": 0}, id="has had enough"),
    ],
)
async def test_whatever_becomes_of_the_answer_there_is_one_sale_and_one_ticket(
    hub, sandbox, giulia, fault, args
):
    await sandbox.plan(fault, match=CREATES, args=args)

    item = await make(hub, giulia)

    (noted,) = await made_by_hand(sandbox)
    assert (item.outcome, item.crm_id) == (ItemOutcome.CREATED, noted["id"])
    assert (await CrmActivity.get(role=CrmActivityRole.SOURCE)).crm_id == noted["id"]
    assert (await Action.get(id=item.action_id)).ticket_id == (await Ticket.get()).id


@pytest.mark.parametrize("time_limit", [0.3])
async def test_a_search_that_lags_makes_no_second_sale(hub, sandbox, giulia):
    await sandbox.switch(search_lag_seconds=0.1)
    await sandbox.plan("commit_then_drop", match=CREATES)

    await make(hub, giulia)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1


async def test_a_refusal_of_the_crm_is_told_and_another_press_tries_anew(hub, sandbox, giulia):
    words = {"status": 400, "message": "Sottotipo non valido"}
    await sandbox.plan("status", match=CREATES, args=words)
    failed = await make(hub, giulia)

    item = await make(hub, giulia)

    assert (failed.outcome, item.outcome) == (ItemOutcome.FAILED, ItemOutcome.CREATED)
    assert "Sottotipo non valido" in failed.explanation
    assert len(await made_by_hand(sandbox)) == 1


@pytest.mark.parametrize(
    "lag", [pytest.param(0, id="shown at once"), pytest.param(30, id="not shown yet by the search")]
)
async def test_a_failed_sale_that_was_made_anew_and_is_retried_as_well_stays_one(hub, sandbox, giulia, lag):
    await sandbox.switch(search_lag_seconds=lag)
    await sandbox.plan("status", match=CREATES, args={"status": 400, "message": "No"})
    failed = await make(hub, giulia)
    await make(hub, giulia)

    retried = await retry_action(failed.action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, retried)

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1
    assert (await Action.get(id=retried.id)).ticket_id == (await Ticket.get()).id


async def test_a_sale_that_could_not_be_written_here_waits_for_a_person_and_is_not_noted_twice(
    hub, sandbox, giulia
):
    await make_responsible(giulia, "SOD")
    portal = await add_operator(hub.events, "Portale")
    action = await press(hub, portal)
    await sandbox.plan("commit_then_drop", match=CREATES)
    lane = (await ActionItem.get(action_id=action.id)).lane
    await hub.engine.run_lane(lane)
    await Operator.filter(id=giulia.id).update(active=False)
    (item,) = await run_to_the_end(hub, action)
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION

    await Operator.filter(id=giulia.id).update(active=True)
    assert (await press(hub, portal)).id == action.id
    await run_to_the_end(hub, await retry_action(action.id, actor=giulia.id, events=hub.events))

    assert len(await made_by_hand(sandbox)) == await Ticket.all().count() == 1


# Beside the poller


@pytest.mark.parametrize("time_limit", [0.3])
async def test_the_poller_takes_what_was_made_by_hand_for_ours_before_and_after_the_ticket(
    hub, sandbox, giulia
):
    await hub.poller.poll()
    await sandbox.plan("commit_then_drop", match=CREATES)
    action = await press(hub, giulia)
    await hub.engine.run_lane((await ActionItem.get(action_id=action.id)).lane)
    assert (await Ticket.all().count(), len(await made_by_hand(sandbox))) == (0, 1)

    await poll(hub)
    await run_to_the_end(hub, action)
    await poll(hub)

    assert (await Ticket.all().count(), await IntakeItem.all().count()) == (1, 0)


async def poll(hub):
    await PollMark.all().update(not_before=hub.clock())
    await hub.poller.poll()


async def test_importing_what_was_made_by_hand_gives_its_ticket(hub, giulia):
    item = await make(hub, giulia)

    imported = await hub.intake.import_activity(item.crm_id, actor=giulia.id)

    assert imported.ticket_id == (await Ticket.get()).id


# What is declined


@pytest.mark.parametrize(
    ("request_", "code", "path"),
    [
        pytest.param({"kit_code": "NOPE"}, "UNKNOWN_KIT", ("kitCode",), id="no such kit"),
        pytest.param(
            {"kit_code": None, "kit_id": "kit_x"}, "UNKNOWN_KIT", ("kitId",), id="no kit of this id"
        ),
        pytest.param({"kit_code": "SOT"}, "INACTIVE_KIT", ("kitCode",), id="a kit that is no longer sold"),
        pytest.param({"crm_company_id": 9}, "UNKNOWN_COMPANY", ("crmCompanyId",), id="no company of the CRM"),
        pytest.param(
            {"crm_company_id": None, "company_id": "cmp_x"},
            "UNKNOWN_COMPANY",
            ("companyId",),
            id="no company",
        ),
        pytest.param({"owner_id": "opr_x"}, "UNKNOWN_OPERATOR", None, id="an owner who is nobody"),
        pytest.param({"kit_code": "SOS"}, "NO_OWNER", (), id="nobody's"),
    ],
)
async def test_what_cannot_become_a_ticket_is_declined_and_nothing_is_written(
    hub, hub_url, sandbox, request_, code, path
):
    await Kit.filter(code="SOT").update(active=False)
    portal = await add_operator(hub.events, "Portale")
    before = dump(hub_url)

    refusal = await refusal_of(press(hub, portal, **request_))

    assert refusal.code == code
    assert path is None or refusal.path == path
    assert dump(hub_url) == before
    assert await made_by_hand(sandbox) == []


async def test_a_crm_that_does_not_answer_is_told_and_nothing_is_written(hub, hub_url, sandbox, giulia):
    await sandbox.plan("drop_before", match={"controller": "Company"}, times=None)
    before = dump(hub_url)

    refusal = await refusal_of(press(hub, giulia))

    assert refusal.code == "CRM_UNAVAILABLE"
    assert dump(hub_url) == before


# Over GraphQL

CREATE = """
mutation ($company: ID, $kit: String, $key: String) {
  createTicket(crmCompanyId: $company, kitCode: $kit, notes: "a voce", requestKey: $key) {
    action { id kind ticket { code notes } }
    problems { code path }
  }
}
"""


async def ask(hub, operator, **variables):
    context = context_for(
        Role.OPERATOR,
        operator_id=operator.id,
        crm=hub.crm,
        intake=hub.intake,
        events=hub.events,
    )
    return await schema.execute(CREATE, variables, context_value=context)


async def test_the_mutation_answers_the_action_and_its_ticket_once_it_is_there(hub, giulia):
    said = {"company": str(BREMBATE), "kit": "SOD", "key": "uno"}
    first = (await ask(hub, giulia, **said)).data["createTicket"]
    await run_to_the_end(hub, await Action.get(id=first["action"]["id"]))

    again = (await ask(hub, giulia, **said)).data["createTicket"]

    assert (first["problems"], first["action"]["kind"]) == ([], "CREATE_TICKET")
    assert again["action"]["id"] == first["action"]["id"]
    assert again["action"]["ticket"] == {"code": (await Ticket.get()).code, "notes": "a voce"}


async def test_the_mutation_answers_what_is_declined_as_a_problem(hub, giulia):
    answer = (await ask(hub, giulia, company="9", kit="SOD")).data["createTicket"]

    assert answer == {
        "action": None,
        "problems": [{"code": "UNKNOWN_COMPANY", "path": ["crmCompanyId"]}],
    }


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        pytest.param({"company": str(BREMBATE)}, "kitCode", id="no kit"),
        pytest.param({"kit": "SOD"}, "companyId", id="no company"),
        pytest.param({"company": "quattro", "kit": "SOD"}, "crmCompanyId", id="a company that is no number"),
    ],
)
async def test_a_request_that_says_too_little_is_an_error(hub, giulia, variables, argument):
    (error,) = (await ask(hub, giulia, **variables)).errors

    assert error.extensions == {"code": "BAD_USER_INPUT", "argument": argument}
