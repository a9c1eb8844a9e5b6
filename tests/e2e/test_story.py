"""The main job, from a sale in the CRM to closed child tickets, with a real hub in front of a real CRM sandbox.

What the CRM ends up with is read from its file and compared record by record with a list that is written here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import holidays
import pytest

from tests.e2e.client import Answer, Client
from tests.e2e.conftest import Prepared
from tests.e2e.records import Rows, foreseeable, new_records, read_hub, read_store
from tests.e2e.running import Command, Files, ForkedCommand, running_hub, running_sandbox
from tests.e2e.story import (
    ACTIVITIES,
    BREMBATE,
    COMPLETED,
    GENERATE,
    GIULIA_IN_THE_CRM,
    SYNC,
    Desk,
    outcomes,
)

T = TypeVar("T")

ROME = ZoneInfo("Europe/Rome")
SALE = "Officine Brembate: venduto lo START-office  training!"
COMPANY = "Officine Meccaniche Brembate S.r.l."
PARENT = "TCK-SOT-6001-00"

# One line = one opportunity: code, service, its name, price x quantity, and each milestone of its child ticket with
# the number of working days after which it is due.
LINES = [
    (
        "TCK-SOT-6001-01",
        "SOT",
        "Start Office Training",
        2800,
        [
            ("Bilancio delle competenze", 12),
            ("Piano di sviluppo delle persone", 24),
            ("Percorsi in affiancamento", 89),
            ("Finanziamento della formazione", 54),
            ("Efficacia della formazione", 104),
        ],
    ),
    (
        "TCK-F40-6001-02",
        "F40",
        "Formazione 4.0",
        7000,
        [
            ("Analisi dei fabbisogni formativi", 12),
            ("Progettazione del piano formativo", 24),
            ("Erogazione dei corsi", 84),
            ("Costi del personale in formazione", 44),
            ("Relazione finale e certificazione contabile", 109),
        ],
    ),
    (
        "TCK-BND-6001-03",
        "BND",
        "Bandi",
        2400,
        [
            ("Scouting delle misure", 10),
            ("Verifica di ammissibilità", 20),
            ("Predisposizione della domanda", 38),
            ("Invio della domanda", 43),
            ("Istruttoria e concessione", 103),
            ("Rendicontazione delle spese", 143),
        ],
    ),
]
CODES = [code for code, *_ in LINES]
REFERENCES = [f"{code}:{place}" for code, *_, steps in LINES for place in range(1, len(steps) + 1)]

# Everything of the hub but its own book-keeping of runs, calls and events.
WORK = ("ticket", "ticket_line", "milestone", "task", "opportunity", "crm_activity", "company", "intake_item")

LIVE = """subscription ($id: ID!) { milestoneProgress(ticketId: $id) { state seq previousSeq
  milestones { ticketCode title status finishedTaskCount taskCount progress }
  tickets { code status progress } } }"""


@dataclass(frozen=True)
class Office:
    """A desk, a second one that may only look on, and the files behind it all."""

    files: Files
    desk: Desk
    onlooker: Client

    def work(self) -> Rows:
        return read_hub(self.files.database, only=WORK)


@pytest.fixture(params=[pytest.param(ForkedCommand, id="forked")])
def office(request: pytest.FixtureRequest, prepared: Prepared, tmp_path: Path) -> Iterator[Office]:
    files = prepared.files.copy_to(tmp_path / "office")
    start = request.param
    with running_sandbox(files, start=start) as sandbox, running_hub(files, sandbox, start=start) as hub:
        desk = Desk(Client(hub.address, prepared.operator_token), Client(sandbox.control))
        yield Office(files, desk, Client(hub.address, prepared.viewer_token))
    assert "Traceback" not in files.log.read_text()


@pytest.mark.parametrize("office", [pytest.param(Command, id="as started by hand")], indirect=True)
def test_a_sale_becomes_closed_child_tickets_and_every_step_thrice_does_what_it_does_once(office: Office):
    desk, before = office.desk, read_store(office.files.store)
    sale = desk.record_sale(SALE)

    parent, *again = thrice(office, lambda: desk.take_in(sale))
    assert again == [parent] * 2
    onboarding = close_live(office, parent, lambda: desk.complete_all(desk.tree(parent)))
    made, *again = thrice(office, lambda: outcomes(desk.press(GENERATE, parent)))
    assert made == [(code, "CREATED") for code in CODES]
    assert again == [[(code, "UNCHANGED") for code in CODES]] * 2
    made, *again = thrice(office, lambda: outcomes(desk.press(SYNC, parent)))
    assert made == [(str(BREMBATE), "UPDATED"), *((code, "CREATED") for code in CODES)]
    assert again == [[(name, "UNCHANGED") for name in (str(BREMBATE), *CODES)]] * 2
    made, *again = thrice(office, lambda: generate_all_activities(desk, parent))
    assert made == [(reference, "CREATED") for reference in REFERENCES]
    assert again == [[(reference, "UNCHANGED") for reference in REFERENCES]] * 2
    children = desk.tree(parent)["children"]
    delivery = close_live(office, parent, lambda: [desk.complete_all(child) for child in children])

    assert_follows_the_onboarding(onboarding)
    assert_follows_the_delivery(delivery)
    assert_all_is_closed(desk.tree(parent))
    assert_the_crm_holds_what_was_sold(office.files.store, before, starts_on(desk, parent))


def thrice(office: Office, step: Callable[[], T]) -> list[T]:
    """Take a step, and twice more; neither the CRM nor the hub's work may look different after the first time."""
    results = [step()]
    office.desk.until_nothing_runs()
    store, work = read_store(office.files.store), office.work()
    for _ in range(2):
        results.append(step())
        office.desk.until_nothing_runs()
        assert read_store(office.files.store) == store
        assert office.work() == work
    return results


def generate_all_activities(desk: Desk, parent: str) -> list[tuple[str, str]]:
    opportunities = desk.tree(parent)["opportunities"]
    return [one for each in opportunities for one in outcomes(desk.press(ACTIVITIES, each["id"]))]


def close_live(office: Office, parent: str, work: Callable[[], object]) -> list[dict[str, Any]]:
    """What a subscriber hears while the work is done, until nothing of the tree is open any more."""
    with office.desk.hub.subscribed(LIVE, id=parent) as items:
        heard = [next(items)]
        still_open = {ticket["code"] for ticket in heard[0]["tickets"] if ticket["status"] != "CLOSED"}
        thrice(office, work)
        while still_open:
            heard.append(next(items))
            still_open -= {one["code"] for one in heard[-1]["tickets"] if one["status"] == "CLOSED"}
    return heard


def assert_follows_the_onboarding(heard: list[dict[str, Any]]) -> None:
    assert [item["state"] for item in heard] == ["SNAPSHOT", *["CHANGE"] * 4]
    assert_no_gap(heard)
    assert [item["milestones"] for item in heard] == [
        [milestone_of_parent("PLANNED", 0)],
        [milestone_of_parent("IN_PROGRESS", 1)],
        [milestone_of_parent("IN_PROGRESS", 2)],
        [milestone_of_parent("IN_PROGRESS", 3)],
        [milestone_of_parent("COMPLETED", 4)],
    ]
    assert [item["tickets"][0]["status"] for item in heard] == ["OPEN", *["IN_PROGRESS"] * 3, "CLOSED"]


def milestone_of_parent(status: str, done: int) -> dict[str, Any]:
    return {
        "ticketCode": PARENT,
        "title": "Onboarding",
        "status": status,
        "finishedTaskCount": done,
        "taskCount": 4,
        "progress": done / 4,
    }


def assert_follows_the_delivery(heard: list[dict[str, Any]]) -> None:
    assert_no_gap(heard)
    moves = [milestone for item in heard[1:] for milestone in item["milestones"]]
    assert len(moves) == sum(milestone["taskCount"] for milestone in heard[0]["milestones"][1:])
    completed = [(one["ticketCode"], one["title"]) for one in moves if one["status"] == "COMPLETED"]
    assert completed == [(code, title) for code, *_, steps in LINES for title, _ in steps]
    closed = [one["code"] for item in heard[1:] for one in item["tickets"] if one["status"] == "CLOSED"]
    assert closed == CODES


def assert_no_gap(heard: list[dict[str, Any]]) -> None:
    assert [item["previousSeq"] for item in heard[1:]] == [item["seq"] for item in heard[:-1]]


def assert_all_is_closed(tree: dict[str, Any]) -> None:
    assert [one["title"] for one in tree["milestones"]] == ["Onboarding"]
    assert [one["title"] for one in tree["milestones"][0]["tasks"]] == [
        "Predisposizione Incarico",
        "Invio Incarico",
        "Firma Incarico",
        "Invio Mail di Benvenuto",
    ]
    assert [child["code"] for child in tree["children"]] == CODES
    tickets = [tree, *tree["children"]]
    assert {ticket["status"] for ticket in tickets} == {"CLOSED"}
    assert {one["status"] for ticket in tickets for one in ticket["milestones"]} == {"COMPLETED"}


def starts_on(desk: Desk, parent: str) -> date:
    """The one day that everything was made on; a story told across midnight would have two."""
    tree = desk.tree(parent)
    (day,) = {ticket["startsOn"] for ticket in (tree, *tree["children"])}
    return date.fromisoformat(day)


def assert_the_crm_holds_what_was_sold(store: Path, before: Rows, day: date) -> None:
    after = read_store(store)
    opportunities = new_records("opportunity", before=before, after=after)
    sale, *activities = new_records("activity", before=before, after=after)
    ids = {one["code"]: one["id"] for one in opportunities}

    assert [foreseeable(one) for one in opportunities] == [expected_opportunity(*line) for line in LINES]
    assert (sale["subject"], sale["state"]) == (SALE, 1)
    assert [foreseeable(one) for one in activities] == [
        expected_activity(code, name, place, title, due_after(day, days), ids[code])
        for code, _, name, _, steps in LINES
        for place, (title, days) in enumerate(steps, start=1)
    ]
    others = [table for table in before if table not in ("opportunity", "activity")]
    assert {table: after[table] for table in others} == {table: before[table] for table in others}


def expected_opportunity(code: str, service: str, name: str, amount: int, steps: object) -> dict[str, Any]:
    return {
        "code": code,
        "title": f"[IH:{code}] [{service}] {name} · {COMPANY}",
        "description": f"Riga {int(code[-2:])} del ticket {PARENT}",
        "amount": amount,
        "budget": 0,
        "crossId": BREMBATE,
        "crossType": 0,
        "crossName": COMPANY,
        "phase": 53001,
        "status": 1,
        "probability": 0,
        "ownerId": GIULIA_IN_THE_CRM,
        "createdById": 2001,
        "lastModifiedById": 2001,
    }


def expected_activity(
    code: str, name: str, place: int, title: str, due_on: date, opportunity_id: int
) -> dict[str, Any]:
    noon = datetime.combine(due_on, time(12), ROME).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "subject": f"[IH:{code}:{place}] {title}",
        "description": f"[IH:{code}:{place}]\nMilestone {place} del ticket {code}\n{name} · {COMPANY}",
        "companyId": BREMBATE,
        "opportunityId": opportunity_id,
        "ownerId": GIULIA_IN_THE_CRM,
        "subTypeId": 63706,
        "type": 7,
        "state": COMPLETED,
        "activityDate": noon,
        "activityEndDate": noon,
        "allDay": True,
        "commercial": False,
        "duration": 0,
        "priority": 0,
        "toDo": 0,
        "createdById": 2001,
        "lastModifiedById": 2001,
    }


def due_after(day: date, working_days: int) -> date:
    """The n-th working day after a day, counted on an Italian calendar."""
    free = holidays.country_holidays("IT")
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5 and day not in free
    return day


def test_the_rest_triggers_do_the_same_as_the_buttons_whichever_way_things_are_named(office: Office):
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

    assert office.work() == work


def test_a_trigger_that_meets_an_action_at_work_is_told_which(office: Office):
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


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["detail"]
