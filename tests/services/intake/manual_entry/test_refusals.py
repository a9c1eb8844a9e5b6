"""What is refused writes nothing, and the mutation answers it as a problem."""

import pytest

from models import Action, Kit, Ticket
from schema import schema
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.entered_sales import made_by_hand, press
from tests.support.hub import BREMBATE, add_operator, dump, run_to_the_end
from tests.support.refusals import refusal_of


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
        pytest.param({"owner_id": "opr_x"}, "UNKNOWN_OPERATOR", None, id="an unknown owner"),
        pytest.param({"kit_code": "SOS"}, "NO_OWNER", (), id="without an owner"),
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


async def test_a_crm_that_does_not_answer_is_reported_and_nothing_is_written(hub, hub_url, sandbox, giulia):
    await sandbox.plan("drop_before", match={"controller": "Company"}, times=None)
    before = dump(hub_url)

    refusal = await refusal_of(press(hub, giulia))

    assert refusal.code == "CRM_UNAVAILABLE"
    assert dump(hub_url) == before


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
async def test_a_request_that_says_too_little_is_a_problem(hub, giulia, variables, argument):
    result = await ask(hub, giulia, **variables)

    assert result.errors is None
    assert result.data["createTicket"]["problems"] == [{"code": "BAD_USER_INPUT", "path": [argument]}]
