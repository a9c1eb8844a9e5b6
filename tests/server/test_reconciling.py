"""The reconciliation report at the command line: what is printed, and with which code it ends."""

import json
import sys
from datetime import UTC, datetime

import pytest

from models import Company
from models.database import close_database, open_database
from server import commands
from server.reconciling import Ending, as_plain, ending_of, lines_of, total_of
from services.planning.reconciliation import Difference, Row
from services.reconciliation import CompanyReport
from services.vocabulary import EffectKind, Explanation, Verdict

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CRM_THAT_IS_NOT_THERE = {
    "CRM_BASE_URL": "http://127.0.0.1:9",
    "CRM_AUTH_MODE": "KEY",
    "CRM_API_KEY": "key",
    "CRM_INTAKE_SUB_TYPE_ID": "1",
    "CRM_SHADOW_SUB_TYPE_ID": "2",
    "CRM_ACTIVITY_TYPE": "7",
    "CRM_OPEN_STATE": "1",
    "CRM_COMPLETED_STATE": "2",
}


def row(crm_id, verdict, **rest):
    return Row(
        kind=EffectKind.ACTIVITY, crm_id=crm_id, reference="TCK-F40-5155-01:1", verdict=verdict, **rest
    )


MATCHED = row(1, Verdict.MATCHED)
EXPLAINED = row(2, Verdict.DIFFERENT, explanation=Explanation.UNDER_WAY)
WRONG = row(3, Verdict.DIFFERENT, differences=(Difference("due_on", "2026-12-04", "2026-12-11"),))
DOUBLE = row(4, Verdict.EXTRA, double_of=1)


def report(*rows, trouble=None):
    return CompanyReport(
        company_id="cmp_1", crm_id=408101, name="Brembate S.p.A.", read_at=NOW, rows=rows, trouble=trouble
    )


def test_only_what_does_not_match_has_a_line_and_says_why():
    heading, *lines = lines_of(report(MATCHED, EXPLAINED, WRONG, DOUBLE))

    assert heading == "Brembate S.p.A. (408101): 1 matched"
    assert [" ".join(line.split()) for line in lines] == [
        "DIFFERENT activity 2 TCK-F40-5155-01:1 under way",
        "DIFFERENT activity 3 TCK-F40-5155-01:1 due_on: ours 2026-12-04, theirs 2026-12-11; NOT EXPLAINED",
        "EXTRA activity 4 TCK-F40-5155-01:1 a duplicate of 1; NOT EXPLAINED",
    ]


def test_a_company_that_could_not_be_read_is_called_that_and_nothing_else():
    lines = [*lines_of(report(trouble="GET Activity/Search could not connect."))]

    assert lines == ["Brembate S.p.A. (408101): could not be read. GET Activity/Search could not connect."]


@pytest.mark.parametrize(
    ("reports", "ending"),
    [
        pytest.param([], Ending.EXPLAINED, id="no company"),
        pytest.param([report(MATCHED, EXPLAINED)], Ending.EXPLAINED, id="everything explained"),
        pytest.param([report(MATCHED), report(WRONG)], Ending.UNEXPLAINED, id="something wrong"),
        pytest.param([report(trouble="?"), report(WRONG)], Ending.NOT_READ, id="something not read"),
    ],
)
def test_the_code_says_how_it_ended(reports, ending):
    assert ending_of(reports) is ending


def test_the_total_counts_rows_by_verdict():
    assert total_of([report(MATCHED, EXPLAINED, WRONG), report(DOUBLE), report(trouble="?")]) == (
        "3 companies, 1 unread: 1 matched, 0 missing, 1 extra, 2 different; 2 not explained."
    )


def test_programs_get_the_same_as_json():
    reported = json.loads(json.dumps(as_plain(report(WRONG))))

    assert reported["name"] == "Brembate S.p.A."
    assert reported["rows"][0]["differences"] == [
        {"name": "due_on", "ours": "2026-12-04", "theirs": "2026-12-11"}
    ]
    assert reported["rows"][0]["unexplained"] is True


@pytest.fixture
def logged():
    """What each command printed on stderr."""
    return []


@pytest.fixture
def run(monkeypatch, database_url, capsys, logged):
    """`reconcile` over this test's own database, with no CRM at its address."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    for name, value in CRM_THAT_IS_NOT_THERE.items():
        monkeypatch.setenv(name, value)

    def run_command(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["python -m server", "reconcile", *words])
        with pytest.raises(SystemExit) as left:
            commands.main()
        captured = capsys.readouterr()
        logged.append(captured.err)
        return int(left.value.code or 0), captured.out

    return run_command


@pytest.fixture
async def a_company(database_url):
    await open_database(database_url)
    await Company.create(crm_id=408101, name="Brembate S.p.A.", refreshed_at=NOW)
    await close_database()


def test_without_companies_all_is_well(run):
    assert run() == (
        0,
        "0 companies, 0 unread: 0 matched, 0 missing, 0 extra, 0 different; 0 not explained.\n",
    )


def test_a_crm_that_does_not_answer_is_an_ending_of_its_own(run, a_company):
    code, reported = run("--company", "408101", "--json")

    assert code == 2
    assert "could not connect" in json.loads(reported)[0]["trouble"]


def test_the_report_stands_alone_beside_nothing_but_warnings(run, a_company, logged):
    code, reported = run("--company", "408101")

    assert (code, reported.splitlines()[0].split(":")[0]) == (2, "Brembate S.p.A. (408101)")
    assert "info" not in logged[0]


def test_an_unknown_company_is_a_mistake_at_the_keyboard(run):
    assert run("--company", "1") == (2, "")
