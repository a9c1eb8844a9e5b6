"""The three buttons as plain HTTP, on a running hub."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Office
from tests.support.crm_store import read_store
from tests.support.graphql_client import Answer, Client
from tests.support.sold_kits import (
    CODES,
    PARENT,
    REFERENCES,
    SALE,
    assert_the_crm_holds_what_was_sold,
    starts_on,
)
from tests.support.story import BREMBATE, Desk, outcomes

PAGE = Path(__file__).parent.parent.parent / "docs" / "rest.md"


def test_the_rest_triggers_do_the_same_as_the_buttons_for_every_form_of_id(office: Office):
    desk, before = office.desk, read_store(office.files.store)
    sale = desk.record_sale(SALE)
    parent = desk.take_in(sale)
    desk.complete_all(desk.tree(parent))

    for n, ticket in enumerate((parent, PARENT, f"crm:{sale}")):
        done = trigger(desk, f"/tickets/{ticket}/generate-opportunities")
        assert outcomes_of(done) == [(code, "UNCHANGED" if n else "CREATED") for code in CODES]
    for n, ticket in enumerate((parent, PARENT, f"crm:{sale}")):
        company, *found = outcomes_of(trigger(desk, "/crm/sync-opportunities", {"ticketId": ticket}))
        assert company == (str(BREMBATE), "UNCHANGED" if n else "UPDATED")
        assert found == [(code, "UNCHANGED" if n else "CREATED") for code in CODES]
    made = []
    for opportunity in desk.tree(parent)["opportunities"]:
        names = (opportunity["id"], opportunity["code"], f"crm:{opportunity['crmId']}")
        runs = [outcomes_of(trigger(desk, f"/opportunities/{name}/generate-activities")) for name in names]
        made += runs[0]
        assert {outcome for run in runs[1:] for _, outcome in run} == {"UNCHANGED"}
    assert made == [(reference, "CREATED") for reference in REFERENCES]
    for child in desk.tree(parent)["children"]:
        desk.complete_all(child)
    desk.until_nothing_runs()

    assert_the_crm_holds_what_was_sold(office.files.store, before, starts_on(desk, parent))


def trigger(desk: Desk, path: str, body: object = None) -> dict[str, Any]:
    """Pull a trigger, and follow its Location to the end of the action."""
    accepted = desk.hub.request("POST", path, body)
    assert accepted.status == 202, accepted
    assert accepted.headers["location"] == f"/actions/{accepted.body['id']}"
    desk.follow(accepted.body["id"])
    shown = desk.hub.request("GET", accepted.headers["location"])
    assert (shown.status, shown.body["status"]) == (200, "COMPLETED")
    assert shown.body["finishedCount"] == shown.body["itemCount"] == len(shown.body["items"])
    return dict(shown.body)


def outcomes_of(action: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["reference"], item["outcome"]) for item in action["items"]]


def test_the_rest_triggers_decline_in_problems(office: Office):
    desk = office.desk
    sale = desk.record_sale(SALE)
    parent = desk.take_in(sale)
    path = f"/tickets/{parent}/generate-opportunities"
    work = office.work()

    assert_problem(office.onlooker.request("POST", path), 403, "FORBIDDEN")
    assert_problem(Client(desk.hub.address).request("POST", path), 401, "UNAUTHENTICATED")
    assert_problem(desk.hub.request("POST", path), 422, "TICKET_NOT_CLOSED")
    for ticket in ("tck_nobody", "TCK-SOT-0000-00", "crm:1", "crm:one"):
        answer = desk.hub.request("POST", f"/tickets/{ticket}/generate-opportunities")
        assert_problem(answer, 404, "UNKNOWN_TICKET")
    for opportunity in ("opp_nobody", "TCK-SOT-0000-01", "crm:1"):
        answer = desk.hub.request("POST", f"/opportunities/{opportunity}/generate-activities")
        assert_problem(answer, 404, "UNKNOWN_OPPORTUNITY")
    answer = desk.hub.request("POST", "/crm/sync-opportunities", {"companyId": "cmp_nobody"})
    assert_problem(answer, 404, "UNKNOWN_COMPANY")
    assert_problem(desk.hub.request("GET", "/actions/axn_nobody"), 404, "UNKNOWN_ACTION")
    assert_problem(desk.hub.request("POST", path, {"overide": "x"}), 400, "BAD_USER_INPUT")
    assert_problem(desk.hub.request("POST", path, raw="{"), 400, "BAD_USER_INPUT")
    assert_problem(desk.hub.request("POST", path, {"override": "a\0b"}), 400, "BAD_USER_INPUT")
    assert_problem(desk.hub.request("POST", path, {"override": "x" * 2001}), 400, "TEXT_TOO_LONG")
    for ticket in ("TCK%00", "tck_%00"):
        answer = desk.hub.request("POST", f"/tickets/{ticket}/generate-opportunities")
        assert_problem(answer, 404, "UNKNOWN_TICKET")
    assert_problem(desk.hub.request("GET", "/actions/axn_%00"), 404, "UNKNOWN_ACTION")

    assert office.work() == work


def test_a_trigger_that_meets_a_running_action_names_it(office: Office):
    desk = office.desk
    parent = desk.take_in(desk.record_sale(SALE))
    path = f"/tickets/{parent}/generate-opportunities"
    desk.switch(latency_seconds=0.5)

    first = desk.hub.request("POST", path, {"override": "Il cliente ha fretta."})
    same = desk.hub.request("POST", path, {"override": "Il cliente ha fretta."})
    line = desk.hub.ask("query ($id: ID!) { ticket(id: $id) { lines { id } } }", id=parent)["lines"][0]["id"]
    other = desk.hub.request("POST", path, {"ticketLineIds": [line], "override": "Solo questa."})

    assert (first.status, same.status, same.body["id"]) == (202, 202, first.body["id"])
    assert_problem(other, 409, "ACTION_RUNNING")
    assert other.headers["location"] == first.headers["location"]
    desk.switch(latency_seconds=0)
    assert outcomes(desk.follow(first.body["id"])) == [(code, "CREATED") for code in CODES]


def test_a_trigger_does_what_the_preview_showed_or_nothing(office: Office):
    desk = office.desk
    parent = desk.take_in(desk.record_sale(SALE))
    preview = """query ($id: ID!) { previewGenerateOpportunities(ticketId: $id, override: "Subito") {
      items { reference outcome } planToken problems { code message } } }"""
    shown = desk.hub.ask(preview, id=parent)
    path = f"/tickets/{parent}/generate-opportunities"
    body = {"override": "Subito", "planToken": shown["planToken"]}
    work = office.work()

    other = desk.hub.request("POST", path, {**body, "override": "Un altro motivo"})
    assert_problem(other, 409, "PLAN_STALE")
    assert office.work() == work

    done = trigger(desk, path, body)
    assert outcomes_of(done) == [(code, "CREATED") for code in CODES]
    assert [(one["reference"], one["outcome"]) for one in shown["items"]] == [
        (code, "CREATE") for code in CODES
    ]


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["detail"]


def test_the_examples_of_the_page_work_one_after_the_other(office: Office):
    environment = {**os.environ, "HUB": office.desk.hub.address, "TOKEN": str(office.desk.hub.token)}
    answers = []
    for example in re.findall(r"```sh\n(.+?)```", PAGE.read_text(), re.DOTALL):
        done = subprocess.run(["bash", "-c", example], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (example, done.stdout, done.stderr)
        answers.append(json.loads(done.stdout))
        environment["ACTION"] = answers[-1].get("id", "")
        office.desk.until_nothing_runs()

    sale, *pressed, followed = answers
    assert sale["data"]["importActivity"]["ticket"]["code"] == "TCK-SOD-5155-00"
    assert [action["kind"] for action in pressed] == [
        "GENERATE_OPPORTUNITIES",
        "SYNC_OPPORTUNITIES",
        "GENERATE_ACTIVITIES",
    ]
    assert (followed["id"], followed["status"]) == (pressed[-1]["id"], "COMPLETED")


def test_what_the_gate_or_no_route_takes_is_a_problem_too(office: Office):
    hub = office.desk.hub
    path = "/crm/sync-opportunities"

    assert_problem(hub.request("POST", path, raw="{"), 400, "BAD_USER_INPUT")
    assert_problem(hub.request("POST", path, {"nobody": 1}), 400, "BAD_USER_INPUT")
    assert_problem(hub.request("GET", path), 405, "METHOD_NOT_ALLOWED")
    assert_problem(hub.request("POST", "/crm/nothing"), 404, "NOT_FOUND")
    assert_problem(hub.request("GET", "/actions/%00"), 404, "UNKNOWN_ACTION")
