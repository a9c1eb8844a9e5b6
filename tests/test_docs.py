"""Commands, variables, queries and places that the pages name exist."""

import re
import shlex
import subprocess
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from pydantic import SecretStr
from typer.testing import CliRunner

from schema.problems import ProblemCode
from server.commands import cli
from server.rest import routes
from server.settings import CrmVariables, Settings
from services.crm.crm_in_cloud.settings import CrmSettings
from services.planning.kpis.words import KpiKey
from services.vocabulary import (
    ActionKind,
    FlagKind,
    ForeseenOutcome,
    IntakeReason,
    ItemOutcome,
    MilestoneStatus,
    Repair,
    Role,
    TaskStatus,
    TicketStatus,
    UnmatchedReason,
)

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
TOUR = (ROOT / "docs" / "tour.md").read_text()
PAGES = README + "".join(
    path.read_text() for path in (ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
)

ROOMS = "docs|schema|resolvers|services|models|server|console|tests|tools|.ci"


def found(pattern: str) -> list[str]:
    matches = sorted(set(re.findall(pattern, PAGES)))
    assert matches, f"No page says anything like {pattern!r} any more."
    return matches


# Some problems and figures have codes that look like variables.
CODES = ProblemCode.__members__.keys() | KpiKey.__members__.keys()
VARIABLES = [name for name in found(r"\b((?:HUB|CRM)_[A-Z_]+[A-Z])\b") if name not in CODES]


@pytest.mark.parametrize("target", found(r"(?m)(?:^|`|^\$ )make ([a-z]+)\b"))
def test_a_make_target_of_the_pages_exists(target):
    run = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("line", found(r"python -m server ([a-z][^\n`#]*)"))
def test_a_command_of_the_pages_exists_with_its_options(line):
    words = [word for word in shlex.split(line) if not word.isupper()]
    named = [word for word in words if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")][:2]
    options = [word for word in words if word.startswith("--")]

    for length in range(len(named), 0, -1):
        shown = CliRunner().invoke(cli, [*named[:length], "--help"])
        if shown.exit_code == 0:
            break

    assert shown.exit_code == 0, shown.output
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.output)
    assert all(option in text for option in options)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_of_the_pages_is_read(name):
    prefix, _, field = name.lower().partition("_")

    assert field in (Settings if prefix == "hub" else CrmVariables).model_fields


def as_written(default: object) -> str:
    """A default as somebody would write it into an environment; empty for what is not set."""
    match default:
        case SecretStr() | None:
            return ""
        case bool():
            return str(default).lower()
        case float():
            return f"{default:g}"
        case _:
            return str(default)


def test_the_settings_page_has_every_variable_with_its_default():
    rows = re.findall(r"(?m)^\| `(\w+)` \| (?:`(.*?)`)? *\|", (ROOT / "docs" / "settings.md").read_text())
    hub = {f"HUB_{name.upper()}": field for name, field in Settings.model_fields.items() if name != "crm"}
    crm = {f"CRM_{name.upper()}": field for name, field in CrmVariables.model_fields.items()}

    assert sorted(rows) == sorted((name, as_written(field.default)) for name, field in {**hub, **crm}.items())


def test_a_crm_variable_has_the_default_of_the_client():
    for field in fields(CrmSettings):
        if field.default is not MISSING and field.name in CrmVariables.model_fields:
            assert as_written(CrmVariables.model_fields[field.name].default) == as_written(field.default)


@pytest.mark.parametrize("text", found(r"(?s)```graphql\n(.+?)```"))
def test_a_query_of_the_pages_fits_the_schema(text):
    assert validate(build_schema((ROOT / "schema.graphql").read_text()), parse(text)) == []


def test_an_event_of_the_watching_page_is_logged():
    _, _, log = (ROOT / "docs" / "watching.md").read_text().partition("## The log")
    reported = {
        name for cell in re.findall(r"(?m)^\| (`.*?) \|", log) for name in re.findall(r"`(\w+)`", cell)
    }
    sources = [path for room in ("schema", "services", "server") for path in (ROOT / room).rglob("*.py")]
    logged = re.findall(r'log\.\w+\(\s*"(\w+)"', "".join(path.read_text() for path in sources))

    assert reported
    assert reported - set(logged) == set()


def test_the_rest_paths_of_the_pages_are_served():
    served = [re.compile(re.sub(r"{\w+}", "[^/]+", route.path) + r"\Z") for route in routes(events=None)]

    for path in found(r"\$HUB(/(?:tickets|crm|opportunities|actions)/[^\s\"]+)"):
        assert any(pattern.match(path) for pattern in served), path


@pytest.mark.parametrize("path", found(rf"`((?:{ROOMS})/[\w./*-]*)`"))
def test_a_place_of_the_pages_exists(path):
    assert list(ROOT.glob(path.rstrip("/"))), path


def test_the_readme_is_short_and_says_how_to_choose_the_port():
    assert len(README.splitlines()) <= 200
    assert "HUB_PORT" in README


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([*(ROOT / "docs" / "decisions").glob("*.md")], id="decisions"),
        pytest.param([*(ROOT / "models" / "migrations").glob("0*.py")], id="migrations"),
    ],
)
def test_decisions_and_migrations_are_numbered_without_gap_or_double(names):
    numbers = sorted(int(path.name[:4]) for path in names)

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_tour_page_has_every_chapter_of_the_tour():
    source = (ROOT / "server" / "tour.py").read_text()
    titles = re.findall(r'_chapter\("([^"]+)"\)|_close_live\([^,]+, "([^"]+)"|_press\(f?"([^"{]+)', source)

    reported = [title.strip() for group in titles for title in group if title]
    assert len(reported) >= 8
    for title in reported:
        assert title in TOUR, title


def test_the_tour_page_has_every_saved_operation():
    files = (ROOT / "console" / "src" / "operations").glob("*.graphql")
    titles = {re.match(r"# \W*([^:\n]+)", path.read_text())[1] for path in files}

    assert {title for title in titles if f"*{title}*" not in TOUR} == set()


def test_the_architecture_page_names_every_room_and_module_of_the_services():
    page = (ROOT / "docs" / "architecture.md").read_text()
    services = ROOT / "services"
    rooms = {f"services/{path.parent.name}/" for path in services.glob("*/__init__.py")}
    modules = {path.name for path in services.glob("[a-z]*.py")}

    assert {place for place in rooms | modules if place not in page} == set()


@pytest.mark.parametrize(
    "words",
    [
        TicketStatus,
        MilestoneStatus,
        TaskStatus,
        Role,
        IntakeReason,
        ActionKind,
        ItemOutcome,
        ForeseenOutcome,
        UnmatchedReason,
        FlagKind,
        Repair,
    ],
    ids=lambda words: words.__name__,
)
def test_the_domain_page_names_every_status_reason_and_outcome(words):
    page = (ROOT / "docs" / "domain.md").read_text()

    assert {word.value for word in words if f"`{word.value}`" not in page} == set()
