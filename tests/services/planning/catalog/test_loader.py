import re
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from services.planning.catalog.loader import load_catalog
from services.planning.catalog.problems import CatalogError, CatalogProblem


def milestone(title, **changes):
    tasks = [
        {"title": f"{title} {letter}", "role": "analista", "estimated_hours": 2, "sla_days": 1}
        for letter in "abc"
    ]
    return {"title": title, "sla_days": 5, "warning_days": 1, "escalation_days": 1, "tasks": tasks} | changes


def workflow(code, *titles):
    return {"code": code, "name": code.title(), "milestones": [milestone(title) for title in titles]}


SERVICES, KITS = "services.yaml", "kits.yaml"
A, B, ONBOARDING = "workflows/aaa.yaml", "workflows/bbb.yaml", "workflows/onboarding.yaml"

CATALOG = {
    SERVICES: {
        "services": [
            {"code": "AAA", "name": "Analisi", "price": 100.5, "workflow": "AAA"},
            {"code": "BBB", "name": "Budget", "price": 200, "workflow": "BBB"},
            {"code": "CCC", "name": "Centro", "price": 0},
        ]
    },
    KITS: {
        "kits": [
            {
                "code": "KIT",
                "name": "Kit Uno",
                "aliases": ["KU"],
                "main_service": "CCC",
                "lines": [{"service": "AAA"}],
            },
            {
                "code": "TWO",
                "name": "Kit Due",
                "aliases": ["KD"],
                "main_service": "CCC",
                "lines": [{"service": "BBB"}],
            },
        ]
    },
    A: {
        "code": "AAA",
        "name": "Analisi",
        "milestones": [milestone("Avvio"), milestone("Lavoro", depends_on=["Avvio"]), milestone("Consegna")],
    },
    B: workflow("BBB", "Bozza", "Budget", "Bilancio"),
    ONBOARDING: workflow("ONBOARDING", "Onboarding"),
}


def write(folder: Path, files: dict) -> Path:
    """Text is written as it is, so that it may be broken in ways that a value cannot."""
    for file, content in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
    return folder


def place_of(files: dict, file: str, key: str):
    """The list or mapping that holds this key, and the last step to it: `kits[0].name` is `name` of `kits[0]`."""
    *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", key)]
    place = files[file]
    for step in steps:
        place = place[step]
    return place, last


def changed(file: str, key: str, value) -> dict:
    """The catalog with one value replaced, or added where the key is new."""
    files = deepcopy(CATALOG)
    place, last = place_of(files, file, key)
    place[last] = value
    return files


def without(file: str, key: str) -> dict:
    files = deepcopy(CATALOG)
    place, last = place_of(files, file, key)
    del place[last]
    return files


def problems_of(folder) -> tuple[CatalogProblem, ...]:
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder)
    return caught.value.problems


def test_reads_a_folder(tmp_path):
    catalog = load_catalog(write(tmp_path, CATALOG))

    assert [service.code for service in catalog.services] == ["AAA", "BBB", "CCC"]
    assert catalog.services[0].price == Decimal("100.5")
    assert [line.service for line in catalog.kits[1].lines] == ["BBB"]
    assert [workflow.code for workflow in catalog.workflows] == ["AAA", "BBB", "ONBOARDING"]
    assert catalog.workflows[0].milestones[1].tasks[2].title == "Lavoro c"


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        pytest.param(KITS, "kits[0].lines", [], id="kit without lines"),
        pytest.param(SERVICES, "services[0].workflow", None, id="service without workflow"),
        pytest.param(KITS, "kits[0].lines", [{"service": "AAA"}] * 2, id="the same service on two lines"),
        pytest.param(A, "milestones[2].depends_on", ["Avvio", "Lavoro"], id="two dependencies"),
        pytest.param(KITS, "kits[0].aliases", ["KU", "Kit Uno"], id="alias like the own name"),
        pytest.param(SERVICES, "services[0].name", "Analisi 4.0", id="number in the name of a service"),
    ],
)
def test_accepts_what_the_rules_allow(tmp_path, file, key, value):
    catalog = load_catalog(write(tmp_path, changed(file, key, value)))

    assert len(catalog.kits) == 2


@pytest.mark.parametrize(
    ("file", "text", "key", "words"),
    [
        pytest.param(KITS, "", "", "empty", id="empty"),
        pytest.param(A, "# nothing\n", "", "empty", id="only a comment"),
        pytest.param(
            KITS, "kits:\n  - code: [\n", "line 3, column 1", "not valid YAML", id="unfinished list"
        ),
        pytest.param(A, "code: \x07", "", "not valid YAML", id="control character"),
        pytest.param(A, "!!python/name:os.system x", "line 1, column 1", "not valid YAML", id="foreign tag"),
        pytest.param(KITS, "- code: KIT\n", "kits", "list under this key", id="a list at the top"),
        pytest.param(KITS, "kits: {}\n", "kits", "list under this key", id="a mapping for a list"),
        pytest.param(KITS, "kits: []\nservices: []\n", "services", "unknown", id="unknown key at the top"),
        pytest.param(
            KITS, "kits: []\nkits: []\n", "kits", "written twice", id="key written twice at the top"
        ),
        pytest.param(
            KITS,
            "kits: [{code: X, name: X, main_service: AAA, lines: [{service: AAA, service: BBB}]}]",
            "kits[0].lines[0].service",
            "written twice",
            id="key written twice further down",
        ),
        pytest.param(A, "- code: AAA\n", "", "mapping", id="workflow is a list"),
        pytest.param("kit.yaml", "kits: []\n", "", "file name", id="misnamed file"),
        pytest.param("workflows/ccc.yml", "code: CCC\n", "", "file name", id="misnamed workflow"),
    ],
)
def test_a_file_that_is_wrong_as_such_is_reported(tmp_path, file, text, key, words):
    (problem,) = problems_of(write(tmp_path, CATALOG | {file: text}))

    assert (problem.file, problem.key) == (file, key)
    assert words in problem.message


@pytest.mark.parametrize("file", [SERVICES, KITS, ONBOARDING])
def test_a_file_that_is_missing_is_reported(tmp_path, file):
    files = {name: content for name, content in CATALOG.items() if name != file}

    (problem,) = problems_of(write(tmp_path, files))

    assert problem.file == file


def test_a_file_under_another_name_than_its_code_is_refused(tmp_path):
    (problem,) = problems_of(write(tmp_path, changed(A, "code", "BBB")))

    assert (problem.file, problem.key) == (A, "code")
    assert "workflows/bbb.yaml" in problem.message


@pytest.mark.parametrize(
    ("file", "key", "value", "words"),
    [
        pytest.param(KITS, "kits[1].actve", True, "unknown", id="misspelled key"),
        pytest.param(KITS, "kits[1].aliases", "KD", "a list", id="text for a list"),
        pytest.param(KITS, "kits[1]", None, "mapping", id="nothing for an entry"),
        pytest.param(KITS, "kits[0].lines[0].quantity", 0, "not 0", id="quantity of none"),
        pytest.param(KITS, "kits[0].lines[0].mandatory", "forse", "forse", id="neither true nor false"),
        pytest.param(SERVICES, "services[0].code", "a-1", "a-1", id="code in small letters"),
        pytest.param(SERVICES, "services[0].code", 24, "24", id="number for a code"),
        pytest.param(SERVICES, "services[0].code", "ABCDEFGHIJK", "ABCDEFGHIJK", id="code too long"),
        pytest.param(SERVICES, "services[0].price", "100,50", "100,50", id="price with a comma"),
        pytest.param(SERVICES, "services[0].price", -1, "-1", id="negative price"),
        pytest.param(SERVICES, "services[0].price", 1.005, "1.005", id="price below the cent"),
        pytest.param(SERVICES, "services[0].price", float("nan"), "nan", id="price that is no number"),
        pytest.param(A, "milestones[0].sla_days", True, "True", id="yes for a number of days"),
        pytest.param(A, "milestones[0].sla_days", 0, "not 0", id="no days"),
        pytest.param(A, "milestones[0].warning_days", -1, "not -1", id="days backwards"),
        pytest.param(A, "milestones[0].kind", "URGENT", "URGENT", id="unknown kind"),
        pytest.param(A, "milestones[0].title", "  ", "character", id="blank title"),
        pytest.param(A, "milestones[2].tasks[1].estimated_hours", "tre", "tre", id="hours in words"),
        pytest.param(A, "milestones[2].tasks[1].role", "", "character", id="empty role"),
    ],
)
def test_a_wrong_value_is_reported_with_its_place(tmp_path, file, key, value, words):
    (problem,) = problems_of(write(tmp_path, changed(file, key, value)))

    assert (problem.file, problem.key) == (file, key)
    assert words in problem.message
    assert problem.message.endswith(".")


@pytest.mark.parametrize(
    ("file", "key"),
    [
        (SERVICES, "services[1].code"),
        (SERVICES, "services[1].price"),
        (KITS, "kits[1].name"),
        (KITS, "kits[1].main_service"),
        (A, "milestones[1].tasks[2].sla_days"),
        (A, "milestones[1].tasks"),
        (ONBOARDING, "milestones"),
    ],
)
def test_a_missing_key_is_reported(tmp_path, file, key):
    problems = problems_of(write(tmp_path, without(file, key)))

    assert problems == (CatalogProblem(file, key, "This key is required."),)


@pytest.mark.parametrize(
    ("file", "key", "value", "words"),
    [
        pytest.param(KITS, "kits[1].code", "KIT", "'KIT' already", id="kit code twice"),
        pytest.param(KITS, "kits[1].name", "KIT-UNO", "'KIT' is already called", id="name of another kit"),
        pytest.param(
            KITS, "kits[1].aliases[0]", "k.ù.", "'KIT' is already called", id="alias of another kit"
        ),
        pytest.param(KITS, "kits[0].lines[0].service", "ZZZ", "no service 'ZZZ'", id="unknown service"),
        pytest.param(KITS, "kits[0].main_service", "ZZZ", "no service 'ZZZ'", id="unknown main service"),
        pytest.param(SERVICES, "services[2].workflow", "ZZZ", "no workflow 'ZZZ'", id="unknown workflow"),
        pytest.param(
            SERVICES, "services[2].workflow", "AAA", "'AAA' has this workflow", id="shared workflow"
        ),
        pytest.param(A, "milestones[2].title", "avvio", "'avvio' already", id="milestone twice"),
        pytest.param(B, "milestones[0].title", "Avvio", f"{A} has", id="milestone of another workflow"),
        pytest.param(ONBOARDING, "milestones[0].title", "Avvio", f"{A} has", id="onboarding like another"),
        pytest.param(A, "milestones[1].title", "Fase 2", "digits", id="digit in a milestone"),
        pytest.param(A, "milestones[1].tasks[0].title", "Modulo A1", "digits", id="digit in a task"),
        pytest.param(A, "milestones[1].tasks[0].title", "Altri Task", "word task", id="the word task"),
        pytest.param(A, "milestones[1].depends_on[0]", "Consegna", "'Consegna'", id="depends on a later one"),
        pytest.param(A, "milestones[1].depends_on[0]", "Lavoro", "'Lavoro'", id="depends on itself"),
        pytest.param(A, "milestones[1].depends_on[0]", "Bozza", "'Bozza'", id="depends on another workflow"),
        pytest.param(A, "milestones", [milestone("Uno"), milestone("Due")], "not 2", id="two milestones"),
        pytest.param(
            A, "milestones", [milestone(f"Passo {x}") for x in "abcdefg"], "not 7", id="seven milestones"
        ),
        pytest.param(A, "milestones[1].tasks", [], "3 to 6 tasks, not 0", id="milestone without tasks"),
        pytest.param(
            A, "milestones[1].tasks", milestone("x")["tasks"] * 3, "not 9", id="milestone of nine tasks"
        ),
        pytest.param(
            ONBOARDING,
            "milestones",
            [milestone("Uno"), milestone("Due")],
            "one milestone",
            id="onboarding in two",
        ),
    ],
)
def test_what_does_not_fit_together_is_reported_with_its_place(tmp_path, file, key, value, words):
    (problem,) = problems_of(write(tmp_path, changed(file, key, value)))

    assert (problem.file, problem.key) == (file, key)
    assert words in problem.message


def test_a_service_code_written_twice_is_reported(tmp_path):
    files = changed(
        SERVICES, "services", [*CATALOG[SERVICES]["services"], {"code": "AAA", "name": "Altro", "price": 1}]
    )

    (problem,) = problems_of(write(tmp_path, files))

    assert (problem.file, problem.key) == (SERVICES, "services[3].code")
    assert "'AAA' already" in problem.message


def test_all_faults_of_all_files_are_reported_at_once(tmp_path):
    files = deepcopy(CATALOG)
    del files[SERVICES]["services"][0]["name"]
    files[SERVICES]["services"][1]["price"] = "molto"
    files[KITS]["kits"][0]["main_service"] = "ZZZ"
    files[KITS]["kits"][0]["lines"].append({"service": "YYY"})
    files[KITS]["kits"][1]["aliases"] = ["ku"]
    files[A]["milestones"][1]["depends_on"] = ["Altro"]
    files[A]["milestones"][2]["title"] = "Fase 2"
    files[B] = "code: [\n"

    problems = problems_of(write(tmp_path, files))

    assert {(problem.file, problem.key) for problem in problems} == {
        (SERVICES, "services[0].name"),
        (SERVICES, "services[1].price"),
        (KITS, "kits[0].main_service"),
        (KITS, "kits[0].lines[1].service"),
        (KITS, "kits[1].aliases[0]"),
        (A, "milestones[1].depends_on[0]"),
        (A, "milestones[2].title"),
        (B, "line 2, column 1"),
    }


def test_an_empty_folder_lacks_each_file(tmp_path):
    assert {problem.file for problem in problems_of(tmp_path)} == {SERVICES, KITS, ONBOARDING}


def test_what_names_an_unreadable_entry_is_not_blamed(tmp_path):
    files = changed(SERVICES, "services[0].price", "molto")

    (problem,) = problems_of(write(tmp_path, files))

    assert problem.key == "services[0].price"


def test_a_list_with_an_unreadable_entry_is_not_called_too_short(tmp_path):
    files = changed(A, "milestones[0].tasks[0].sla_days", "domani")

    (problem,) = problems_of(write(tmp_path, files))

    assert problem.key == "milestones[0].tasks[0].sla_days"


def test_the_message_has_a_line_for_each_fault(tmp_path):
    files = changed(KITS, "kits[0].main_service", "ZZZ")

    with pytest.raises(CatalogError) as caught:
        load_catalog(write(tmp_path, files))

    assert str(caught.value).splitlines() == [
        "The catalog has problems:",
        "kits.yaml: kits[0].main_service: There is no service 'ZZZ'.",
    ]
