"""The contract page and the sandbox describe the same things."""

import re
from pathlib import Path

import pytest

from services.crm.sandbox.faults import FaultName
from services.crm.sandbox.switches import Switches

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "crm-in-cloud.md").read_text(encoding="utf-8")
MODULES = sorted((ROOT / "services" / "crm" / "sandbox").glob("*.py"))


@pytest.mark.parametrize("name", [*Switches.model_fields, *FaultName])
def test_the_page_explains_every_switch_and_every_fault(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_cites_only_sections_that_the_page_has(module: Path) -> None:
    headings = set(re.findall(r"^#+ (\d(?:\.\d)?)\b", PAGE, flags=re.MULTILINE))

    cited = set(re.findall(r"§(\d(?:\.\d)?)", module.read_text(encoding="utf-8")))

    assert cited <= headings


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_the_sandbox_imports_nothing_else_of_the_project(module: Path) -> None:
    imported = re.findall(r"^(?:from|import) (\S+)", module.read_text(encoding="utf-8"), flags=re.MULTILINE)

    ours = ("services", "models", "schema", "resolvers", "server")
    foreign = [
        name
        for name in imported
        if name.split(".")[0] in ours and not name.startswith("services.crm.sandbox")
    ]
    assert foreign == []
