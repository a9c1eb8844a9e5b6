"""The report as an operator runs it: beside a hub that works, against the CRM behind its socket."""

import json

from tests.e2e.conftest import Office
from tests.support.crm_store import read_store
from tests.support.running_hub import PATIENCE, Command, hub_environment
from tests.support.story import GENERATE

CODES = ["TCK-SOT-6001-01", "TCK-F40-6001-02", "TCK-BND-6001-03"]


def reconcile(office: Office, *words: str) -> tuple[int | None, str]:
    environment = hub_environment(office.files, office.crm)
    command = Command("reconcile", *words, environment=environment, log=office.files.log)
    with command.stdout as printed:
        reported = printed.read()
    assert command.ends_within(PATIENCE)
    return command.exit_code, reported


def test_the_command_finds_everything_in_order_until_the_crm_is_edited(office: Office):
    desk = office.desk
    parent = desk.take_in(desk.record_sale("Start Office Training"))
    desk.complete_all(desk.tree(parent))
    desk.press(GENERATE, parent)
    crm_id = desk.tree(parent)["opportunities"][0]["crmId"]
    store, work = read_store(office.files.store), office.work()

    healthy, as_json = reconcile(office, "--json")
    edited = desk.crm.request("PATCH", f"/control/records/Opportunity/{crm_id}", {"amount": 1})
    wrong, reported = reconcile(office)

    (report,) = json.loads(as_json)
    assert healthy == 0
    assert {row["verdict"] for row in report["rows"]} == {"MATCHED"}
    assert sorted(row["reference"] for row in report["rows"] if row["reference"]) == sorted(CODES)
    assert edited.status == 200
    assert wrong == 1
    assert f"DIFFERENT  opportunity  {crm_id:>9}" in reported
    assert "theirs 1.00; NOT EXPLAINED" in reported
    assert "3 matched, 0 missing, 0 extra, 1 different; 1 not explained." in reported
    assert office.work() == work
    assert read_store(office.files.store)["activity"] == store["activity"]
