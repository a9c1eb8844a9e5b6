"""Everything that can be asked wrongly, asked of a running hub: a clear answer, never a 5xx, and nothing written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Prepared, copied
from tests.support.crm_store import read_store
from tests.support.databases import Databases, dump
from tests.support.graphql_client import Answer, Client
from tests.support.running_hub import running_hub, running_sandbox, stop
from tests.support.running_scenarios import ArrangedOffice, arrange, take_in_and_close
from tests.support.story import ACTION, GENERATE, IMPORT, Desk, outcomes

STRANGER = 2005

# `$name` stands for the id that `arrange` gives this name.
UNKNOWN = [
    ("startTask(taskId: $unknown)", "UNKNOWN_TASK"),
    ("completeTask(taskId: $unknown)", "UNKNOWN_TASK"),
    ("completeTask(taskId: $ticket)", "UNKNOWN_TASK"),
    ("skipTask(taskId: $unknown)", "UNKNOWN_TASK"),
    ("reopenTask(taskId: $unknown)", "UNKNOWN_TASK"),
    ('waiveTask(taskId: $unknown, reason: "x")', "UNKNOWN_TASK"),
    ("assignTask(taskId: $unknown, operatorId: $operator)", "UNKNOWN_TASK"),
    ("assignTask(taskId: $task, operatorId: $unknown)", "UNKNOWN_OPERATOR"),
    ('rescheduleTask(taskId: $unknown, dueOn: "2027-01-07")', "UNKNOWN_TASK"),
    ("completeMilestone(milestoneId: $unknown)", "UNKNOWN_MILESTONE"),
    ("cancelMilestone(milestoneId: $unknown)", "UNKNOWN_MILESTONE"),
    ('rescheduleMilestone(milestoneId: $unknown, dueOn: "2027-01-07")', "UNKNOWN_MILESTONE"),
    ('cancelTicket(ticketId: $unknown, reason: "x")', "UNKNOWN_TICKET"),
    ("generateOpportunities(ticketId: $unknown)", "UNKNOWN_TICKET"),
    ("generateOpportunities(ticketId: $closed, ticketLineIds: [$unknown])", "UNKNOWN_LINE"),
    ("syncOpportunities(ticketId: $unknown)", "UNKNOWN_TICKET"),
    ("syncOpportunities(companyId: $unknown)", "UNKNOWN_COMPANY"),
    ("generateActivities(opportunityId: $unknown)", "UNKNOWN_OPPORTUNITY"),
    ("retryAction(actionId: $unknown)", "UNKNOWN_ACTION"),
    ("retryAction(actionId: $action, itemIds: [$unknown])", "UNKNOWN_ITEM"),
    ("cancelAction(actionId: $unknown)", "UNKNOWN_ACTION"),
    ("importActivity(crmActivityId: 1)", "UNKNOWN_ACTIVITY"),
    ("resolveIntakeItem(intakeItemId: $unknown)", "UNKNOWN_INTAKE_ITEM"),
    ('resolveIntakeItem(intakeItemId: $inbox, kitCode: "NOPE")', "UNKNOWN_KIT"),
    ("dismissIntakeItem(intakeItemId: $unknown)", "UNKNOWN_INTAKE_ITEM"),
]
WRONG = [
    ("skipTask(taskId: $task)", "TASK_IS_MANDATORY"),
    ("startTask(taskId: $done)", "TASK_NOT_IN_STATE"),
    ('waiveTask(taskId: $task, reason: " ")', "REASON_REQUIRED"),
    ("completeTask(taskId: $cancelledTask)", "TICKET_CANCELLED"),
    ("completeTask(taskId: $task, expectedVersion: 99)", "CONFLICT"),
    ("completeMilestone(milestoneId: $milestone)", "MILESTONE_HAS_OPEN_TASKS"),
    ("cancelMilestone(milestoneId: $milestone)", "REASON_REQUIRED"),
    ('cancelTicket(ticketId: $ticket, reason: "")', "REASON_REQUIRED"),
    ('cancelTicket(ticketId: $closed, reason: "x")', "TICKET_CLOSED"),
    ("generateOpportunities(ticketId: $ticket)", "TICKET_NOT_CLOSED"),
    ("generateOpportunities(ticketId: $child)", "NOT_A_PARENT"),
    ("generateOpportunities(ticketId: $cancelled)", "TICKET_CANCELLED"),
    ("generateOpportunities(ticketId: $withoutLines)", "TICKET_WITHOUT_LINES"),
    ("generateOpportunities(ticketId: $withoutTemplate)", "SERVICE_WITHOUT_TEMPLATE"),
    ("generateOpportunities(ticketId: $closed, ticketLineIds: [$line])", "MANDATORY_LINES_LEFT_OUT"),
    ("syncOpportunities(ticketId: $ticket, companyId: $company)", "AMBIGUOUS_SCOPE"),
    ("generateActivities(opportunityId: $opportunity)", "OPPORTUNITY_WITHOUT_CHILD"),
    ("retryAction(actionId: $action)", "NOTHING_TO_RETRY"),
    ("cancelAction(actionId: $action)", "NOTHING_TO_CANCEL"),
    ("importActivity(crmActivityId: $notASale)", "NOT_A_SALE"),
    ("importActivity(crmActivityId: $echo)", "OWN_ECHO"),
    ("resolveIntakeItem(intakeItemId: $dismissed)", "INTAKE_ITEM_SETTLED"),
    ('rescheduleTask(taskId: $task, dueOn: "9999-12-31")', "DATE_OUT_OF_RANGE"),
    ('rescheduleMilestone(milestoneId: $milestone, dueOn: "0001-01-01")', "DATE_OUT_OF_RANGE"),
    ("importActivity(crmActivityId: $unknown)", "BAD_USER_INPUT"),
    ('importActivity(crmActivityId: "-1")', "BAD_USER_INPUT"),
    ('importActivity(crmActivityId: "99999999999999999999")', "BAD_USER_INPUT"),
    (f"skipTask(taskId: $task, reason: {json.dumps('x' * 2001)})", "TEXT_TOO_LONG"),
]
ABSURD = [
    ('rescheduleTask(taskId: $task, dueOn: "31/12/2026")', "BAD_USER_INPUT"),
    ("completeTask(taskId: {})", "BAD_USER_INPUT"),
    ("completeTask(taskId: $nowhere)", "GRAPHQL_VALIDATION_FAILED"),
    ("completeTask", "GRAPHQL_VALIDATION_FAILED"),
    ("explode(taskId: $task)", "GRAPHQL_VALIDATION_FAILED"),
    ("completeTask(taskId: $task", "GRAPHQL_PARSE_FAILED"),
]


@pytest.fixture(scope="module")
def office(
    databases: Databases, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArrangedOffice]:
    with (
        copied(prepared, databases, tmp_path_factory.mktemp("office") / "files") as files,
        running_sandbox(files) as sandbox,
        # A busy machine may answer late, and none of these answers is about time.
        running_hub(files, sandbox, CRM_TIME_LIMIT="20") as hub,
    ):
        desk = Desk(Client(hub.address, prepared.operator_token), Client(sandbox.control))
        named = arrange(desk, files)
        yield ArrangedOffice(files, desk, Client(hub.address, prepared.viewer_token), named)


@pytest.mark.parametrize(("call", "code"), [pytest.param(*case, id=case[0][:60]) for case in UNKNOWN + WRONG])
def test_what_cannot_be_done_is_a_problem_and_nothing_is_written(
    office: ArrangedOffice, call: str, code: str
):
    before = office.everything()

    answer = office.mutate(call)

    assert codes_of(answer) == [code]
    assert office.everything() == before


@pytest.mark.parametrize(("call", "code"), [pytest.param(*case, id=case[0]) for case in ABSURD])
def test_what_makes_no_sense_is_an_error_and_nothing_is_written(office: ArrangedOffice, call: str, code: str):
    before = office.everything()

    answer = office.mutate(call)

    assert answer.status == 200
    assert {error["extensions"]["code"] for error in answer.body["errors"]} == {code}, answer.body
    assert not any((answer.body.get("data") or {}).values())
    assert office.everything() == before


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        pytest.param({}, "BAD_USER_INPUT", id="missing"),
        pytest.param({"id": None}, "BAD_USER_INPUT", id="null"),
        pytest.param({"id": {"of": "a task"}}, "BAD_USER_INPUT", id="an object"),
        pytest.param({"id": [["a"]]}, "BAD_USER_INPUT", id="lists"),
        pytest.param({"id": True}, "BAD_USER_INPUT", id="a truth value"),
        pytest.param({"id": 1e400}, "BAD_REQUEST", id="no number of JSON"),
        pytest.param(["id"], "BAD_REQUEST", id="not an object"),
        pytest.param("id", "BAD_REQUEST", id="a text"),
    ],
)
def test_malformed_variables_are_an_error_and_nothing_is_written(
    office: ArrangedOffice, variables: Any, code: str
):
    before = office.everything()
    operation = "mutation ($id: ID!) { completeTask(taskId: $id) { problems { code } } }"

    answer = office.desk.hub.request("POST", "/graphql", {"query": operation, "variables": variables})

    assert answer.status == (400 if code == "BAD_REQUEST" else 200), answer
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == [code]
    assert office.everything() == before


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '"query"',
        "null",
        "{}",
        '{"query": 1}',
        '{"query": null}',
        '[{"query": "{ viewer { name } }"}]',
    ],
)
def test_what_is_no_request_of_graphql_is_declined(office: ArrangedOffice, body: str):
    answer = office.desk.hub.request("POST", "/graphql", raw=body)

    assert answer.status == 400
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["BAD_REQUEST"]


@pytest.mark.parametrize("call", ["completeTask(taskId: $task)", "generateOpportunities(ticketId: $closed)"])
def test_an_onlooker_may_change_nothing(office: ArrangedOffice, call: str):
    before = office.everything()

    answer = office.mutate(call, office.onlooker)

    assert answer.status == 200
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]
    assert office.everything() == before


@pytest.mark.parametrize("token", [None, "ihub_" + "x" * 43, "nonsense"])
def test_a_stranger_is_not_let_in(office: ArrangedOffice, token: str | None):
    answer = office.mutate("completeTask(taskId: $task)", Client(office.desk.hub.address, token))

    assert answer.status == 401
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("sale", "reason"),
    [
        pytest.param(
            {"subject": "Consulenza strumenti economico-finanziari"}, "KIT_WITHOUT_SERVICES", id="empty kit"
        ),
        pytest.param({"subject": "SOD oppure SOT, da decidere"}, "AMBIGUOUS_KIT", id="two kits"),
        pytest.param({"subject": "Nuovo software gestionale"}, "NO_KIT", id="no kit"),
        pytest.param({"subject": "SOD", "ownerId": STRANGER}, "NO_OWNER", id="unknown owner"),
        pytest.param({"subject": "SOD", "companyId": None}, "UNKNOWN_COMPANY", id="no company"),
    ],
)
def test_a_sale_that_says_too_little_waits_with_its_reason_and_makes_nothing_else(
    office: ArrangedOffice, sale: dict[str, Any], reason: str
):
    crm_id = office.desk.record_sale(**sale)
    work, store = office.work(), read_store(office.files.store)

    waiting = [office.desk.hub.ask(IMPORT, id=str(crm_id)) for _ in range(2)]

    assert waiting[0] == waiting[1]
    assert waiting[0]["ticket"] is None
    assert waiting[0]["intakeItem"]["reason"] == reason
    assert office.work() == work
    assert read_store(office.files.store) == store


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param({"fault": "html_200"}, "CRM_UNAVAILABLE", id="a page in HTML"),
        pytest.param({"fault": "html_502"}, "CRM_UNAVAILABLE", id="a gateway's page"),
        pytest.param({"fault": "drop_before"}, "CRM_UNAVAILABLE", id="a dropped connection"),
        pytest.param({"fault": "truncated_body"}, "CRM_UNAVAILABLE", id="half an answer"),
        pytest.param({"fault": "empty_body"}, "CRM_UNAVAILABLE", id="an empty answer"),
        pytest.param({"fault": "status", "args": {"status": 503}}, "CRM_UNAVAILABLE", id="503"),
        pytest.param({"fault": "status", "args": {"status": 403}}, "CRM_REFUSED", id="a refusal"),
    ],
)
def test_a_crm_that_talks_nonsense_is_a_problem_and_nothing_is_written(
    office: ArrangedOffice, fault: dict[str, Any], code: str
):
    sale = office.desk.record_sale("Start Office Digital")
    before = office.everything()

    office.desk.plan_faults({"match": {"controller": "Activity"}, **fault})
    answer = office.desk.hub.graphql(IMPORT, id=str(sale))

    assert codes_of(answer) == [code]
    assert office.everything() == before
    assert office.desk.take_in(sale)


def test_a_crm_that_is_down_is_a_problem_and_what_was_pressed_is_done_once_it_is_back(
    databases: Databases, prepared: Prepared, tmp_path: Path
):
    with (
        copied(prepared, databases, tmp_path / "files") as files,
        running_sandbox(files) as sandbox,
        running_hub(files, sandbox) as hub,
    ):
        desk = Desk(Client(hub.address, prepared.operator_token), Client(sandbox.control))
        parent, sale = (
            take_in_and_close(desk, "Start Office Digital"),
            desk.record_sale("Start Office Digital"),
        )
        stop(sandbox.command)
        before = dump(files.database_url)

        assert codes_of(desk.hub.graphql(IMPORT, id=str(sale))) == ["CRM_UNAVAILABLE"]
        assert dump(files.database_url) == before
        action = desk.hub.ask(GENERATE, id=parent)["action"]["id"]
        assert desk.hub.ask(ACTION, id=action)["status"] == "RUNNING"
        with running_sandbox(files, at=sandbox):
            done = desk.follow(action)
        assert [outcome for _, outcome in outcomes(done)] == ["CREATED"] * 4


def codes_of(answer: Answer) -> list[str]:
    """The codes of a mutation's problems; beside them it answers nothing."""
    assert answer.status == 200
    assert "errors" not in answer.body, answer.body
    (payload,) = answer.body["data"].values()
    problems = payload.pop("problems")
    assert not any(payload.values())
    assert all(problem["message"] for problem in problems)
    return [problem["code"] for problem in problems]
