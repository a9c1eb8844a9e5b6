"""A hub that is started at another CRM than its database's, or that comes to another one while it runs."""

from dataclasses import replace
from pathlib import Path

from tests.e2e.conftest import Office
from tests.support.graphql_client import Client
from tests.support.running_hub import PATIENCE, ForkedCommand, hub_environment, running_hub, running_sandbox

SENTENCE = "nothing was sent there."


def test_no_command_asks_another_crm_for_anything(office: Office, tmp_path: Path):
    files = replace(office.files, folder=tmp_path)
    said = {}
    with running_sandbox(files) as stranger:
        for words in (("serve",), ("reconcile",), ("doctor",)):
            log = tmp_path / f"{words[0]}.txt"
            command = ForkedCommand(*words, environment=hub_environment(office.files, stranger.crm), log=log)
            with command.stdout as printed:
                out = printed.read()
            assert command.ends_within(PATIENCE)
            said[words[0]] = f"{out}{log.read_text()}"
        calls = Client(stranger.control).request("GET", "/control/calls").body

    assert {name for name, text in said.items() if SENTENCE[:-1] in " ".join(text.split())} == said.keys()
    assert not any("Traceback" in text for text in said.values())
    assert {call["action"] for call in calls} == {"login"}


def test_a_running_hub_stops_when_a_new_login_leads_to_another_tenant(office: Office, tmp_path: Path):
    log = tmp_path / "log.txt"
    files = replace(office.files, folder=tmp_path)
    with running_sandbox(files) as sandbox:
        control = Client(sandbox.control)
        database = replace(files, elsewhere=None)
        with running_hub(database, sandbox, HUB_POLL_SECONDS="0.2") as hub:
            control.request("PATCH", "/control/switches", {"customer_id": 77})
            control.request("DELETE", "/control/tokens")

            assert hub.command.ends_within(PATIENCE)

    last = log.read_text().strip().splitlines()[-1]
    assert last.startswith("This database belongs to customer ")
    assert "lead to customer 77 at this machine: nothing was sent there." in last
