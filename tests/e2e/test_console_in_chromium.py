"""The console in a real browser, against a hub on SQLite and the sandbox. `console/e2e` holds what the browser does."""

import re
from pathlib import Path

import pytest

from tests.e2e.conftest import GIULIA, Office, Prepared
from tests.support.browser import CONSOLE, run_in_browser
from tests.support.running_hub import run_command
from tests.support.story import GENERATE, IMPORT, SYNC

SPECS = sorted(path.name for path in (CONSOLE / "e2e").glob("*.spec.ts"))
FRESH_KITS = ("Start Office Digital",) * 3 + ("Start Office Finance", "Start Office Digital")
CLOSED = (0, 1, 2, 4)
NOBODYS_SALE = "844018"
UNCLEAR_SALES = (
    "Venduto un kit: Start Office Digital o Start Office Training",
    "Venduto un kit, ma quale?",
    "Preventivo per il kit Start Office Finance",
)

pytestmark = [pytest.mark.chromium, pytest.mark.only_on("sqlite")]


@pytest.mark.parametrize("spec", SPECS)
def test_the_console_works_in_a_browser(
    spec: str, office: Office, prepared: Prepared, tmp_path: Path
) -> None:
    run_in_browser(spec, _what_is_there(office, prepared), results=tmp_path / "results")


def _what_is_there(office: Office, prepared: Prepared) -> dict[str, str]:
    """Make a ticket with children, one with an open onboarding, some without opportunities yet, and an inbox."""
    desk = office.desk
    tree, onboarding = (
        desk.take_in(845155),
        desk.take_in(desk.record_sale("Venduto kit Start Office Finance")),
    )
    desk.complete_all(desk.tree(tree))
    desk.press(GENERATE, tree)
    desk.press(SYNC, tree)
    fresh = [desk.take_in(desk.record_sale(f"Venduto kit {kit}")) for kit in FRESH_KITS]
    for ticket in (fresh[at] for at in CLOSED):
        desk.complete_all(desk.tree(ticket))
    for subject in UNCLEAR_SALES:
        desk.hub.ask(IMPORT, id=str(desk.record_sale(subject)))
    desk.hub.ask(IMPORT, id=NOBODYS_SALE)
    printed = run_command(office.files, "sign-in-link", GIULIA[3])
    code = re.search(r"code=(\S+)", printed)
    assert code is not None, printed
    return {
        "HUB_ADDRESS": desk.hub.address,
        "HUB_OPERATOR_TOKEN": prepared.operator_token,
        "HUB_VIEWER_TOKEN": prepared.viewer_token,
        "HUB_SIGN_IN_CODE": code[1],
        "HUB_TREE": desk.tree(tree)["code"],
        "HUB_ONBOARDING": desk.tree(onboarding)["code"],
        "HUB_FRESH": " ".join(desk.tree(ticket)["code"] for ticket in fresh),
        "CRM_CONTROL": desk.crm.address,
    }
